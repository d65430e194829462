"""Conditions: which paths go on where one holds, and which where it does not."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.checker.flow import expressions
from kxsh.checker.flow.state import ANYTHING, NULL, VAGUE, Path, Slot, Value, constant
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.walk import Walk

    Split = tuple[list[Path], list[Path]]

_NULL = ("null", None)


def split(walk: Walk, test: ast.Condition, paths: Sequence[Path]) -> Split:
    """Return the paths on which a condition holds, and those on which it does not."""
    holds: list[Path] = []
    fails: list[Path] = []
    for path in paths:
        if isinstance(test, ast.LetCondition):
            yes, no = _binding(walk, test, path)
        else:
            yes, no = _split(walk, test, path)
        holds += yes
        fails += no
    return holds, fails


def _binding(walk: Walk, test: ast.LetCondition, path: Path) -> Split:
    """`if let`: holds where the value is not null."""
    holds: list[Path] = []
    fails: list[Path] = []
    for way, value in expressions.evaluate(walk, test.value, path):
        if value == NULL:
            fails.append(way)
            continue
        if value.known is None:
            doubt(walk, test.value, way)
            missed = way.copy().chose(test.value.span, "@ finds nothing")
            take_null(walk, test.value, missed, True)
            fails.append(missed)
            way.chose(test.value.span, "@ finds something")
            take_null(walk, test.value, way, False)
        solid = Value(value.known, False, value.mounts, value.places, value.state)
        walk.make(test, test.name, test.name_span, (way,), solid)
        holds.append(way)
    return holds, fails


def _split(walk: Walk, test: ast.Value, path: Path) -> Split:
    if isinstance(test, ast.Unary) and test.operator == "not":
        yes, no = _split(walk, test.operand, path)
        return no, yes
    if isinstance(test, ast.Binary) and test.operator in ("and", "or"):
        return _both(walk, test, path)
    if isinstance(test, ast.Binary) and test.operator in ("==", "!="):
        yes, no = _compared(walk, test, path)
        return (no, yes) if test.operator == "!=" else (yes, no)
    holds: list[Path] = []
    fails: list[Path] = []
    for way, value in expressions.evaluate(walk, test, path):
        if value.known is not None and value.known[0] == "bool":
            (holds if value.known[1] else fails).append(way)
        else:
            yes, no = _fork(walk, test, way)
            holds += yes
            fails += no
    return holds, fails


def _both(walk: Walk, test: ast.Binary, path: Path) -> Split:
    yes, no = _split(walk, test.left, path)
    if test.operator == "and":
        holds, fails = split(walk, test.right, yes)
        return holds, no + fails
    holds, fails = split(walk, test.right, no)
    return yes + holds, fails


def _fork(walk: Walk, test: ast.Value, path: Path) -> Split:
    """Go both ways, unless this was decided before."""
    text = test.span.text
    decided = path.assumed.get(text)
    if decided is not None:
        return ([path], []) if decided else ([], [path])
    doubt(walk, test, path)
    other = path.copy()
    if isinstance(test, ast.Variable):
        slot = walk.names.find(test.name)
        if slot is not None and walk.program.tested["$" + test.name] > 1:
            path.learn(slot, constant(True))
            other.learn(slot, constant(False))
    elif walk.program.tested[text] > 1:
        path.assumed = {**path.assumed, text: True}
        other.assumed = {**other.assumed, text: False}
    path.chose(test.span, "@ is true")
    other.chose(test.span, "@ is false")
    return [path], [other]


def walked(walk: Walk, node: ast.Value, value: Value, path: Path) -> Split:
    """Return the paths on which `for` runs a turn, and those on which it runs none. Two
    loops over the same words agree."""
    if value.known == ("items", None):
        return [path], []
    key = f"for {node.span.text}"
    decided = path.assumed.get(key)
    if decided is not None:
        return ([path], []) if decided else ([], [path])
    none = path.copy()
    if walk.program.tested[key] > 1:
        path.assumed = {**path.assumed, key: True}
        none.assumed = {**none.assumed, key: False}
    return [path], [none.chose(node.span, "@ has nothing to walk over")]


def _compared(walk: Walk, test: ast.Binary, path: Path) -> Split:
    holds: list[Path] = []
    fails: list[Path] = []
    for way, (left, right) in expressions.evaluate_all(walk, [test.left, test.right], path):
        same = _equal(left, right)
        if same is not None:
            (holds if same else fails).append(way)
            continue
        doubt(walk, test.left, way)
        doubt(walk, test.right, way)
        other = way.copy()
        positive = test.operator == "=="
        way.chose(test.span, f"@ is {'true' if positive else 'false'}")
        other.chose(test.span, f"@ is {'false' if positive else 'true'}")
        for node, constant_ in ((test.left, right), (test.right, left)):
            if constant_ == NULL:
                take_null(walk, node, way, True)
                take_null(walk, node, other, False)
            elif constant_.known is not None and constant_.known not in VAGUE:
                _take(walk, node, way, constant_)
        holds.append(way)
        fails.append(other)
    return holds, fails


def _equal(left: Value, right: Value) -> bool | None:
    """Tell whether two values are equal, where that is known."""
    if NULL in (left, right):
        other = (right if left == NULL else left).outline
        return None if other.known is None else other.known == NULL.known
    if left.known is None or right.known is None or left.known in VAGUE or right.known in VAGUE:
        return None
    return left.known == right.known


def equal(value: Value, pattern: object) -> bool | None:
    return _equal(value, constant(pattern)) if constant(pattern) != ANYTHING else None


def covers_all(node: ast.Match) -> bool:
    """Tell whether the arms of a `match` are for true and false both."""
    values = [pattern.value for arm in node.arms for pattern in arm.patterns or ()]
    return any(value is True for value in values) and any(value is False for value in values)


def doubt(walk: Walk, node: ast.Value, path: Path) -> None:
    """Blur a path that forks by a value that whoever gave it may know: then nobody can say
    that both ways are taken."""
    slot = _slot(walk, node)
    if slot is not None and (slot.given or slot.depth <= walk.outside):
        path.blurred = True


# -- what a path learns


def take_equal(walk: Walk, node: ast.Value, patterns: Sequence[ast.Literal], path: Path) -> None:
    """Let a path know that a variable is the one constant of a pattern."""
    if len(patterns) == 1 and patterns[0].value is None:
        take_null(walk, node, path, True)
    elif len(patterns) == 1:
        _take(walk, node, path, constant(patterns[0].value))


def take_null(walk: Walk, node: ast.Value, path: Path, is_null: bool) -> None:
    """Let a path know that a variable is null, or that it is not."""
    slot = _slot(walk, node)
    if slot is None:
        return
    if is_null:
        path.learn(slot, NULL)
        return
    value = path.value(slot)
    if value.nullable:
        path.learn(slot, Value(value.known, False, value.mounts, value.places, value.state))


def _take(walk: Walk, node: ast.Value, path: Path, value: Value) -> None:
    slot = _slot(walk, node)
    if slot is not None and walk.program.tested["$" + slot.name] > 1:
        path.learn(slot, value)


def _slot(walk: Walk, node: ast.Value) -> Slot | None:
    return walk.names.find(node.name) if isinstance(node, ast.Variable) else None
