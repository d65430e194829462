"""Kernel files looked into: kernel-info."""

from __future__ import annotations

from kxsh.commands.context import Context
from kxsh.commands.registry import command
from kxsh.errors import FormatFailure
from kxsh.signature import argument, flag
from kxsh.text import display
from kxsh.values import MAP, PATH


@command(
    "kernel-info",
    argument("file", PATH, "a kernel"),
    flag("facts", "return the facts as a map instead of showing them"),
    returns=MAP.or_null(),
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=(
        "kernel-info LABEL=GENTOO:/isolinux/gentoo",
        "if let about = kernel-info LABEL=GENTOO:/isolinux/gentoo --facts {\n"
        "  say ${about.version} ${about.method}\n}",
    ),
)
def kernel_info(context: Context, file: str, *, facts: bool) -> dict[str, object] | None:
    """Show what a kernel file is: version, boot protocol, and which way kexec can load it.

    The last lines are the root device, its flags, the video mode and the RAM disk word that
    are stored in the file itself, as rdev(8) showed them. `kximage kernel` sets them.
    """
    from kxsh.boot.report import make_report

    root, inner = context.machine.locate(file)
    found = root.stat(inner)
    if found is not None and found.kind != "file":
        raise FormatFailure(f"{file} is not a regular file")
    with root.open(inner) as stream:  # where it is missing this says so
        report = make_report(stream, found.size if found else 0)
    if facts:
        return report.as_map()
    for what, text in report.lines():
        context.console.say(display(f"{what:<12} {text}", 4000))
    return None
