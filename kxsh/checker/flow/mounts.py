"""Mounts: used when they are closed, closed twice, one over the other, written to.

KX304, KX305, KX306, KX312.
"""

from __future__ import annotations

from kxsh.checker.flow import lent, opened
from kxsh.checker.flow.evidence import Spot
from kxsh.checker.flow.state import ANYTHING, Closing, Path, Resource, Value, quoted
from kxsh.checker.report import Report
from kxsh.errors import Related
from kxsh.source import Span
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.calls import Given, Use
    from kxsh.checker.flow.walk import Walk

# Types of results that name files where the arguments lie.
_PLACED = frozenset(("entry", "menu", "file", "plan", "list"))
# Programs that write to what they are given: all of it, or the last.
_WRITE_ALL = frozenset("touch mkdir rmdir rm unlink tee truncate chmod chown mkfifo".split())
_WRITE_LAST = frozenset("cp mv ln install rsync".split())


def look(walk: Walk, use: Use) -> None:
    """Look at what a command works on."""
    opened.look(walk, use)
    effects = use.command.effects
    if "closes" in effects:
        _close(walk, use)
    elif {"reads", "loads", "writes"} & set(effects):
        for name, items in use.given.items():
            kind = use.called.bound[name].parameter.type.name
            if kind in ("path", "kernel"):
                for item in items:
                    _must_be_open(walk, use.path, item)
    if use.command.name == "run":
        _program(walk, use)


def result(walk: Walk, use: Use) -> Value:
    """Return a command's result; what it mounts belongs to the block around."""
    opened.need(use)
    if "mounts" in use.command.effects:
        return _mount(walk, use)
    if use.command.signature.returns.name in _PLACED:
        places = frozenset(place for item in use.every() for place in item.value.touches)
        return Value(places=places) if places else ANYTHING
    return Value(state=True) if use.command.signature.returns.name == "state" else ANYTHING


def literal(item: Given | None) -> str | None:
    """Return an argument that is written as it stands."""
    value = item.node.value if item is not None and isinstance(item.node, ast.Literal) else None
    return value if isinstance(value, str) else None


# -- mounting


def _mount(walk: Walk, use: Use) -> Value:
    path, where = use.path, use.first("directory")
    directory = literal(where)
    if where is not None and directory is None:
        # Nobody knows where: it may be where another one was.
        path.closed = {item: how for item, how in path.closed.items() if item.directory is None}
        return ANYTHING
    directory = directory.rstrip("/") if directory else None
    if directory is not None:
        _must_be_free(walk, use, directory)
    resource = walk.program.resource(
        (id(use.node), 0), use.node, directory, writable=use.has("rw"), kept=use.has("keep")
    )
    path.own(walk.owner, resource)
    return Value(mounts=frozenset((resource,)))


def _must_be_free(walk: Walk, use: Use, directory: str) -> None:
    """Two mounts on one directory: the second hides the first (KX306)."""
    where = use.first("directory")
    assert where is not None
    there = next((item for _, item in use.path.owned if item.directory == directory), None)
    if there is None:
        walk.evidence.passed("KX306", where.node.span, use.path)
    else:
        walk.evidence.hit("KX306", where.node.span, use.path, _tell_hidden, (there, use.node))


def _tell_hidden(report: Report, spot: Spot) -> None:
    assert spot.hit is not None
    there, node = spot.hit.what
    again = there.made is node
    report.add(
        "KX306",
        f"{quoted(spot.span)} is mounted on already{spot.when}",
        spot.span,
        "leave the directory out: each mount then gets one of its own",
        label="by the turn of the loop before" if again else "this hides the other one",
        related=[] if again else [Related(there.made.span, "mounted here")],
    )


# -- using


def _must_be_open(walk: Walk, path: Path, item: Given) -> None:
    """A file is read: the mount that it lies on must be there (KX304)."""
    touched = item.value.touches
    gone = [closed for closed in touched if closed in path.closed]
    if not touched:
        gone = _closed_at(path, item.node)
        if not gone:
            return
    elif len(gone) < len(touched):
        walk.evidence.passed("KX304", item.node.span, path)
        return
    first = gone[0]
    walk.evidence.hit("KX304", item.node.span, path, _tell_closed, (first, path.closed[first]))


def _closed_at(path: Path, node: ast.Expression) -> list[Resource]:
    """Return the closed mount on whose directory a written path lies."""
    head: object = node.value if isinstance(node, ast.Literal) else None
    if isinstance(node, ast.Text):
        head = node.parts[0]
    if not isinstance(head, str):
        return []
    return [
        item
        for item in path.closed
        if item.directory and (head == item.directory or head.startswith(item.directory + "/"))
    ]


def _tell_closed(report: Report, spot: Spot) -> None:
    assert spot.hit is not None
    resource, closing = spot.hit.what
    report.add(
        "KX304",
        f"{quoted(spot.span)} is used after its mount was closed",
        spot.span,
        _cure(closing),
        label=f"not mounted any more{spot.when}",
        related=[_closed_here(resource, closing)],
    )


def _closed_here(resource: Resource, closing: Closing) -> Related:
    span = closing.span or resource.made.span
    if closing.how == "umount":
        return Related(span, "unmounted here")
    if closing.how == "jump":
        return Related(span, "closes all mounts before it jumps, and has failed here")
    if closing.how == "function":
        return Related(span, "mounted here, until the function returns")
    return Related(Span(span.source, span.end - 1, span.end), "the end of its block closes it")


def _cure(closing: Closing) -> str:
    if closing.how == "umount":
        return "use it first, or leave `umount` to the end of the block"
    if closing.how == "jump":
        return "mount it again"
    if closing.how == "function":
        return "return the mount itself, so that it moves to the caller"
    return "mount it in the block where it is used, or with `--keep`"


# -- closing


def _close(walk: Walk, use: Use) -> None:
    """`umount` closes early; what is closed already cannot be closed again (KX305)."""
    item = use.first("mount")
    if item is None:
        return
    path, directory = use.path, (literal(item) or "").rstrip("/")
    resource = None
    if directory:
        found = [there for _, there in path.owned if there.directory == directory]
        found = found or [there for there in path.closed if there.directory == directory]
        resource = found[0] if len(found) == 1 else None
    else:
        resource = lent.mount_of(walk, path, use.node, item.node, item.value)
    if resource is not None:
        close(walk, use.node, resource, Closing("umount", use.node.span), path)


def close(walk: Walk, node: ast.Call, resource: Resource, closing: Closing, path: Path) -> None:
    """Close a mount by a call: `umount`, or a function that has one (KX305)."""
    sure = closing.sure and not (walk.handled or node.optional)
    if resource not in path.closed:
        walk.evidence.passed("KX305", node.span, path)
        path.close(resource, Closing(closing.how, closing.span, sure))
    elif sure:
        what = (resource, path.closed[resource])
        walk.evidence.hit("KX305", node.span, path, _tell_twice, what)


def _tell_twice(report: Report, spot: Spot) -> None:
    assert spot.hit is not None
    resource, closing = spot.hit.what
    report.add(
        "KX305",
        "this is unmounted already",
        spot.span,
        "remove one of the two; the end of a block unmounts what it has mounted",
        label=f"not mounted any more{spot.when}",
        related=[_closed_here(resource, closing)],
    )


# -- writing


def _program(walk: Walk, use: Use) -> None:
    """A program that writes to a mount that is read-only (KX312)."""
    name = (literal(use.first("program")) or "").rpartition("/")[2]
    words = use.given.get("arguments", [])
    targets = words if name in _WRITE_ALL else words[-1:] if name in _WRITE_LAST else []
    if walk.program.remounts:
        return
    for item in targets:
        touched = item.value.touches
        if not touched:
            continue
        if any(there.writable or there in use.path.closed for there in touched):
            walk.evidence.passed("KX312", item.node.span, use.path)
        else:
            what = next(iter(touched))
            walk.evidence.hit("KX312", item.node.span, use.path, _tell_read_only, what)


def _tell_read_only(report: Report, spot: Spot) -> None:
    assert spot.hit is not None
    resource = spot.hit.what
    report.add(
        "KX312",
        "this writes to a filesystem that is mounted read-only",
        spot.span,
        "mount it with `--rw`",
        related=[Related(resource.made.span, "mounted here, read-only")],
    )
