"""An expert's way from a broken boot.kxs to the jump, over forty steps, on every terminal."""

from __future__ import annotations

import re
import sys

import pytest
from screen import HERE, QUERIES, Screen

sys.path.insert(0, str(HERE.parent))

from expert_steps import PAGED, PAGER, look_for

TERMINALS = [
    ("xterm", (), 80, 24), ("linux", (), 200, 60), ("vt220", ("--serial",), 80, 24),
    ("vt100", ("--serial",), 40, 10), ("dumb", ("--serial",), 80, 24),
]  # fmt: skip
# What is typed, and what the screen then has to show (a regular expression).
LOOK = [
    ("why", r"did you mean LABEL=GENTOO\?"),
    ("disks", r"/dev/sda1 +700\.0 MiB"),
    ("mounts", "nothing is mounted"),
    ("findfs LABEL=GENTOO", "path=/dev/sda1"),
    ("say $name", "^GENTO0$"),
    ("retry", r"boot\.kxs:3:13"),
]
AT_WORK = [
    ("mounts", r"/mnt/1 +/dev/sda1"),
    ("say $image", "^/mnt/1$"),
    ("1 + 2", "^3$"),
    ('let kernel = "$image/isolinux/vmlinuz"', ""),
    ("say $kernel", "^/mnt/1/isolinux/vmlinuz$"),
    ("undo", r"as before: \$kernel"),
    ("say $kernel", r"error\[KX101\]"),
    ("mont LABEL=GENTOO", r"did you mean `mount`\?"),
    ("isolinux-entries $image/isolinux/isolinux.cfg", "menu of 2 entries"),
    ("load $image/isolinux/gentoo.igz", r"error\[KX800\]"),
    ("why", "what: format"),
    ('load $image/isolinux/vmlinuz --cmdline "root=/dev/ram0"', "memory +"),
    ("plan", r"kernel +/mnt/1/isolinux/vmlinuz"),
    ("exec --dry-run", "exec would start"),
]
EDITED = [
    ("plan", r"root=/dev/ram0 quiet"),
    ("undo", "unloaded /mnt/1/isolinux/vmlinuz"),
    ("plan", r"cmdline +root=/dev/ram0\n"),  # what was loaded before
    ("undo", "unloaded /mnt/1/isolinux/vmlinuz"),
    ("plan", "nothing is loaded yet"),
    ("undo --list", "boot.kxs"),
    ("lsblk -f", "running the program /usr/bin/lsblk"),
    ("undo", "cannot be undone: a program ran"),
    ("lspci", "lspci ended with status 3"),
    ("why", "what: io"),
    ("history", "lspci"),
    ("for n in [1, 2] { say row${n} }", "^row2$"),
    ("fn greet(whom) { say hello-$whom }", ""),
    ("greet world", "^hello-world$"),
    ("sh", "back in kxsh"),
    ("disks --menus", "menu isolinux"),
    ("load $image/isolinux/vmlinuz --cmdline quiet", "memory +"),
    ("save-script new.kxs", r"wrote /new\.kxs"),
    ('read LABEL="KXSH ESP":/new.kxs', "exec"),
    ("why --save", "wrote /kxsh/reports/report-"),
    ("retry", r"boot\.kxs:4:1"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("term", "options", "columns", "rows"), TERMINALS)
def test_from_a_broken_script_to_the_jump(
    term: str, options: tuple[str, ...], columns: int, rows: int
) -> None:
    arguments = ("--failed", *options)
    with Screen("prompt_program.py", *arguments, term=term, columns=columns, rows=rows) as screen:
        screen.wait_cursor("kxsh>")
        _play(screen, LOOK)
        screen.type("retry --edit\r")
        screen.wait(r"new \(Enter keeps it\): *$" if term == "dumb" else r"kxsh> let image = mount")
        screen.type("\x15let image = mount LABEL=GENTOO\r")
        screen.wait(r"boot\.kxs:4:1")
        _play(screen, AT_WORK)
        screen.type("edit\r")
        screen.wait("edit> *$" if term == "dumb" else r"(Esc back|F10)")
        screen.type("+ quiet\rload\r" if term == "dumb" else "\x05 quiet\x18")
        screen.wait("loaded; `exec` starts it")
        _play(screen, EDITED)
        screen.type("patient\r")
        screen.wait("waiting now")
        screen.type("\x03")
        screen.wait("stopped by Ctrl-C")
        screen.wait_cursor("kxsh>")
        _play(screen, [("why", "what: interrupted")])
        assert QUERIES.findall(screen.output) == []
        if options:
            assert screen.output.isascii()
        screen.type("retry --skip\r")  # the load was done by hand, so exec follows
        screen.wait("starting vmlinuz")
        assert screen.end() == 0
        assert "the machine went away: jump" in screen.everything


def _play(screen: Screen, steps: list[tuple[str, str]]) -> None:
    for typed, wanted in steps:
        screen.wait_cursor("kxsh>")
        before = len(screen.everything)
        screen.type(typed + "\r")
        # What shows nothing has at least been echoed before the next prompt is waited for.
        screen.wait_new(f"{wanted or re.escape(typed[:24])}|{PAGED}", before)
        screen.wait_cursor(f"kxsh>|{PAGER}")
        if PAGED in screen.text:
            look_for(screen, wanted, 20)
            screen.type("q")
            screen.wait_cursor("kxsh>")
