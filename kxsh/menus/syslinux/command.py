"""The command line that a label stands for, byte for byte as the loader builds it.

SYSLINUX joins what KERNEL says, APPEND and `` initrd=`` of the INITRD directive, cuts
off the first word as the kernel and hands over ``BOOT_IMAGE=<kernel> <the rest>``.
The first ``initrd=`` anywhere in that line names the files that are loaded. (Behaviour
of com32/elflink/ldlinux: readconfig.c record(), execute.c, kernel.c; checked against
the real loader by tests/boot/test_isolinux_oracle.py.)
"""

from __future__ import annotations

from kxsh.menus import limits
from kxsh.menus.syslinux import lexer
from kxsh.menus.syslinux.tree import Label
from kxsh.record import record


@record
class Command:
    """What is started: a kernel or program, and its arguments.

    `append` are the arguments without what the INITRD directive adds.
    """

    kernel: str
    arguments: str
    append: str

    @property
    def handover(self) -> str:
        return f"BOOT_IMAGE={self.kernel} {self.arguments}"

    @property
    def initrds(self) -> list[str]:
        """Names after the first ``initrd=``, as written."""
        line = self.handover
        start = line.find("initrd=")
        if start < 0:
            return []
        names = lexer.cut(line[start + len("initrd=") :])[0]
        return [name for name in names.split(",") if name][: limits.INITRDS]

    def with_options(self, options: str) -> Command:
        """Return the command as typed with options after the label."""
        if not options:
            return self
        return Command(self.kernel, _joined(self.arguments, options), _joined(self.append, options))


def of_label(label: Label) -> Command:
    """Return the command of a label."""
    append = label.append or ""
    if append == "-":
        append = ""
    line = label.kernel + (" " + append if append else "")
    kernel, plain = lexer.cut(line)
    initrd = f" initrd={label.initrd}" if label.initrd else ""
    return Command(kernel, lexer.cut(line + initrd)[1], plain)


def of_words(text: str) -> Command:
    """Return the command of a line that names a file, not a label."""
    kernel, rest = lexer.cut(text)
    return Command(kernel, rest, rest)


def _joined(before: str, after: str) -> str:
    return f"{before} {after}" if before else after
