"""The script's own upkeep."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

_LOAD = "load /dev/sda1:/vmlinuz"

CODES: tuple[Code, ...] = (
    Code(
        "KX901",
        "error",
        "allow without a reason",
        "A comment `# kxs: allow CODE reason` lets a finding stand, on its line or on the one "
        "below. Without a reason nobody can tell later whether it was looked at or only "
        "silenced, nor when it may go.\n\n"
        "One sentence is enough.",
        bad=f"kxs 1\n{_LOAD}  # kxs: allow KX601\nexec\n",
        good=f"kxs 1\n{_LOAD}  # kxs: allow KX601 the lab machine has one disk\nexec\n",
    ),
    Code(
        "KX902",
        "warning",
        "allow that matches nothing",
        "The comment allows a finding that is not found there: the line was put right, the "
        "code is misspelt, or the comment stands on another line than what it is for. Left in "
        "place it would hide the mistake when it comes back.\n\n"
        "A code that needs --image or the like is not told while that is not given. Faults of "
        "syntax cannot be allowed, as such a script does not run.",
        bad=(
            "kxs 1\n# kxs: allow KX601 the lab machine has one disk\n"
            "load LABEL=BOOT:/vmlinuz\nexec\n"
        ),
        good="kxs 1\nload LABEL=BOOT:/vmlinuz\nexec\n",
        fix="safe",
    ),
    Code(
        "KX903",
        "error",
        "not UTF-8",
        "A script is UTF-8 text. Saved as UTF-16, which some Windows programs call Unicode, "
        "or in an old code page, it is something else to every program that reads it; a byte "
        "order mark and Windows line ends do no harm.\n\n"
        "In Notepad: Save as, Encoding: UTF-8.",
    ),
    Code(
        "KX904",
        "warning",
        "more findings than are shown",
        "After 500 findings in a file the check ends. A file with so many is mostly no kxs "
        "script at all, or one mistake that is repeated by whatever wrote it.\n\n"
        "Put the first ones right and check again.",
    ),
)
