"""Calls: what a command's declared effects and a function's summary do to a path."""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.checker.flow import blocks, entering, expressions, kernel, mounts, nulls, opened
from kxsh.checker.flow.leaving import stays
from kxsh.checker.flow.state import ANYTHING, NULL, Path, Value
from kxsh.checker.resolved import Called
from kxsh.commands.registry import Command
from kxsh.record import record
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.expressions import Ways
    from kxsh.checker.flow.walk import Walk

# Types of parameters whose words may name a device that is not there.
_SEARCHED = frozenset(("device", "path", "kernel"))


@record
class Given:
    """One argument: its node and what is known of it on this path."""

    node: ast.Expression
    value: Value


@record
class Use:
    """One call of a command on one path; `given` are the arguments by parameter."""

    node: ast.Call
    command: Command
    called: Called
    given: Mapping[str, list[Given]]
    path: Path

    def has(self, name: str) -> bool:
        return name in self.called.bound

    def first(self, name: str) -> Given | None:
        found = self.given.get(name)
        return found[0] if found else None

    def every(self) -> list[Given]:
        return [item for items in self.given.values() for item in items]


def call(walk: Walk, node: ast.Call, path: Path, block: ast.Block | None) -> Ways:
    """Return the paths that go on after a call, each with its result."""
    called = walk.resolved.of(node)
    arguments = [item.value for item in node.arguments if item.value is not None]
    found: Ways = []
    for way, values in expressions.evaluate_all(walk, arguments, path):
        walk.program.spend(1)
        if called is None:
            found += _unknown(walk, node, way, block)
            continue
        given = _given(called, arguments, values)
        nulls.look(walk, called, given, way)
        if called.command is not None:
            found += _command(walk, Use(node, called.command, called, given, way), block)
        elif called.function is not None:
            found += entering.enter(walk, node, called, called.function.node, given, way)
    return found


def _given(
    called: Called, nodes: list[ast.Expression], values: list[Value]
) -> dict[str, list[Given]]:
    known = {id(node): value for node, value in zip(nodes, values, strict=True)}
    given: dict[str, list[Given]] = {}
    for name, bound in called.bound.items():
        for item in bound.items:
            node = getattr(item.value, "node", None)
            if node is not None:
                given.setdefault(name, []).append(Given(node, known.get(id(node), ANYTHING)))
    return given


def _unknown(walk: Walk, node: ast.Call, path: Path, block: ast.Block | None) -> Ways:
    """A call of what nobody knows: it may have loaded, closed or set anything."""
    kernel.anything_loaded(path)
    opened.any_use(walk.program)
    path.closed, path.unsaved = {}, {}
    path.blurred = True
    walk.fail(path, node.span)
    ends = walk.block(block, [path.copy()]) if block is not None else []
    return [(way, ANYTHING) for way in [path, *ends]]


# -- commands


def can_fail(command: Command) -> bool:
    """Tell whether a command can fail, or a word that it is given."""
    parameters = command.signature.parameters
    return bool(command.raises) or any(item.type.name in _SEARCHED for item in parameters)


def _command(walk: Walk, use: Use, block: ast.Block | None) -> Ways:
    node, command, path = use.node, use.command, use.path
    effects = command.effects
    if block is not None:
        return [(way, NULL) for way in blocks.run(walk, use, block)]
    mounts.look(walk, use)
    if "needs-loaded" in effects:
        kernel.must_be_loaded(walk, use)
    missed = path.copy() if node.optional else None
    if command.signature.returns.name == "never" and not stays(node):
        return _never(walk, use)
    if can_fail(command):
        walk.fail(path, node.span)
    if "writes" in effects:
        path.unsaved = {}
    if "loads" in effects:
        kernel.load(walk, use)
    elif command.name == "plan" and not use.has("kernel"):
        kernel.used(walk, path)
    value = mounts.result(walk, use)
    found: Ways = [(path, value)]
    if missed is None:
        return found
    if not {"loads", "mounts", "opens", "closes"} & set(effects):
        return [(path, Value(value.known, True, value.mounts, value.places, value.state))]
    return [*found, (missed.chose(node.span, "@ finds nothing"), NULL)]


def _never(walk: Walk, use: Use) -> Ways:
    """A command that does not come back: it ends the script, or fails."""
    walk.summary.ends = True
    path, effects = use.path, use.command.effects
    if "loads" in effects:
        kernel.load(walk, use)
    if "never-returns" in effects:
        kernel.jump(walk, use)
    if can_fail(use.command):
        failed = path.copy()
        if "needs-loaded" in effects:
            failed.close_all(use.node.span)
        walk.fail(failed, use.node.span)
    return []
