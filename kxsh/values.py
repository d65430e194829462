"""The values and types of kxs: what a variable can hold, its fields, how it reads as a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kxsh.boot.cmdline import Cmdline
from kxsh.boot.entry import Entry, Menu
from kxsh.boot.installer import installer
from kxsh.boot.plan import Plan
from kxsh.boot.state import State
from kxsh.errors import Failure, NotFound, UsageError
from kxsh.machine.protocol import Device, Mount
from kxsh.source import Span
from kxsh.text import names_in_a_row, nearest
from kxsh.units import Duration, Size, parse_integer, parse_quantity

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any


class File:
    """A file or directory that was found: path as a script writes it, size in bytes."""

    __slots__ = ("kind", "path", "size")

    def __init__(self, path: str, size: int, kind: str) -> None:
        self.path = path
        self.size = size
        self.kind = kind

    def __str__(self) -> str:
        return self.path


class ErrorValue:
    """What `else as e` binds: a failure as data."""

    __slots__ = ("failure",)

    def __init__(self, failure: Failure) -> None:
        self.failure = failure

    def __str__(self) -> str:
        return self.failure.message


class Type:
    """A type by name; `item` for lists, `optional` where null is allowed too.

    `fault(text)` tells why a literal word cannot become this type.
    """

    __slots__ = ("item", "name", "optional")

    def __init__(self, name: str, *, optional: bool = False, item: Type | None = None) -> None:
        self.name = name
        self.optional = optional
        self.item = item

    def __str__(self) -> str:
        name = f"[{self.item}]" if self.item else self.name
        return name + "?" if self.optional else name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Type) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def or_null(self) -> Type:
        return Type(self.name, optional=True, item=self.item)

    def solid(self) -> Type:
        """Return the type without null."""
        return Type(self.name, item=self.item) if self.optional else self


ANY, NULL, NEVER = Type("any"), Type("null"), Type("never")
BOOL, INT, STR = Type("bool"), Type("int"), Type("str")
DURATION, SIZE = Type("duration"), Type("size")
LIST, MAP = Type("list"), Type("map")
DEVICE, MOUNT, FILE = Type("device"), Type("mount"), Type("file")
ENTRY, MENU, CMDLINE = Type("entry"), Type("menu"), Type("cmdline")
PLAN, STATE, ERROR = Type("plan"), Type("state"), Type("error")
# Parameter types only: words that are checked, but stay strings (a path, an address),
# or may be several things (a kernel: an entry, a plan or a path), or whatever reads as
# a word (text).
PATH, SPEC, URL, KERNEL = Type("path"), Type("spec"), Type("url"), Type("kernel")
TEXT = Type("text")

NAMED = {
    kind.name: kind
    for kind in (
        ANY, NULL, NEVER, BOOL, INT, STR, DURATION, SIZE, LIST, MAP, DEVICE, MOUNT,
        FILE, ENTRY, MENU, CMDLINE, PLAN, STATE, ERROR, PATH, URL,
    )
}  # fmt: skip

# type name -> field -> type. `Device` and its like have more; these are the language's.
FIELDS: dict[str, dict[str, Type]] = {
    "device": {
        "path": STR, "label": STR, "uuid": STR, "partuuid": STR, "partlabel": STR,
        "fstype": STR, "size": SIZE, "removable": BOOL, "disk": STR, "number": INT,
        "model": STR,
    },
    "mount": {"path": STR, "device": DEVICE, "fstype": STR, "writable": BOOL},
    "file": {"path": STR, "name": STR, "size": SIZE, "kind": STR},
    "entry": {
        "id": STR, "label": STR, "title": STR, "kernel": STR,
        "initrd": Type("list", item=STR), "cmdline": CMDLINE, "source": STR,
        "bootable": BOOL, "reason": STR, "default": BOOL, "hidden": BOOL,
        "protected": BOOL, "full_title": STR, "installer": STR,
    },
    "menu": {
        "default": ENTRY, "entries": Type("list", item=ENTRY),
        "timeout": DURATION.or_null(), "title": STR, "format": STR, "source": STR,
        "device": STR, "disk": STR, "place": STR, "in_charge": BOOL,
    },
    "plan": {"kernel": STR, "initrd": Type("list", item=STR), "cmdline": CMDLINE, "method": STR},
    "error": {
        "code": STR, "class": STR, "message": STR, "at": STR, "command": STR, "hint": STR,
    },
}  # fmt: skip


def type_of(value: object) -> Type:
    """Return the type of a value."""
    for python, kind in _PYTHON_TYPES:
        if isinstance(value, python):
            return kind
    return NULL if value is None else ANY


# bool before int, Size before int: Python's bool and Size are ints too.
_PYTHON_TYPES: tuple[tuple[type, Type], ...] = (
    (bool, BOOL),
    (Size, SIZE),
    (Duration, DURATION),
    (int, INT),
    (str, STR),
    (list, LIST),
    (dict, MAP),
    (Device, DEVICE),
    (Mount, MOUNT),
    (File, FILE),
    (Entry, ENTRY),
    (Menu, MENU),
    (Cmdline, CMDLINE),
    (Plan, PLAN),
    (State, STATE),
    (ErrorValue, ERROR),
)


def accepts(kind: Type, actual: Type) -> bool:
    """Tell whether a value of type `actual` may stand where `kind` is declared."""
    if kind.name == "any" or actual.name in ("any", "never"):
        return True
    if actual.name == "null":
        return kind.optional or kind.name == "null"
    if actual.optional and not kind.optional:
        return False
    if kind.name == "text":
        return actual.name not in _WORDLESS
    if kind.name in _ALSO:
        return actual.name in _ALSO[kind.name]
    if kind.item and actual.item and kind.name == actual.name == "list":
        return accepts(kind.item, actual.item)
    return kind.name == actual.name


def assignable(kind: Type, actual: Type) -> bool:
    """Tell whether a value of type `actual` is a `kind` as it stands: nothing converts."""
    if "any" in (kind.name, actual.name) or actual.name == "never":
        return True
    if actual.name == "null" or (actual.optional and not kind.optional):
        return actual.name == "null" and (kind.optional or kind.name == "null")
    if kind.item and actual.item and kind.name == actual.name == "list":
        return assignable(kind.item, actual.item)
    texts = ("str", "path", "url")
    return kind.name == actual.name or (kind.name in texts and actual.name in texts)


# Parameter types and the value types that convert to them.
_ALSO = {
    "path": ("str", "path", "file", "mount", "url"),
    "spec": ("str", "device", "mount"),
    "url": ("str", "url"),
    "str": ("str", "path", "url"),
    "kernel": ("str", "path", "file", "entry", "plan"),
    "cmdline": ("str", "cmdline"),
    "device": ("str", "device", "mount"),
    "mount": ("mount", "str", "path"),
    "duration": ("duration", "str"),
    "size": ("size", "str"),
    "int": ("int", "str"),
    "bool": ("bool", "str"),
}

# The tags by which a filesystem or partition is found.
TAGS = ("LABEL", "UUID", "PARTUUID", "PARTLABEL", "TYPE")


def split_spec(word: str) -> tuple[str, str] | None:
    """Return (tag, value) of ``LABEL=X`` and its like, else None."""
    tag, equals, value = word.partition("=")
    return (tag, value) if equals and tag in TAGS and value else None


def misspelt_tag(word: str) -> tuple[str, str] | None:
    """Return (``LABLE=``, ``LABEL=``) of a word that begins with nearly a tag, else None."""
    tag, equals, _ = word.partition("=")
    if not equals or tag in TAGS or not 3 < len(tag) < 12 or not tag.isalpha():
        return None
    near = nearest(tag, TAGS)
    return (f"{tag}=", f"{near}=") if near else None


def split_location(word: str) -> tuple[str, str] | None:
    """Return (device, path) of ``LABEL=X:/path`` and ``/dev/sda1:/path``, else None."""
    device, colon, path = word.partition(":/")
    if colon and (split_spec(device) or device.startswith("/dev/")):
        return device, "/" + path
    return None


def word_fault(kind: Type, word: str) -> str | None:
    """Return why the literal `word` cannot become `kind`, or None where it can."""
    name = kind.name
    if name == "int" and parse_integer(word) is None:
        return f"`{word}` is not a whole number"
    if name == "duration" and not isinstance(parse_quantity(word), Duration):
        units = f"{word}s, {word}m" if word.isdecimal() and len(word) < 6 else "500ms, 10s, 2m"
        return f"`{word}` is not a duration: write a unit, as in {units}"
    if name == "size" and not isinstance(parse_quantity(word), Size):
        return f"`{word}` is not a size: write a unit, as in 64MiB"
    if name == "bool" and word not in ("true", "false"):
        return f"`{word}` is neither true nor false"
    if name in ("device", "spec") and not (split_spec(word) or word.startswith("/")):
        return f"`{word}` names no device: write LABEL=..., UUID=..., or /dev/..."
    return None


def field(value: object, name: str, span: Span | None) -> object:
    """Return a record's field or a map's key; `UsageError` where there is none."""
    value = value.data if isinstance(value, State) else value
    if isinstance(value, dict):
        if name in value:
            return value[name]
        raise UsageError(f"the map has no key `{name}`", code="KX107", span=span)
    kind = type_of(value)
    known = FIELDS.get(kind.name, {})
    if name not in known:
        raise unknown_field(kind, name, span)
    special = _SPECIAL_FIELDS.get((kind.name, name))
    return special(value) if special else getattr(value, name)


def unknown_field(kind: Type, name: str, span: Span | None) -> UsageError:
    """Return the error for a field that a type does not have."""
    known = FIELDS.get(kind.name, {})
    near = nearest(name, known)
    fields = _NO_FIELDS.get(kind.name, f"its fields: {', '.join(known) or 'none'}")
    return UsageError(
        f"{_a(kind.name)} has no field `{name}`",
        code="KX107",
        span=span,
        hint=f"did you mean `{near}`?\n{fields}" if near else fields,
    )


_NO_FIELDS = {
    "list": "`$x == []` tells whether a list is empty; a `for` loop walks over it and can count",
    "map": 'a map\'s values: `$x["key"]`',
}


def _a(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def _entry_cmdline(entry: Entry) -> Cmdline:
    return Cmdline.parse(entry.handover or entry.cmdline)


def _menu_default(menu: Menu) -> Entry:
    entry = menu.default_entry
    if entry is None:
        raise NotFound(
            f"{menu.source} names no default entry",
            hint=f"its entries: {names_in_a_row([entry.id for entry in menu.entries])}",
        )
    return entry


_SPECIAL_FIELDS: dict[tuple[str, str], Callable[[Any], object]] = {
    ("device", "size"): lambda device: Size(device.size),
    ("file", "size"): lambda file: Size(file.size),
    ("file", "name"): lambda file: file.path.rstrip("/").rpartition("/")[2],
    ("entry", "label"): lambda entry: entry.id,
    ("entry", "initrd"): lambda entry: list(entry.initrds),
    ("entry", "cmdline"): _entry_cmdline,
    ("entry", "bootable"): lambda entry: not entry.not_bootable,
    ("entry", "installer"): installer,
    ("entry", "reason"): lambda entry: entry.not_bootable,
    ("entry", "full_title"): lambda entry: " > ".join((*entry.parents, entry.title)),
    ("menu", "default"): _menu_default,
    ("menu", "disk"): lambda menu: menu.facts.get("disk", ""),
    ("menu", "place"): lambda menu: menu.facts.get("place", menu.source),
    ("menu", "entries"): lambda menu: list(menu.entries),
    ("menu", "timeout"): lambda menu: None if menu.timeout is None else Duration(menu.timeout),
    ("plan", "kernel"): lambda plan: plan.image.kernel,
    ("plan", "initrd"): lambda plan: list(plan.image.initrds),
    ("plan", "cmdline"): lambda plan: Cmdline.parse(plan.image.cmdline),
    ("plan", "method"): lambda plan: plan.image.method,
    ("error", "code"): lambda error: error.failure.code,
    ("error", "class"): lambda error: error.failure.kind,
    ("error", "message"): lambda error: error.failure.message,
    ("error", "at"): lambda error: str(error.failure.span or ""),
    ("error", "command"): lambda error: error.failure.command,
    ("error", "hint"): lambda error: error.failure.hint,
}


def as_word(value: object, span: Span | None = None) -> str:
    """Return a value as text inside a word; null, lists and maps have none."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    error = wordless(type_of(value), span)
    if error:
        raise error
    return str(value)


_WORDLESS = ("list", "map", "menu", "plan", "state")


# Why `$esp` is null.
NO_ESP = "no loader started this: rehearse with `kxsh --dry-run --image IMAGE SCRIPT`"


def variable_at(span: Span | None) -> str:
    """Return the name of the variable that stands at a place, alone."""
    text = span.text if span else ""
    name = text[2:-1] if text.startswith("${") else text[1:]
    known = text[:1] == "$" and name.isidentifier() and name not in ("null", "true", "false")
    return name if known and len(name) < 30 else ""


def wordless(kind: Type, span: Span | None) -> UsageError | None:
    """Return the error for a value inside a word where its type has no text, or None."""
    if kind.name == "null" or kind.optional:
        verb = "is" if kind.name == "null" else "may be"
        name = variable_at(span) or "x"
        hint = (
            f"handle it first: `if let {name} = ${name} {{ ... }}`, or give a default: "
            f'`${{{name} ?? "none"}}`'
        )
        return UsageError(
            f"this value {verb} null, and a word cannot hold null",
            code="KX105",
            span=span,
            hint=NO_ESP if name == "esp" else hint,
        )
    if kind.name in _WORDLESS:
        return UsageError(
            f"a word cannot hold {_a(kind.name)}",
            code="KX106",
            span=span,
            hint="spread a list with `...$list`, or take one item with `${list[0]}`",
        )
    return None


def items(value: object, span: Span | None) -> Iterator[tuple[object, object]]:
    """Yield what `for` walks over: (index, item) of a list, (key, value) of a map."""
    if isinstance(value, Menu):
        yield from enumerate(value.entries)
    elif isinstance(value, list):
        yield from enumerate(list(value))
    elif isinstance(value, dict | State):
        data = value.data if isinstance(value, State) else value
        yield from list(data.items())
    else:
        raise not_walkable(type_of(value), span)


def not_walkable(kind: Type, span: Span | None) -> UsageError:
    """Return the error for a `for` over what has no items."""
    return UsageError(
        f"`for` walks over a list, a map, a menu or a state, not {kind}",
        code="KX105" if kind.name == "null" or kind.optional else "KX106",
        span=span,
    )


def copied(value: object) -> object:
    """Return a value of its own: lists and maps never have two names."""
    if isinstance(value, list):
        return [copied(item) for item in value]
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return value
