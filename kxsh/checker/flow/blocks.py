"""Commands with a block: menus and their entries, `retry`."""

from __future__ import annotations

from kxsh.checker.flow.state import UNKNOWN, Path, merged
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.calls import Use
    from kxsh.checker.flow.walk import MenuEntry, Walk

# Tries of a `retry` that are followed.
_TRIES = 3


def run(walk: Walk, use: Use, block: ast.Block) -> list[Path]:
    """Return the paths that go on after a command with a block."""
    if use.command.name == "menu":
        return _menu(walk, use, block)
    if use.command.name == "entry":
        return _entry(walk, use, block)
    if use.command.name == "retry":
        return _retry(walk, use, block)
    walk.fail(use.path, use.node.span)
    return [use.path.copy(), *walk.block(block, [use.path])]


def _retry(walk: Walk, use: Use, block: ast.Block) -> list[Path]:
    """A block that is run again from wherever it failed."""
    after: list[Path] = []
    seen: list[Path] = []
    paths = [use.path]
    for _ in range(_TRIES):
        paths = [path for path in paths if not any(old.same(path) for old in seen)]
        if not paths:
            break
        seen += [path.copy() for path in paths]
        with walk.handling() as failed:
            after = merged(after + walk.block(block, paths))
        paths = failed.paths
        for path in paths:
            walk.fail(path, use.node.span)
    return after


def _menu(walk: Walk, use: Use, block: ast.Block) -> list[Path]:
    """The block collects entries; one of them runs then, from where the block ended."""
    from kxsh.checker.flow.walk import MenuBlock

    before, walk.menu = walk.menu, MenuBlock(walk.frame)
    loop, walk.loop = walk.loop, None
    ends = walk.block(block, [use.path])
    menu, walk.menu, walk.loop = walk.menu, before, loop
    after: list[Path] = []
    with walk.handling() as failed:
        entries = list(menu.entries.values())
        for entry in entries:
            after += _chosen(walk, entry, ends)
    fallback = _fallback(use, entries)
    if fallback is not None and failed.paths:
        starts = [path.copy() for path in failed.paths]
        for path in starts:
            path.blurred = True
        after += _run(walk, fallback, starts)
    for path in failed.paths:
        walk.fail(path, use.node.span, "an entry of @ fails")
    if menu.more or not entries:
        for path in ends:
            path.loaded = UNKNOWN
            path.blurred = True
        after += ends
    return merged(after)


def _chosen(walk: Walk, entry: MenuEntry, ends: list[Path]) -> list[Path]:
    """Run an entry with the variables of where it was added, after the menu's block."""
    starts = [path.copy() for path in entry.paths]
    loaded = ends[0].loaded if ends else UNKNOWN
    if any(path.loaded != loaded for path in ends):
        loaded = UNKNOWN
    for path in starts:
        path.loaded = loaded
        path.chose(entry.node.span, "@ is chosen")
    return _run(walk, entry, starts)


def _run(walk: Walk, entry: MenuEntry, starts: list[Path]) -> list[Path]:
    names, frame = walk.names, walk.frame
    loops, walk.loop = walk.loop, None
    walk.names, walk.frame = entry.names, entry.frame
    after = walk.block(entry.block, starts)
    walk.names, walk.frame, walk.loop = names, frame, loops
    return walk.left(after)


def _entry(walk: Walk, use: Use, block: ast.Block) -> list[Path]:
    """An entry is only noted in its menu; its block runs when it is chosen."""
    from kxsh.checker.flow.walk import MenuEntry

    if walk.menu is not None:
        found = walk.menu.entries.get(id(block))
        if found is None:
            found = MenuEntry(use.node, block, walk.names, walk.frame)
            walk.menu.entries[id(block)] = found
        found.paths = merged([*found.paths, use.path.copy()])
        return [use.path]
    # A function that adds to the menu of whoever calls it.
    walk.summary.adds_entries = True
    start = use.path.copy()
    start.loaded = UNKNOWN
    loop, walk.loop = walk.loop, None
    with walk.handling():
        walk.block(block, [start])
    walk.loop = loop
    return [use.path]


def _fallback(use: Use, entries: list[MenuEntry]) -> MenuEntry | None:
    given = use.first("fallback")
    node = given.node if given else None
    if not isinstance(node, ast.Literal):
        return None
    for entry in entries:
        first = entry.node.arguments[0].value if entry.node.arguments else None
        if isinstance(first, ast.Literal) and first.value == node.value:
            return entry
    return None
