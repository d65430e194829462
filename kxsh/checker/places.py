"""Paths: how they are written, and what the script can know of where they lead."""

from __future__ import annotations

import re

from kxsh.checker.constants import Esp, Mounted, Text, place_of
from kxsh.checker.types import infer
from kxsh.errors import Edit, Fix
from kxsh.source import Span
from kxsh.syntax import ast
from kxsh.text import display
from kxsh.usage import grub_name
from kxsh.values import split_location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.arguments import Argument, Call

# Folders that the loader's own root has: a path there is meant as it stands.
_OWN = frozenset("bin dev etc init lib lib64 mnt proc root run sbin sys tmp usr var".split())
_FORBIDDEN = re.compile(r'[:"*<>?|\x00-\x1f]')
_GRUB = re.compile(r"\((hd\d+)(?:,(?:msdos|gpt)?(\d+))?\)(/.*)?$")


def check_path(call: Call, argument: Argument) -> None:
    """Check a path as it is written: KX501, KX504, KX505, KX506, KX510, KX604, KX607."""
    value = argument.value
    if not isinstance(value, Text) or not value.parts:
        return
    from kxsh.checker.devices import check_tag

    written = value.sketch("x")
    if "://" in written or check_tag(call, argument) or check_grub(call, argument, value):
        return
    # "$m\tools\new" holds a tab and a line end: in a path they were backslashes.
    escaped = "\\" in value.span.text and ("\t" in written or "\n" in written)
    if "\\" in written or escaped:
        _backslash(call, argument, value)
        return
    if call.command != "glob" and argument.parameter.name != "module":  # arguments follow it
        if "*" in written:
            _star(call, argument, value)
        _forbidden(call, value)
    if _below_device(call, argument):
        return
    first = value.parts[0]
    if not isinstance(first, str):
        return
    if first.startswith("/"):
        _below_no_mount(call, argument, value)
    elif not (split_location(first + "/") or split_location(written)):
        _relative(call, argument, value, first)


def check_grub(call: Call, argument: Argument, value: Text) -> bool:
    """Report GRUB's way to name a partition."""
    written = value.sketch("x")
    if not _GRUB.match(written):
        return False
    told = argument.parameter.type.name in ("device", "spec")
    if not (told and isinstance(argument.node, ast.Literal)):  # the types' check has told it
        call.walker.report.add_error(grub_name(written, value.span))
    return True


def _below_device(call: Call, argument: Argument) -> bool:
    """Report `$esp/file`: a device's name is no folder, and nothing is below it."""
    node = argument.node
    if not isinstance(node, ast.Text) or len(node.parts) < 2:
        return False
    first, second = node.parts[:2]
    if not isinstance(first, ast.Variable | ast.Field) or not isinstance(second, str):
        return False
    if not second.startswith("/") or infer(call.walker, first, call.scope).name != "device":
        return False
    written = first.span.text if isinstance(first, ast.Variable) else f"${{{first.span.text}}}"
    end = argument.span.start + argument.span.text.find(second, len(first.span.text))
    colon = Edit(Span(argument.span.source, end, end), ":")
    call.walker.report.add(
        "KX506",
        f"`{written}` is a device: its files are not below its name",
        argument.span,
        f"mount it: `let m = mount {written}`, then `$m{display(second, 30)}`; or write a `:`"
        f" before the path, `{written}:{display(second, 30)}`",
        severity="error",
        fix=Fix("write a `:` before the path", (colon,)) if second in argument.span.text else None,
    )
    return True


def _backslash(call: Call, argument: Argument, value: Text) -> None:
    text = value.span.text
    mended = text.replace("\\\\", "/") if text.startswith('"') else text
    call.walker.report.add(
        "KX501",
        "folders are separated by `/`, also on FAT",
        value.span,
        f"write `{display(mended.replace(chr(92), '/'))}`",
        fix=Fix("write `/`", (Edit(value.span, mended.replace("\\", "/")),)),
    )


def _star(call: Call, argument: Argument, value: Text) -> None:
    text = value.span.text
    quoted = text if text.startswith('"') else f'"{text}"' if '"' not in text else ""
    fix = None
    help = f"`glob {quoted or text}` gives a list of the paths that match"
    if call.command == "exists":
        help = f"whether one matches: `(glob {quoted or text}) != []`"
    elif quoted and "'" not in text and value.span == argument.span:
        fix = Fix("take the first match", (Edit(value.span, f"${{(glob {quoted})[0]}}"),))
    call.walker.report.add(
        "KX510",
        "`*` is not expanded: this is a file whose name has a `*`",
        value.place("*"),
        help,
        fix=fix,
    )


def _forbidden(call: Call, value: Text) -> None:
    """Names that FAT cannot hold, on what is surely FAT."""
    place = place_of(value)
    if place is None or not is_fat(call, place[0], value):
        return
    for name in place[1].split("/"):
        found = _FORBIDDEN.search(name)
        last = name[-1:] if name not in (".", "..") else ""
        if found and found.group() != "*":
            what = f"`{display(found.group())}`"
        elif last in (".", " ") and last:
            what = "a dot at its end" if last == "." else "a blank at its end"
        else:
            continue
        call.walker.report.add(
            "KX504", f"no name on a FAT filesystem has {what}", value.place(name)
        )
        return


def is_fat(call: Call, device: object, value: Text) -> bool:
    """Tell whether a device surely holds FAT: the ESP, or what was mounted as that."""
    first = value.parts[0]
    if isinstance(device, Esp):
        return True
    return isinstance(first, Mounted) and first.fstype in ("vfat", "msdos")


def _relative(call: Call, argument: Argument, value: Text, first: str) -> None:
    name = first.partition("/")[0]
    if call.scope.find(name) is not None:
        help = f"did you mean `${name}`?"
    else:
        help = "a path begins with a mount (`$image/...`), a device (`LABEL=X:/...`) or `/`"
    shown = display(first, 40)
    call.walker.report.add(
        "KX505", f"`{shown}` is no full path, and a script has no current folder", value.span, help
    )


def _below_no_mount(call: Call, argument: Argument, value: Text) -> None:
    """An absolute path, though the script mounts nothing there."""
    path = value.sketch("x")
    around = call.walker.around
    folder = path.split("/")[1]
    if folder in _OWN or not folder or call.walker.prompt or around.imports:
        return
    if argument.parameter.name == "directory" or "run" in around.calls:
        return
    if around.may_be_mounted(path):
        return
    call.walker.report.add(
        "KX506",
        f"/{display(folder)} is in the loader's own memory: nothing is mounted there",
        value.span,
        "write `$image/...` with `let image = mount ...`, or `LABEL=X:/...`",
    )
