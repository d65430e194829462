"""What type an expression has, and what is wrong inside it."""

from __future__ import annotations

from collections.abc import Callable

from kxsh import operators
from kxsh.checker.flow.leaving import handler_leaves
from kxsh.checker.scope import Scope
from kxsh.errors import Edit, Fix, Related
from kxsh.source import Span
from kxsh.syntax import ast
from kxsh.usage import bad_index, null_object, unknown_variable
from kxsh.values import (
    ANY,
    BOOL,
    ERROR,
    FIELDS,
    INT,
    LIST,
    MAP,
    NAMED,
    NEVER,
    NULL,
    STR,
    Type,
    type_of,
    unknown_field,
    wordless,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.walk import Walker


def infer(walker: Walker, node: ast.Value, scope: Scope) -> Type:
    """Return the type of a value; `any` where nothing is known."""
    return _INFER[type(node)](walker, node, scope)


def joined(left: Type, right: Type) -> Type:
    """Return the type of what is one or the other."""
    if left == right or right.name == "never":
        return left
    if left.name == "never":
        return right
    if left.name == "null":
        return right if right.name == "any" else right.or_null()
    if right.name == "null":
        return left if left.name == "any" else left.or_null()
    if left.solid() == right.solid():
        return left.or_null()
    if left.name == right.name == "list" and not (left.optional or right.optional):
        return LIST
    return ANY


def solid_of(walker: Walker, node: ast.Expression, scope: Scope) -> Type:
    """Return the type of what must not be null here, without null."""
    kind = infer(walker, node, scope)
    if kind.name == "null" or kind.optional:
        walker.report.add_error(null_object(node.span, perhaps=kind.optional))
        return kind.solid() if kind.optional else ANY
    return kind


def condition(walker: Walker, node: ast.Value, scope: Scope) -> None:
    """Check what must be true or false."""
    kind = infer(walker, node, scope)
    if kind.name not in ("any", "never") and kind != BOOL:
        walker.report.add_error(operators.no_condition(kind, node.span))


def _literal(walker: Walker, node: ast.Literal, scope: Scope) -> Type:
    return type_of(node.value)


def _text(walker: Walker, node: ast.Text, scope: Scope) -> Type:
    for place, part in enumerate(node.parts):
        if isinstance(part, str):
            continue
        kind = infer(walker, part, scope)
        word(walker, kind, part.span)
        following = node.parts[place + 1] if place + 1 < len(node.parts) else ""
        if isinstance(part, ast.Variable) and isinstance(following, str):
            _field_in_word(walker, part, kind, following)
    return STR


def word(walker: Walker, kind: Type, span: Span) -> None:
    """Check what becomes text inside a word."""
    error = wordless(kind, span)
    if error:
        walker.report.add_error(error)


def _field_in_word(walker: Walker, variable: ast.Variable, kind: Type, following: str) -> None:
    """Warn of `$esp.disk` in a word, which is `${esp}` and the text `.disk`."""
    name = following[1:]
    end = next((at for at, sign in enumerate(name) if not (sign.isalnum() or sign == "_")), None)
    name = name[:end]
    if not following.startswith(".") or name not in FIELDS.get(kind.name, {}):
        return
    span = Span(variable.span.source, variable.span.start, variable.span.end + 1 + len(name))
    walker.report.add(
        "KX107",
        f"in a word, `${variable.name}.{name}` is `${variable.name}` and the text `.{name}`",
        span,
        f"write `${{{variable.name}.{name}}}` for the field",
        severity="warning",
        fix=Fix("write the field in braces", (Edit(span, f"${{{variable.name}.{name}}}"),)),
    )


def _variable(walker: Walker, node: ast.Variable, scope: Scope) -> Type:
    found = scope.find(node.name)
    if found is not None:
        found.used = True
        return found.type.solid() if found.settled else found.type
    ended = [item for item in scope.find_ended(node.name) if item.span is not None]
    if not ended:
        walker.report.add_error(unknown_variable(node.name, scope.names(), node.span))
        return ANY
    for item in ended:
        item.used = True
    last = ended[-1].span
    assert last is not None
    walker.report.add(
        "KX104",
        f"`${node.name}` ended with the block of line {last.line}, where it was made",
        node.span,
        f"make it before that block: `let {node.name} = ...`; inside, `set {node.name} = ...`",
        related=[Related(last, "made here, for this block only")],
    )
    return ANY


def _field(walker: Walker, node: ast.Field, scope: Scope) -> Type:
    kind = solid_of(walker, node.object, scope)
    if kind.name in ("any", "never", "map", "state"):
        return ANY
    found = FIELDS.get(kind.name, {}).get(node.name)
    if found is None:
        walker.report.add_error(unknown_field(kind, node.name, node.span))
        return ANY
    return found


def _index(walker: Walker, node: ast.Index, scope: Scope) -> Type:
    container = solid_of(walker, node.object, scope)
    key = infer(walker, node.key, scope)
    if "any" in (container.name, key.name):
        return ANY
    if container.name == "list" and key == INT:
        return container.item or ANY
    if container.name in ("map", "state") and key == STR:
        return ANY
    walker.report.add_error(bad_index(container, key, node.span))
    return ANY


def _unary(walker: Walker, node: ast.Unary, scope: Scope) -> Type:
    if node.operator == "not":
        condition(walker, node.operand, scope)
        return BOOL
    kind = infer(walker, node.operand, scope)
    if kind.name not in ("any", "int", "size", "duration"):
        walker.report.add_error(operators.no_number(node.operator, kind, node.span))
        return ANY
    return kind


def _binary(walker: Walker, node: ast.Binary, scope: Scope) -> Type:
    if node.operator in ("and", "or"):
        condition(walker, node.left, scope)
        condition(walker, node.right, scope)
        return BOOL
    left = infer(walker, node.left, scope)
    right = infer(walker, node.right, scope)
    if node.operator == "??":
        return joined(NEVER if left.name == "null" else left.solid(), right)
    if node.operator in ("==", "!="):
        _equality(walker, node, left, right, scope)
        return BOOL
    known = not {"any", "never"} & {left.name, right.name}
    if known and not (left.optional or right.optional):
        return _known_binary(walker, node, left, right)
    if known:
        error = operators.unfit(node.operator, str(left), str(right), node.span)
        walker.report.add_error(error)
    return BOOL if node.operator in operators.YIELD_BOOL else ANY


def _known_binary(walker: Walker, node: ast.Binary, left: Type, right: Type) -> Type:
    result = operators.result_type(node.operator, left.name, right.name)
    if result is None:
        walker.report.add_error(operators.unfit(node.operator, left.name, right.name, node.span))
        return BOOL if node.operator in operators.YIELD_BOOL else ANY
    if result == "list" and left.item and left.item == right.item:
        return left
    return NAMED[result]


def _equality(walker: Walker, node: ast.Binary, left: Type, right: Type, scope: Scope) -> None:
    """A comparison with null settles what may be null; kinds that differ never match."""
    for side, other in ((node.left, right), (node.right, left)):
        if other.name == "null" and isinstance(side, ast.Variable):
            variable = scope.find(side.name)
            if variable is not None and variable.type.optional:
                variable.settled = True
    for side, kind, other in ((node.left, left, right), (node.right, right, left)):
        if other.name == "null" and _never_null(side, kind, scope):
            walker.report.add(
                "KX108",
                f"this is never null: it is a {kind}",
                node.span,
                "what is not found fails; `?` after the call makes that null instead",
            )
    kinds = {left.name, right.name}
    if len(kinds) == 2 and not kinds & {"any", "never", "null"}:
        walker.report.add(
            "KX108",
            f"{left} and {right} are never equal: no value is converted to compare it",
            node.span,
            fix=_as_other(node.left, right) or _as_other(node.right, left),
        )


def _as_other(node: ast.Expression, other: Type) -> Fix | None:
    """`$n == "1"` with a number `$n`: the constant is written as the other side's type."""
    if not isinstance(node, ast.Literal):
        return None
    if other.name == "bool" and node.value in ("true", "false"):
        written = str(node.value)
        return Fix(f"write `{written}`", (Edit(node.span, written),), safe=False)
    if not str(node.value).isdecimal():
        return None
    if (other.name, type(node.value)) not in (("int", str), ("str", int)):
        return None
    written = str(int(str(node.value))) if other.name == "int" else f'"{node.value}"'
    return Fix(f"write `{written}`", (Edit(node.span, written),), safe=False)


def settle(node: ast.Value, scope: Scope) -> None:
    """Note that a script looks whether a variable is null, and so minds that it may be."""
    found = scope.find(node.name) if isinstance(node, ast.Variable) else None
    if found is not None:
        found.settled = True


def _never_null(node: ast.Expression, kind: Type, scope: Scope) -> bool:
    """Tell whether what is compared with null cannot be null, as far as is sure."""
    if kind.optional or kind.name in ("any", "never", "null"):
        return False
    if isinstance(node, ast.Variable):
        found = scope.find(node.name)
        return found is not None and found.span is not None and not found.type.optional
    return isinstance(node, ast.Call | ast.Literal | ast.Text)


def compare_arms(walker: Walker, node: ast.Match, kind: Type, scope: Scope) -> None:
    """Check that the constants of a `match` can be equal to its value."""
    if kind.name in ("any", "never", "null"):
        return
    for arm in node.arms:
        for pattern in arm.patterns or ():
            if pattern.value is None:
                settle(node.value, scope)
            constant = type_of(pattern.value)
            if constant.name != kind.name and not (constant.name == "null" and kind.optional):
                walker.report.add(
                    "KX108",
                    f"{kind} and {constant} are never equal: no value is converted to compare it",
                    pattern.span,
                )


def _list(walker: Walker, node: ast.ListLiteral, scope: Scope) -> Type:
    item = NEVER
    for part in node.items:
        item = joined(item, infer(walker, part, scope))
    return LIST if item.name in ("never", "any") else Type("list", item=item)


def _map(walker: Walker, node: ast.MapLiteral, scope: Scope) -> Type:
    for _, part in node.pairs:
        infer(walker, part, scope)
    return MAP


def _call(walker: Walker, node: ast.Call, scope: Scope) -> Type:
    return walker.call(node, None, scope)


def _handled(walker: Walker, node: ast.Handled, scope: Scope) -> Type:
    kind = infer(walker, node.value, scope)
    for handler in node.handlers:
        kind = joined(kind, handler_type(walker, handler, scope))
    return kind


def handler_type(walker: Walker, handler: ast.BlockHandler | ast.CallHandler, scope: Scope) -> Type:
    """Return the type of what an `else` gives instead: a block gives null."""
    if isinstance(handler, ast.CallHandler):
        kind = walker.call(handler.call, None, scope)
        return NEVER if handler_leaves(handler, scope) else kind
    walker.block(handler.body, scope, {handler.name: ERROR} if handler.name else {})
    return NEVER if handler_leaves(handler, scope) else NULL


_INFER: dict[type, Callable[..., Type]] = {
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
