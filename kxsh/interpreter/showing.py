"""Values as the prompt shows them; what a word of a script holds is `kxsh.values.as_word`."""

from __future__ import annotations

from kxsh.boot.entry import Entry, Menu
from kxsh.boot.plan import Plan
from kxsh.boot.state import State
from kxsh.values import FIELDS, as_word, field, type_of

# A longer list or map is shown with an item on each line.
_ONE_LINE = 72


def show(value: object) -> str:
    """Return a value as the prompt shows it: strings quoted, records with their fields, each
    item of a long list or map on a line of its own."""
    text = _shown(value)
    if len(text) <= _ONE_LINE or not isinstance(value, list | dict):
        return text
    return "[" + ",\n ".join(_items(value)) + "]"


def _shown(value: object) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if value is None:
        return "null"
    if isinstance(value, list | dict):
        return f"[{', '.join(_items(value))}]" if value or isinstance(value, list) else "[:]"
    kind = type_of(value)
    if kind.name in FIELDS and kind.name not in ("menu", "plan", "entry"):
        named = ((name, field(value, name, None)) for name in FIELDS[kind.name])
        shown = (f"{name}={_plain(item)}" for name, item in named if item not in ("", 0, False))
        return f"{kind.name} {' '.join(shown)}"
    if isinstance(value, Entry):
        return f"entry {value.id}: {value.title}"
    if isinstance(value, Menu):
        return f"menu of {len(value.entries)} entries from {value.source}"
    if isinstance(value, Plan):
        return value.describe()
    if isinstance(value, State):
        return f"state {value.name} {_shown(value.data)}"
    return as_word(value)


def _items(value: list[object] | dict[str, object]) -> list[str]:
    if isinstance(value, list):
        return [_shown(item) for item in value]
    return [f"{_key(key)}: {_shown(item)}" for key, item in value.items()]


def _key(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else _shown(name)


def _plain(value: object) -> str:
    if isinstance(value, str):
        return _shown(value) if " " in value else value
    return as_word(value)
