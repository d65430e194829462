"""Operators of other languages where kxs compares: `!x`, `$a -eq 1`, `$a eq "b"`, `n > 3`."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix, ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_CONDITIONS = ("IF", "WHILE", "RETURN", "LET", "SET", "MATCH", "FOR")
_SIGNS = {
    **dict.fromkeys(("===", "eq", "is", "-eq", "equals"), "=="),
    **dict.fromkeys(("!==", "<>", "~=", "ne", "isnt", "-ne"), "!="),
    **dict.fromkeys(("lt", "-lt"), "<"),
    **dict.fromkeys(("gt", "-gt"), ">"),
    **dict.fromkeys(("le", "-le", "=<"), "<="),
    **dict.fromkeys(("ge", "-ge", "=>"), ">="),
    **dict.fromkeys(("matches", "like", "contains"), "=~"),
}
_SIGN = re.compile(
    r"(?:===|!==|<>|~=|=<|=>|-?(?:eq|ne|lt|gt|le|ge)\b|is\b(?:[ \t]+not\b)?|isnt\b|equals\b"
    r"|matches\b|like\b|contains\b)"
)
_NOT = re.compile(r"![ \t]*(?!=)")
_PLAIN = re.compile(r"(?:exists[ \t]|\$|\(|true\b|false\b)")
_CALLED = re.compile(r"([a-z][\w+-]*)([ \t][^{\n;]*+)?(?=[{\n;])")
_NAME_BEFORE = re.compile(r"(?:if|while|and|or|not|=|\()[ \t]*([A-Za-z_]\w*)[ \t]*")


def find(place: Place) -> ParseError | None:
    """Return the error for such an operator at the fault."""
    return _negation(place) or _sign(place) or _name(place)


def _negation(place: Place) -> ParseError | None:
    """`!exists x`, `! $ready`, where a value is wanted."""
    found = _NOT.match(place.text, place.offset)
    if found is None or place.head not in _CONDITIONS or "STRING" not in place.expected:
        return None
    hint = "write `not`: `if not exists $file { ... }`"
    fix = None
    call = _CALLED.match(place.text, found.end())
    if _PLAIN.match(place.text, found.end()):
        edit = Edit(place.span(found.start(), found.end()), "not ")
        fix = Fix("write `not`", (edit,), safe=False)
    elif call and place.head in ("IF", "WHILE"):
        words = call.group().strip()
        shown = words if len(words) < 30 else call.group(1)
        hint = f"whether a command fails: `{shown} else {{ ... }}`"
    return ParseError(
        "`!` is not kxs",
        code="KX002",
        span=place.span(found.start(), found.start() + 1),
        hint=hint,
        fix=fix,
    )


def _sign(place: Place) -> ParseError | None:
    """`===`, `-eq`, `is`, where a value has ended; the fault may stand inside of it."""
    for start in (place.offset - 2, place.offset - 1, place.offset):
        found = _SIGN.match(place.text, max(0, start))
        if found and found.start() <= place.offset < found.end():
            break
    else:
        return None
    if place.head not in _CONDITIONS or place.found in ("$END", "_NL"):
        return None
    written = found.group()
    sign = "!=" if written.startswith("is") and written.endswith("not") else _SIGNS[written]
    before = place.text[: found.start()].rstrip(" \t")[-1:]
    if not (before.isalnum() or before in "_\"')]}"):
        return None
    span = place.span(found.start(), found.end())
    return ParseError(
        f"`{written}` is no operator of kxs",
        code="KX001",
        span=span,
        hint=f'write `{sign}`: `if $a {sign} "b" {{ ... }}`; numbers too',
        fix=Fix(f"write `{sign}`", (Edit(span, sign),)),
    )


def _name(place: Place) -> ParseError | None:
    """`if n > 3`: a bare name calls a command, and `>` would be redirection."""
    if place.head not in _CONDITIONS or place.text[place.offset : place.offset + 1] not in "<>":
        return None
    line = max(place.text.rfind("\n", 0, place.offset) + 1, place.offset - 200)
    before = place.text[line : place.offset]
    found = re.compile(rf".*{_NAME_BEFORE.pattern}$").match(before)
    if found is None or place.text[place.offset : place.offset + 2] in ("<<", ">>"):
        return None
    name = found.group(1)
    start = line + found.start(1)
    return ParseError(
        f"`{name}` is a bare word, and this is an expression",
        code="KX009",
        span=place.span(start, start + len(name)),
        hint=f"a variable is `${name}`",
        fix=Fix(f"write `${name}`", (Edit(place.span(start, start), "$"),)),
    )
