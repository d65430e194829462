"""Expressions: nodes to values."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh import operators
from kxsh.boot.state import State
from kxsh.errors import NotFound
from kxsh.interpreter.scope import Scope
from kxsh.source import Span
from kxsh.syntax import ast
from kxsh.text import display
from kxsh.usage import bad_index, fixed_field, null_object
from kxsh.values import as_word, field, type_of

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from kxsh.interpreter.interpreter import Interpreter


def evaluate(interpreter: Interpreter, node: ast.Expression, scope: Scope) -> object:
    """Return the value of an expression."""
    return _EVALUATE[type(node)](interpreter, node, scope)


def _literal(interpreter: Interpreter, node: ast.Literal, scope: Scope) -> object:
    return node.value


def _text(interpreter: Interpreter, node: ast.Text, scope: Scope) -> str:
    text = "".join(
        part if isinstance(part, str) else as_word(interpreter.value(part, scope), part.span)
        for part in node.parts
    )
    if len(text) > operators.LONGEST:
        raise operators.too_large(node.span)
    return text


def _variable(interpreter: Interpreter, node: ast.Variable, scope: Scope) -> object:
    return scope.holder(node.name, node.span).variables[node.name]


def _field(interpreter: Interpreter, node: ast.Field, scope: Scope) -> object:
    return field(_solid(interpreter, node.object, scope), node.name, node.span)


def _index(interpreter: Interpreter, node: ast.Index, scope: Scope) -> object:
    container = _solid(interpreter, node.object, scope)
    return item_of(container, interpreter.value(node.key, scope), node.span)


def _solid(interpreter: Interpreter, node: ast.Expression, scope: Scope) -> object:
    """Evaluate what must not be null."""
    value = interpreter.value(node, scope)
    if value is None:
        raise null_object(node.span)
    return value


def item_of(container: object, key: object, span: Span) -> object:
    """Return ``container[key]``; `NotFound` where it has none."""
    container = container.data if isinstance(container, State) else container
    if isinstance(container, list) and isinstance(key, int) and not isinstance(key, bool):
        if 0 <= key < len(container):
            return container[key]
        raise NotFound(f"the list has {len(container)} items, so none at {key}", span=span)
    if isinstance(container, dict) and isinstance(key, str):
        if key in container:
            return container[key]
        known = ", ".join(container) or "none"
        raise NotFound(f"the map has no key {display(key)}", span=span, hint=f"its keys: {known}")
    raise bad_index(type_of(container), type_of(key), span)


def _unary(interpreter: Interpreter, node: ast.Unary, scope: Scope) -> object:
    value = interpreter.value(node.operand, scope)
    if node.operator == "not":
        return not operators.condition(value, node.operand.span)
    return operators.sign(node.operator, value, node.span)


def _binary(interpreter: Interpreter, node: ast.Binary, scope: Scope) -> object:
    left = interpreter.value(node.left, scope)
    if node.operator == "??":
        return interpreter.value(node.right, scope) if left is None else left
    if node.operator in ("and", "or"):
        if operators.condition(left, node.left.span) == (node.operator == "or"):
            return left
        return operators.condition(interpreter.value(node.right, scope), node.right.span)
    return operators.binary(node.operator, left, interpreter.value(node.right, scope), node.span)


def _list(interpreter: Interpreter, node: ast.ListLiteral, scope: Scope) -> list[object]:
    return [interpreter.value(item, scope) for item in node.items]


def _map(interpreter: Interpreter, node: ast.MapLiteral, scope: Scope) -> dict[str, object]:
    return {key: interpreter.value(value, scope) for key, value in node.pairs}


def _call(interpreter: Interpreter, node: ast.Call, scope: Scope) -> object:
    return interpreter.value(node, scope)


def matches(value: object, patterns: Sequence[ast.Literal]) -> bool:
    """Tell whether a value equals one of an arm's constants."""
    return any(operators.binary("==", value, item.value, item.span) is True for item in patterns)


def step_into(
    interpreter: Interpreter,
    target: object,
    step: str | ast.Expression,
    scope: Scope,
    span: Span,
) -> object:
    """Follow one step of a `set` path."""
    if isinstance(step, str):
        return field(target, step, span)
    return item_of(target, interpreter.value(step, scope), span)


def store(
    interpreter: Interpreter,
    target: object,
    step: str | ast.Expression,
    value: object,
    scope: Scope,
    span: Span,
) -> None:
    """Put a value where the last step of a `set` path leads: a map's key, a list's place."""
    key = step if isinstance(step, str) else interpreter.value(step, scope)
    target = target.data if isinstance(target, State) else target
    if isinstance(target, dict) and isinstance(key, str):
        target[key] = value
    elif isinstance(target, list):
        item_of(target, key, span)
        target[key] = value  # type: ignore[call-overload]
    else:
        raise fixed_field(type_of(target), span)


_EVALUATE: dict[type, Callable[..., object]] = {
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
}
