"""Values that can be told before the script runs: constants, and what stands for a device.

A value is a Python constant, a `Text`, or one of the things below; `UNKNOWN` is
everything else. Only what a `let` made and no `set` changes is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kxsh.commands import COMMANDS
from kxsh.errors import UsageError
from kxsh.record import record
from kxsh.signature import Item, bind
from kxsh.source import Span
from kxsh.syntax import ast
from kxsh.values import split_location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.scope import Scope
    from kxsh.checker.walk import Walker


# What is longer, in characters or in pieces, is taken for unknown.
_LONGEST = 65536
_MOST_PARTS = 256


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


@record
class Named:
    """The device of a specification: ``LABEL=X``, ``/dev/sda1``."""

    spec: str


@record
class Esp:
    """The partition that the loader was started from."""


@record
class DiskOf:
    """The whole disk that a device lies on."""

    device: object


@record
class Part:
    """A disk's partition by its number."""

    disk: object
    number: int


@record
class Found:
    """A device that a search over all disks met: nobody knows which."""


@record
class Mounted:
    """A mount; `where` is the directory where it is written, None for a fresh one."""

    device: object
    where: str | None = None
    writable: bool = False
    fstype: str = ""


@record
class MenuOf:
    """What a loader's configuration says: `file` is its path, `reader` the module of
    `kxsh.menus` that reads it."""

    file: object
    reader: str = "syslinux"


@record
class EntryOf:
    """One entry of a menu: by its label, the default, or (`any`) one after another."""

    menu: object
    label: str | None = None
    any: bool = False


Device = Named | Esp | DiskOf | Part | Found


class Text:
    """A string: constant pieces, and things or `UNKNOWN` between them.

    `span` is where the script writes it. Neighbouring constants are one piece.
    """

    __slots__ = ("parts", "span")

    def __init__(self, parts: tuple[object, ...], span: Span) -> None:
        self.parts = parts
        self.span = span

    @property
    def constant(self) -> str | None:
        """The whole string where all of it is constant."""
        if not self.parts:
            return ""
        only = self.parts[0] if len(self.parts) == 1 else None
        return only if isinstance(only, str) else None

    def sketch(self, unknown: str) -> str:
        """Return the string with `unknown` for each part that is not constant."""
        return "".join(part if isinstance(part, str) else unknown for part in self.parts)

    def place(self, words: str, *, last: bool = False) -> Span:
        """Return where `words` stand in the script, or the whole where that is not plain:
        they are not there to the letter, or several times and not the `last` is meant."""
        text = self.span.text
        if words and text.count(words) == 1:
            return self._part(text.index(words), len(words))
        whole = self._whole_words(words) if words else []
        if len(whole) == 1 or (whole and last):
            return self._part(whole[-1], len(words))
        return self.span

    def removal(self, word: str) -> Span | None:
        """Return the place of a word and the blank beside it; None where it is not plain."""
        text, found = self.span.text, self._whole_words(word)
        if len(found) != 1:
            return None
        start, end = found[0], found[0] + len(word)
        if text[end : end + 1] == " ":
            end += 1
        elif text[start - 1 : start] == " ":
            start -= 1
        elif start == 0:  # without quotes nothing would be left
            return None
        return self._part(start, end - start)

    def _whole_words(self, word: str) -> list[int]:
        """Return where a word of a command line stands: blanks or quotes around it."""
        pattern = rf"(?<![^\s\"']){re.escape(word)}(?![^\s\"'])"
        return [found.start() for found in re.finditer(pattern, self.span.text)]

    def _part(self, start: int, length: int) -> Span:
        begin = self.span.start + start
        return Span(self.span.source, begin, begin + length)


def evaluate(walker: Walker, node: object, scope: Scope) -> object:
    """Return what is known of an expression's value."""
    kind = type(node)
    if kind is ast.Literal:
        assert isinstance(node, ast.Literal)
        value = node.value
        return Text((value,), node.span) if isinstance(value, str) else value
    if isinstance(node, ast.Text):
        return _text(walker, node, scope)
    if isinstance(node, ast.Variable):
        found = scope.find(node.name)
        if found is None:
            return UNKNOWN
        return Esp() if found.span is None and node.name == "esp" else found.value
    if isinstance(node, ast.Field):
        return _field(evaluate(walker, node.object, scope), node)
    if isinstance(node, ast.Call):
        return _call(walker, node, scope)
    if isinstance(node, ast.Handled):
        from kxsh.checker.flow import handler_leaves

        if all(handler_leaves(handler, scope) for handler in node.handlers):
            return evaluate(walker, node.value, scope)
    return UNKNOWN


def each(value: object) -> object:
    """Return what is known of the items that `for` finds in a value."""
    if isinstance(value, MenuOf):
        return EntryOf(value, any=True)
    return Found() if value is _DEVICES else UNKNOWN


def constant(value: object) -> str | None:
    """Return a value as a constant string, or None."""
    return value.constant if isinstance(value, Text) else None


def device_of(value: object) -> object:
    """Return the device that a value names where a device is asked for."""
    if isinstance(value, Mounted):
        return value.device
    spec = constant(value)
    if spec is not None:
        return Named(spec)
    return value if isinstance(value, Device) else UNKNOWN


def place_of(value: object) -> tuple[object, str] | None:
    """Return (device, path on it) of a file that a value names, where both are known.

    The device is None for a plain absolute path.
    """
    if isinstance(value, Mounted):
        return value.device, "/"
    if not isinstance(value, Text) or not value.parts:
        return None
    first, rest = value.parts[0], value.parts[1:]
    if not all(isinstance(part, str) for part in rest):
        return None
    tail = "".join(str(part) for part in rest)
    if isinstance(first, Mounted):
        return (first.device, tail) if tail.startswith("/") else None
    if isinstance(first, Device):
        return (first, tail[1:]) if tail.startswith(":/") else None
    if not isinstance(first, str):
        return None
    located = split_location(first + tail)
    if located is not None:
        return Named(located[0]), located[1]
    return (None, first + tail) if first.startswith("/") else None


def _text(walker: Walker, node: ast.Text, scope: Scope) -> object:
    parts: list[object] = []
    length = 0
    for part in node.parts:
        value: object = part if isinstance(part, str) else evaluate(walker, part, scope)
        inner = value.parts if isinstance(value, Text) else (_plain(value),)
        for piece in inner:
            length += len(piece) if isinstance(piece, str) else 1
            if isinstance(piece, str) and parts and isinstance(parts[-1], str):
                parts[-1] += piece
            else:
                parts.append(piece)
        # Each variable may hold the one before it twice.
        if length > _LONGEST or len(parts) > _MOST_PARTS:
            return UNKNOWN
    return Text(tuple(parts), node.span)


def _plain(value: object) -> object:
    """Return a constant as it reads in a word; other values stay what they are."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if type(value) is int else value


def _field(value: object, node: ast.Field) -> object:
    if isinstance(value, Device) and node.name == "disk":
        return DiskOf(value)
    if isinstance(value, Mounted) and node.name == "device":
        return value.device
    if isinstance(value, MenuOf) and node.name == "default":
        return EntryOf(value)
    return UNKNOWN


_DEVICES = object()


class _Arguments:
    """A call's arguments by parameter, evaluated when they are asked for."""

    def __init__(self, walker: Walker, node: ast.Call, scope: Scope) -> None:
        items = [Item(item.kind, item.name, item.value, item.span) for item in node.arguments]
        self._bound = bind(COMMANDS[node.name].signature, items, node.span)
        self._walker = walker
        self._scope = scope

    def has(self, name: str) -> bool:
        return name in self._bound

    def value(self, name: str) -> object:
        """Return an argument's value; UNKNOWN where it is absent too."""
        given = self._bound.get(name)
        node = given.items[0].value if given else None
        return evaluate(self._walker, node, self._scope) if node is not None else UNKNOWN


def _call(walker: Walker, node: ast.Call, scope: Scope) -> object:
    make = _CALLS.get(node.name)
    spread = any(item.kind == "spread" for item in node.arguments)
    if make is None or spread or scope.function_named(node.name) is not None:
        return UNKNOWN
    try:
        return make(_Arguments(walker, node, scope))
    except UsageError:  # it is told where the call is checked
        return UNKNOWN


def _findfs(given: _Arguments) -> object:
    return UNKNOWN if given.has("disk") else device_of(given.value("spec"))


def _part(given: _Arguments) -> object:
    disk, number = device_of(given.value("disk")), given.value("number")
    text = constant(number)
    if text is not None and text.isdecimal() and len(text) < 5:
        number = int(text)
    return Part(disk, number) if isinstance(disk, Device) and type(number) is int else UNKNOWN


def _mount(given: _Arguments) -> object:
    where, fstype = constant(given.value("directory")), constant(given.value("type"))
    return Mounted(device_of(given.value("device")), where, given.has("rw"), fstype or "")


def _menu(reader: str, file: str) -> Callable[[_Arguments], object]:
    return lambda given: MenuOf(given.value(file), reader)


def _entry(reader: str, file: str, label: str) -> Callable[[_Arguments], object]:
    def entry(given: _Arguments) -> object:
        menu = MenuOf(given.value(file), reader)
        if not given.has(label):
            return EntryOf(menu)
        wanted = constant(given.value(label))
        return EntryOf(menu, wanted) if wanted is not None else UNKNOWN

    return entry


def _devices(given: _Arguments) -> object:
    return _DEVICES


_CALLS: dict[str, Callable[[_Arguments], object]] = {
    "findfs": _findfs,
    "wait": _findfs,
    "part": _part,
    "mount": _mount,
    "isolinux-entries": _menu("syslinux", "file"),
    "isolinux-entry": _entry("syslinux", "file", "label"),
    "grub-entries": _menu("grub2", "file"),
    "grub-entry": _entry("grub2", "file", "id"),
    "bls-entries": _menu("bls", "place"),
    "bls-entry": _entry("bls", "place", "id"),
    "devices": _devices,
}
