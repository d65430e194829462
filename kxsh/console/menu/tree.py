"""A menu's choices as the rows of a list: headings, submenus that open, entries."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kxsh.commands.context import Choice
from kxsh.record import record

# Deeper submenus than this are shown at this depth.
_DEEPEST = 6
_DEVICES = "/dev/"


@record
class Row:
    """`kind` is heading, submenu or entry; `key` stays the same when the menu changes.

    `at` is an entry's place among the choices (else -1), `count` the entries that a submenu
    has, in it and below, `path` the submenus that it stands in.
    """

    kind: str
    key: str
    text: str
    depth: int = 0
    at: int = -1
    count: int = 0
    open: bool = False
    path: tuple[str, ...] = ()


def submenu_key(heading: str, path: Sequence[str]) -> str:
    """Return the key of the submenu at `path` below a heading."""
    return "\0".join(("submenu", heading, *path))


def keys_around(choice: Choice) -> list[str]:
    """Return the keys of the submenus that a choice stands in, outermost first."""
    path = choice.parents
    return [submenu_key(choice.heading, path[: depth + 1]) for depth in range(len(path))]


def submenu_numbers(choices: Sequence[Choice]) -> dict[str, int]:
    """Return the number of each submenu by its key, in the order of the menu; it does not
    depend on which are open."""
    numbers: dict[str, int] = {}
    for choice in choices:
        for key in keys_around(choice):
            numbers.setdefault(key, len(numbers) + 1)
    return numbers


def tree(choices: Sequence[Choice], opened: Collection[str]) -> list[Row]:
    """Return the rows that can be seen, with the submenus whose keys are in `opened` open."""
    counts: dict[str, int] = {}
    for choice in choices:
        for key in keys_around(choice):
            counts[key] = counts.get(key, 0) + 1
    rows: list[Row] = []
    seen: set[str] = set()
    heading = ""
    for at, choice in enumerate(choices):
        if choice.heading != heading:
            heading = choice.heading
            seen.clear()
            rows.append(Row("heading", f"heading\0{at}", heading))
        visible = True
        for depth, key in enumerate(keys_around(choice)):
            if visible and key not in seen:
                seen.add(key)
                path = choice.parents[:depth]
                rows.append(
                    Row(
                        "submenu",
                        key,
                        choice.parents[depth],
                        min(depth, _DEEPEST),
                        count=counts[key],
                        open=key in opened,
                        path=path,
                    )
                )
            visible = visible and key in opened
        if visible:
            depth = min(len(choice.parents), _DEEPEST)
            rows.append(Row("entry", choice.identity, choice.leaf, depth, at, path=choice.parents))
    return rows


def matching(choices: Sequence[Choice], text: str) -> list[Row]:
    """Return the entries in which every word of `text` stands somewhere: in the title, the
    submenus, the heading or the label; in any case. The ``/dev/`` of a disk's name is in
    each heading, so it says nothing."""
    words = [word.removeprefix(_DEVICES) for word in text.casefold().split()]
    words = [word for word in words if not (word[:1] == "/" and _DEVICES.startswith(word))]
    rows: list[Row] = []
    heading = ""
    for at, choice in enumerate(choices):
        label = choice.entry.id if choice.entry else choice.id
        disk = choice.heading.replace(_DEVICES, "")
        hay = "\n".join((choice.title, *choice.parents, disk, label)).casefold()
        if not all(word in hay for word in words):
            continue
        if choice.heading != heading:
            heading = choice.heading
            rows.append(Row("heading", f"heading\0{at}", heading))
        title = " > ".join((*choice.parents, choice.leaf))
        rows.append(Row("entry", choice.identity, title, 0, at, path=choice.parents))
    return rows
