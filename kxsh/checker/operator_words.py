"""Operators among the words of a call: `say $n - 1` shows them, and calculates nothing."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.errors import Edit, Fix, UsageError
from kxsh.source import Span
from kxsh.syntax import ast

# With what must stand on both sides for it to be one: a dash between names is a dash.
_ARITHMETIC = frozenset("- * / %".split())
_OPERATORS = _ARITHMETIC | frozenset("+ == != =~ ??".split())
_UNITS = ("ms", "s", "m", "h", "KiB", "MiB", "GiB", "TiB", "")


def operator_among(arguments: Sequence[ast.Argument]) -> UsageError | None:
    """Return the error for the first word of a call that was surely meant as an operator."""
    for place in range(1, len(arguments) - 1):
        if _is_operator(arguments, place):
            return _error(arguments, place)
    return None


def _is_operator(arguments: Sequence[ast.Argument], place: int) -> bool:
    sign = arguments[place].span.text
    if arguments[place].kind != "word" or sign not in _OPERATORS:
        return False
    kinds = {_kind(arguments[place - 1]), _kind(arguments[place + 1])}
    wanted = {"value", "number"} | (set() if sign in _ARITHMETIC else {"string"})
    return "value" in kinds and kinds <= wanted


def _kind(argument: ast.Argument) -> str:
    """Tell a variable or another expression from a number, a string and a bare word."""
    text = argument.span.text
    if argument.kind != "word" or not text:
        return ""
    if text[0] in "\"'" and text[-1] == text[0] and not isinstance(argument.value, ast.Call):
        return "string"
    if isinstance(argument.value, ast.Literal):
        number = next(text.removesuffix(unit) for unit in _UNITS if text.endswith(unit))
        return "number" if number.isdecimal() else ""
    return "" if isinstance(argument.value, ast.Text) else "value"


def _error(arguments: Sequence[ast.Argument], place: int) -> UsageError:
    first, last = place - 1, place + 1
    while last + 2 < len(arguments) and _is_operator(arguments, last + 1):
        last += 2
    operands = arguments[first : last + 1 : 2]
    whole = operands[0].span.to(operands[-1].span)
    if any(_kind(item) == "string" for item in operands):
        written = _one_string(arguments[first : last + 1])
        hint = f"one string holds both: `{written}`" if written else "write them as one string"
    else:
        written = f"({whole.text})"
        hint = f"parentheses hold an expression: `{written}`"
    sign = arguments[place].span
    return UsageError(
        f"`{sign.text}` is a word here: a command's arguments are words, not an expression",
        code="KX213",
        span=sign,
        hint=hint,
        fix=_fix(whole, written),
    )


def _one_string(arguments: Sequence[ast.Argument]) -> str:
    """Return `"left: " + $n` as `"left: $n"`; nothing where that is not plain."""
    made = ""
    for item in arguments[::2]:
        text = item.span.text
        if _kind(item) == "string" and text[0] == '"':
            made += text[1:-1]
        elif isinstance(item.value, ast.Variable):
            made += f"${{{item.value.name}}}"
        else:
            return ""
    plain = all(item.span.text == "+" for item in arguments[1::2])
    return f'"{made}"' if plain else ""


def _fix(whole: Span, written: str) -> Fix | None:
    if not written or "\n" in whole.text:
        return None
    return Fix(f"write `{written}`", (Edit(whole, written),), safe=False)
