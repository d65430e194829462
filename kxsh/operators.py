"""What the operators do; no value is ever converted to another kind on the way."""

from __future__ import annotations

import operator
from collections.abc import Callable

from kxsh.boot.state import State
from kxsh.errors import FormatFailure, UsageError
from kxsh.source import Span
from kxsh.units import Duration, Size, negated
from kxsh.values import Type, type_of

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_ORDERED = ("int", "size", "duration", "str")
# (operator, left, right) -> how, and the type of the result
_ARITHMETIC: dict[tuple[str, str, str], tuple[Callable[[Any, Any], Any], type]] = {
    ("+", "int", "int"): (operator.add, int),
    ("-", "int", "int"): (operator.sub, int),
    ("*", "int", "int"): (operator.mul, int),
    ("/", "int", "int"): (operator.floordiv, int),
    ("%", "int", "int"): (operator.mod, int),
    ("+", "size", "size"): (operator.add, Size),
    ("-", "size", "size"): (operator.sub, Size),
    ("*", "size", "int"): (operator.mul, Size),
    ("*", "int", "size"): (operator.mul, Size),
    ("/", "size", "int"): (operator.floordiv, Size),
    ("/", "size", "size"): (operator.floordiv, int),
    ("%", "size", "size"): (operator.mod, Size),
    ("+", "duration", "duration"): (operator.add, Duration),
    ("-", "duration", "duration"): (operator.sub, Duration),
    ("*", "duration", "int"): (operator.mul, Duration),
    ("*", "int", "duration"): (operator.mul, Duration),
    ("/", "duration", "int"): (operator.truediv, Duration),
    ("+", "str", "str"): (operator.add, str),
    ("+", "list", "list"): (operator.add, list),
}
# Numbers and texts beyond this are a mistake, and slow.
_LARGEST = 2**63
LONGEST = 1024 * 1024


# Operators whose result is true or false.
YIELD_BOOL = frozenset(("==", "!=", "<", "<=", ">", ">=", "=~", "in"))


def result_type(symbol: str, left: str, right: str) -> str | None:
    """Return the type name of ``left symbol right``, or None: no such operation."""
    if symbol in ("==", "!="):
        return "bool"
    if symbol in _COMPARE:
        return "bool" if comparable(left, right) else None
    if symbol == "=~":
        return "bool" if left == right == "str" else None
    if symbol == "in":
        fits = right == "list" or (left == "str" and right in ("map", "state", "str"))
        return "bool" if fits else None
    found = _ARITHMETIC.get((symbol, left, right))
    if found is None:
        return None
    names = {int: "int", Size: "size", Duration: "duration", str: "str", list: "list"}
    return names[found[1]]


def comparable(left: str, right: str) -> bool:
    """Tell whether ``<`` and its like work between these types."""
    return left == right and left in _ORDERED


def binary(symbol: str, left: object, right: object, span: Span) -> object:
    """Return ``left symbol right``; `UsageError` KX106 where the kinds do not fit."""
    if symbol == "==":
        return _equal(left, right)
    if symbol == "!=":
        return not _equal(left, right)
    kinds = type_of(left).name, type_of(right).name
    if symbol in _COMPARE and comparable(*kinds):
        return _COMPARE[symbol](left, right)
    if symbol == "in":
        return _contains(left, right, span)
    if symbol == "=~":
        return _matches(left, right, span)
    found = _ARITHMETIC.get((symbol, *kinds))
    if found is None:
        raise unfit(symbol, *kinds, span)
    return _arithmetic(found, left, right, span)


def unfit(symbol: str, left: str, right: str, span: Span) -> UsageError:
    """Return the error for an operator between types that it does not take."""
    hint = 'a string holds text: join with "${a}${b}"' if "str" in (left, right) else ""
    return UsageError(
        f"`{symbol}` does not work between {left} and {right}", code="KX106", span=span, hint=hint
    )


def _arithmetic(
    found: tuple[Callable[[Any, Any], Any], type], left: object, right: object, span: Span
) -> object:
    how, kind = found
    try:
        result = how(left, right)
    except ZeroDivisionError:
        raise FormatFailure("division by zero", span=span) from None
    beyond = abs(result) >= _LARGEST if kind in (int, Size) else False
    if beyond or (kind in (str, list) and len(result) > LONGEST):
        raise too_large(span)
    return kind(result)


def too_large(span: Span) -> FormatFailure:
    """Return the failure for a number, text or list beyond all reason."""
    return FormatFailure("the result is too large", span=span)


def _equal(left: object, right: object) -> bool:
    return type_of(left) == type_of(right) and left == right


def _contains(left: object, right: object, span: Span) -> bool:
    if isinstance(right, list):
        return any(_equal(left, item) for item in right)
    right = right.data if isinstance(right, State) else right
    if isinstance(left, str) and isinstance(right, dict | str):
        return left in right
    raise unfit("in", type_of(left).name, type_of(right).name, span)


def _matches(left: object, right: object, span: Span) -> bool:
    if not isinstance(left, str) or not isinstance(right, str):
        raise unfit("=~", type_of(left).name, type_of(right).name, span)
    import re  # few scripts need it, and it is slow to import

    try:
        return re.search(right, left) is not None
    except re.error as error:
        raise UsageError(
            f"not a regular expression: {error.msg}", code="KX106", span=span
        ) from None


def sign(symbol: str, value: object, span: Span) -> object:
    """Return ``-value`` or ``+value``."""
    try:
        return negated(value) if symbol == "-" else negated(negated(value))
    except TypeError:
        raise no_number(symbol, type_of(value), span) from None


def condition(value: object, span: Span) -> bool:
    """Return a condition's truth; only true and false have one."""
    if isinstance(value, bool):
        return value
    raise no_condition(type_of(value), span)


def no_condition(kind: Type, span: Span) -> UsageError:
    """Return the error for a condition that is neither true nor false."""
    hint = "compare it: `== ...`, or bind what may be null: `if let x = ... ? { }`"
    if kind.name == "null":
        hint = "a call that gives nothing says by failing that it failed: `run a else { ... }`"
    return UsageError(
        f"a condition is true or false, not {kind}", code="KX106", span=span, hint=hint
    )


def no_number(symbol: str, kind: Type, span: Span) -> UsageError:
    """Return the error for a sign before what is no number."""
    return UsageError(f"`{symbol}` needs a number, not {kind}", code="KX106", span=span)
