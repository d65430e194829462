"""Values that are put together as elsewhere: `"a" . "b"`, `$a"b"`, `c ? x : y`, `let i++`."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix, ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_COUNTING = re.compile(r"(?:let|set)[ \t]+([A-Za-z_]\w*)[ \t]*(?:(\+\+|--)|([-+*/])=[ \t]*(\S+))")
_VALUE_END = re.compile(r"""["')\]}\w]$""")
_LEVELS = re.compile(r"(break|continue)[ \t]+(\d+)")
_NOTHING = re.compile(r":(?=[ \t;\n#}]|$)")
_CHOICE = re.compile(r"(?:let|set|return)\b[^\n?\"';]*+(\?)[ \t][^\n:]*[ \t]:[ \t]")
_BEHIND = re.compile(r"if[ \t]+([^\n;{}]+)(?=[\n;}]|$)")
# What begins a path, up to the word behind it.
_PATH_BEFORE = re.compile(r"\$(?:[A-Za-z_]\w*|\{[\w.]+\})/$")
_MAKING = ("LET", "SET", "RETURN")


def find(place: Place) -> ParseError | None:
    """Return the error for such a value at the fault."""
    for look in (_counting, _joined, _choice, _returned, _levels, _nothing):
        error = look(place)
        if error is not None:
            return error
    return None


def _counting(place: Place) -> ParseError | None:
    """`let i++`, `set i += 1`."""
    found = _COUNTING.match(place.text, place.start)
    if found is None or not found.start() <= place.offset <= found.end():
        return None
    name, twice, sign, amount = found.groups()
    by = amount or "1"
    fix = None
    written = f"set {name} = ${name} {sign or twice[0]} {by}"
    if re.fullmatch(r"\d+|\$\w+|\"[^\"]*\"", by):
        edit = Edit(place.span(found.start(), found.end()), written)
        fix = Fix(f"write `{written}`", (edit,))
    return ParseError(
        f"`{twice or sign + '='}` is not kxs",
        code="KX001",
        span=place.span(
            found.start(2 if twice else 3), found.end(2) if twice else found.end(3) + 1
        ),
        hint=f"write `{written}`" if fix else f"write `set {name} = ${name} + ...`",
        fix=fix,
    )


def _joined(place: Place) -> ParseError | None:
    """Two values side by side, or with a `.` between them. In a list a comma is missing."""
    if place.head not in _MAKING or "COMMA" in place.expected:
        return None
    text, at = place.text, place.offset
    before = text[:at].rstrip(" \t")
    dot = None
    if before.endswith(".") and text[at : at + 1] in "\"'$":
        dot = len(before) - 1
        before = before[:-1].rstrip(" \t")
    beside = "SUMOP" in place.expected and text[at : at + 1] in "\"'$"
    if not (dot is not None or beside) or not _VALUE_END.search(before):
        return None
    edit = Edit(place.span(len(before), at), " + ")
    return ParseError(
        "two values stand side by side" if dot is None else "`.` does not join text in kxs",
        code="KX001",
        span=place.span(at, at + max(1, place.length)) if dot is None else place.span(dot, dot + 1),
        hint='text is joined by `+`, or in one string: `"$a and ${b}"`',
        fix=Fix("write `+`", (edit,), safe=False),
    )


def _choice(place: Place) -> ParseError | None:
    """`c ? x : y`."""
    found = _CHOICE.match(place.text, place.start)
    if found is None or place.offset < found.start(1):
        return None
    return ParseError(
        "`? :` is not kxs",
        code="KX004",
        span=place.span(found.start(1), found.end(1)),
        hint="write `let x = 2`, then `if $ready { set x = 1 }`; for null: `$x ?? 2`",
    )


def _returned(place: Place) -> ParseError | None:
    """`return 1 if $ready`."""
    found = _BEHIND.match(place.text, place.offset) if place.found == "IF" else None
    start = place.start
    returned = place.text[start : place.offset].rstrip(" \t")
    if found is None or place.head != "RETURN" or any(sign in returned for sign in "\n;{}"):
        return None
    condition = found.group(1).rstrip(" \t")
    written = f"if {condition} {{ {returned} }}"
    edit = Edit(place.span(start, found.start(1) + len(condition)), written)
    return ParseError(
        "the condition stands first in kxs",
        code="KX004",
        span=place.span(place.offset, place.offset + 2),
        hint=f"write `{written}`" if len(written) < 60 else "write `if ... { return }`",
        fix=Fix(f"write `{written}`", (edit,), safe=False),
    )


def _levels(place: Place) -> ParseError | None:
    """`break 2`."""
    found = _LEVELS.match(place.text, place.start)
    if found is None or not found.start() <= place.offset <= found.end():
        return None
    return ParseError(
        f"`{found.group(1)}` is about the innermost loop, and takes no number",
        code="KX004",
        span=place.span(found.start(2), found.end(2)),
        hint="put the loops into a function: `return` leaves all of them",
    )


def _nothing(place: Place) -> ParseError | None:
    """`:`, which does nothing."""
    start = place.start
    found = _NOTHING.match(place.text, start)
    if found is None or place.offset != start:
        return None
    span = place.span(start, start + 1)
    rest = place.text[start + 1 : (place.text + "\n").find("\n", start)].split("#")[0]
    if rest.strip(" \t;}"):
        hint = "it only looks at its words: `let x = ...` makes a variable"
        return ParseError("`:` is a shell's", code="KX010", span=span, hint=hint)
    fix = Fix("leave it out", (Edit(span.with_line(), ""),), safe=False)
    return ParseError(
        "`:` is a shell's", code="KX010", span=span, hint="it does nothing: leave it out", fix=fix
    )


def path_before(place: Place, start: int) -> int | None:
    """Return where `$image/` begins that stands right before `start`."""
    found = _PATH_BEFORE.search(place.text, max(0, start - 400), start)
    return found.start() if found else None


def path_in_expression(place: Place, start: int, end: int, whole: bool) -> ParseError:
    """`let k = $image/isolinux/gentoo`; `whole`: nothing of the expression follows."""
    span = place.span(start, end)
    made = f'"{span.text}"'
    return ParseError(
        f"`{span.text}` is text with a variable in it, and this is an expression",
        code="KX009",
        span=span,
        hint=f"here it is quoted: `{made}`",
        fix=Fix(f"write `{made}`", (Edit(span, made),)) if whole else None,
    )
