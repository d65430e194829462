"""Values: what an expression can be on a path, and how it forks the path."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.checker.flow import calls, conditions, early, nulls
from kxsh.checker.flow.state import ANYTHING, NULL, Path, Value, constant, either
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.walk import Walk

    Ways = list[tuple[Path, Value]]

# Forks that one statement may have; more are dropped, which only misses something.
_WAYS = 16
_ITEMS = ("items", None)
# Fields that lead to a file on the mount that a record is or came from.
_PLACES = frozenset(("path", "kernel", "initrd", "source", "default", "entries"))


def evaluate(walk: Walk, node: ast.Value, path: Path) -> Ways:
    """Return the paths that go on after an expression, each with the value there."""
    return _EVALUATE[type(node)](walk, node, path)


def evaluate_all(
    walk: Walk, nodes: Sequence[ast.Value], path: Path
) -> list[tuple[Path, list[Value]]]:
    """Evaluate one after another."""
    ways: list[tuple[Path, list[Value]]] = [(path, [])]
    for node in nodes:
        if isinstance(node, ast.Literal):
            for _, values in ways:
                values.append(constant(node.value))
            continue
        found: list[tuple[Path, list[Value]]] = []
        for way, values in ways:
            found += [(after, [*values, value]) for after, value in evaluate(walk, node, way)]
        ways = found[:_WAYS]
    return ways


def with_part(whole: Value, part: Value) -> Value:
    """Return what is known of a map or list after a part of it was set."""
    return Value(
        whole.known if whole.known == _ITEMS else None,
        False,
        whole.mounts | part.mounts,
        whole.places | part.places,
        whole.state,
    )


def _literal(walk: Walk, node: ast.Literal, path: Path) -> Ways:
    return [(path, constant(node.value))]


def _text(walk: Walk, node: ast.Text, path: Path) -> Ways:
    parts = [part for part in node.parts if not isinstance(part, str)]
    found: Ways = []
    for way, values in evaluate_all(walk, parts, path):
        for part, value in zip(parts, values, strict=True):
            nulls.must_not_be(walk, part, value, way)
        found.append((way, _on(values)))
    return found


def _on(values: Sequence[Value]) -> Value:
    """Return the value of a text that holds others."""
    places = frozenset(item for value in values for item in value.touches)
    return Value(places=places) if places else ANYTHING


def _variable(walk: Walk, node: ast.Variable, path: Path) -> Ways:
    slot = walk.names.find(node.name)
    early.look(walk, node, slot, path)
    return [(path, path.value(slot))]


def _field(walk: Walk, node: ast.Field, path: Path) -> Ways:
    found: Ways = []
    for way, value in evaluate(walk, node.object, path):
        nulls.must_not_be(walk, node.object, value, way)
        places = value.touches if node.name in _PLACES else frozenset()
        if node.name == "default":
            walk.fail(way, node.span)
        found.append((way, Value(places=places) if places else ANYTHING))
    return found


def _index(walk: Walk, node: ast.Index, path: Path) -> Ways:
    found: Ways = []
    for way, values in evaluate_all(walk, [node.object, node.key], path):
        nulls.must_not_be(walk, node.object, values[0], way)
        walk.fail(way, node.span)
        held = values[0]
        found.append((way, Value(mounts=held.mounts, places=held.places)))
    return found


def _unary(walk: Walk, node: ast.Unary, path: Path) -> Ways:
    found: Ways = []
    for way, value in evaluate(walk, node.operand, path):
        known = value.known
        flips = node.operator == "not" and known is not None and known[0] == "bool"
        found.append((way, constant(not known[1]) if flips and known else ANYTHING))
    return found


def _binary(walk: Walk, node: ast.Binary, path: Path) -> Ways:
    found: Ways = []
    if node.operator in ("==", "!=") and any(_is_null(side) for side in (node.left, node.right)):
        holds, fails = conditions.split(walk, node, [path])
        return [(way, constant(True)) for way in holds] + [(way, constant(False)) for way in fails]
    for way, (left, right) in evaluate_all(walk, [node.left, node.right], path):
        if node.operator == "??":
            found.append((way, _default(left, right)))
        elif node.operator == "+":
            items = _ITEMS if _ITEMS in (left.known, right.known) else None
            value = Value(
                items, mounts=left.mounts | right.mounts, places=left.places | right.places
            )
            found.append((way, value))
        else:
            found.append((way, ANYTHING))
    return found


def _is_null(node: ast.Value) -> bool:
    return isinstance(node, ast.Literal) and node.value is None


def _default(left: Value, right: Value) -> Value:
    if left == NULL:
        return right
    if left.known is not None:
        return left
    solid = Value(mounts=left.mounts, places=left.places, state=left.state)
    return either(solid, right)


def _list(walk: Walk, node: ast.ListLiteral, path: Path) -> Ways:
    return [(way, _holding(values)) for way, values in evaluate_all(walk, node.items, path)]


def _map(walk: Walk, node: ast.MapLiteral, path: Path) -> Ways:
    parts = [value for _, value in node.pairs]
    return [(way, _holding(values)) for way, values in evaluate_all(walk, parts, path)]


def _holding(values: Sequence[Value]) -> Value:
    mounts = frozenset(item for value in values for item in value.mounts)
    places = frozenset(item for value in values for item in value.places)
    return Value(_ITEMS if values else None, mounts=mounts, places=places)


def _call(walk: Walk, node: ast.Call, path: Path) -> Ways:
    return calls.call(walk, node, path, None)


def _handled(walk: Walk, node: ast.Handled, path: Path) -> Ways:
    return handle(walk, lambda way: evaluate(walk, node.value, way), node.handlers, path)


def handle(
    walk: Walk,
    work: Callable[[Path], Ways],
    handlers: Sequence[ast.BlockHandler | ast.CallHandler],
    path: Path,
) -> Ways:
    """Do the work; what fails in it goes on in the handlers, from left to right."""
    if not handlers:
        return work(path)
    with walk.handling() as failed:
        found = work(path)
    for place, handler in enumerate(handlers):
        last = place == len(handlers) - 1
        if last:
            return found + _handler(walk, handler, failed.paths)
        with walk.handling() as again:
            found += _handler(walk, handler, failed.paths)
        failed = again
    return found


def _handler(walk: Walk, handler: ast.BlockHandler | ast.CallHandler, paths: list[Path]) -> Ways:
    if isinstance(handler, ast.CallHandler):
        return [found for path in paths for found in calls.call(walk, handler.call, path, None)]
    names = [handler.name] if handler.name else []
    after = walk.block(handler.body, paths, names, [ANYTHING] * len(names))
    return [(path, NULL) for path in after]


_EVALUATE: dict[type, Callable[..., Ways]] = {
    ast.Literal: _literal,
    ast.Text: _text,
    ast.Variable: _variable,
    ast.Field: _field,
    ast.Index: _index,
    ast.Unary: _unary,
    ast.Binary: _binary,
    ast.ListLiteral: _list,
    ast.MapLiteral: _map,
    ast.Call: _call,
    ast.Handled: _handled,
}
