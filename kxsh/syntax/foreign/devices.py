"""Devices as GRUB names them: `(hd0,1)/vmlinuz`, `($root)/vmlinuz`."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix, ParseError
from kxsh.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_DEVICE = re.compile(r"\((hd|fd|cd|md|lvm/)[\w-]*(?:,([a-z]*)(\d+))*\)(/[^\s\"';]*)?")
_LEGACY = re.compile(r"[ \t]*(?:root|rootnoverify|kernel|setup|map|find|uuid)[ \t]")
_SET_ROOT = re.compile(r"[ \t]*(set[ \t]+root=)")
_VARIABLE = re.compile(r"\((\$\{?)?(\w*)\}?(?:,[^)\n]*)?\)(/[^\s\"';]*)?")


def find(place: Place) -> ParseError | None:
    """Return the error for a GRUB device that the fault stands in or beside."""
    start = place.text.rfind("(", place.seam, place.offset + 1)
    if start < 0:
        return None
    found = _DEVICE.match(place.text, start)
    if found and found.start() <= place.offset <= found.end():
        number = _counted(place, start, found.group(3))
        part = f"part ${{esp.disk}} {number}" if number else "${esp.disk}"
        path = found.group(4)
        hint = f"on the disk of this script that is `{part}`"
        if found.group(1) == "hd" and not found.group().startswith("(hd0"):
            hint = "only the first disk is known, `${esp.disk}`: name this one by `LABEL=X`"
        elif number and path:
            hint = f"`let p = {part}`, then `$p:{path}` is that file"
        return ParseError(
            f"`{found.group().removesuffix(path or '')}` is GRUB's name of a device",
            code="KX607",
            span=place.span(found.start(), found.end()),
            hint=hint,
            fix=_root(place, found, part) if number and not path else None,
        )
    return None


def _counted(place: Place, start: int, number: str | None) -> str | None:
    """Return a partition's number as Linux counts: GRUB Legacy begins with 0."""
    line = place.text.rfind("\n", 0, start) + 1
    legacy = number == "0" or _LEGACY.match(place.text, line)
    return str(int(number) + 1) if number and len(number) < 5 and legacy else number


def _root(place: Place, found: re.Match[str], part: str) -> Fix | None:
    """`set root=(hd0,1)`: what GRUB calls root is mounted."""
    line = place.text.rfind("\n", 0, found.start()) + 1
    before = _SET_ROOT.fullmatch(place.text, line, found.start())
    if before is None or not found.group().startswith("(hd0"):
        return None
    written = f"let root = mount ({part})"
    edit = Edit(place.span(before.start(1), found.end()), written)
    return Fix(f"write `{written}`", (edit,), safe=False)


def glued_error(path: Span) -> ParseError | None:
    """Return the error for `($root)/file`, whose second part stands at `path`."""
    source = path.source
    found = _VARIABLE.match(source.text, max(0, source.text.rfind("(", 0, path.start)))
    if found is None or not found.start() < path.start <= found.end():
        return None
    sign, name, file = found.groups()
    hint = f"a mount is a directory: `${name}{file}`;"
    hint += f" of a device that is not mounted: `${name}:{file}`"
    if not sign and name:
        hint = (
            f"a file in an image: `let {name} = mount (loop-open FILE)`, then `${name}{file}`;"
            " `load --iso FILE` tells the system in it where it is"
        )
    elif not sign:
        hint = f"a file belongs to a filesystem: `LABEL=X:{file}`"
    return ParseError(
        f"`{found.group()}` is GRUB's way to name a file on a device",
        code="KX607",
        span=Span(source, found.start(), found.end()),
        hint=hint,
    )
