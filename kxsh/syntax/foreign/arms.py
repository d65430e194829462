"""Arms of a `match` as other languages write them: `default {`, `case 1 {`, `1 => say a`."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix, ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_OTHERS = re.compile(r"(default|otherwise|_|\*)[ \t]*(?:=>|->|:)?[ \t]*(?=\{)")
_CASE = re.compile(r"(case|when)[ \t]+")
_ARROW = re.compile(r"(=>|->)[ \t]*(\{)?")


def find(place: Place) -> ParseError | None:
    """Return the error for such an arm at the fault."""
    if "NULL" in place.expected and "VAR" not in place.expected:
        return _others(place) or _case(place)
    inside = place.open and place.open[-1].head == "MATCH"
    return _arrow(place) if inside and "LBRACE" in place.expected else None


def _others(place: Place) -> ParseError | None:
    found = _OTHERS.match(place.text, place.offset)
    if found is None:
        return None
    before = place.text[: found.start()].rstrip(" \t")
    # No `;` stands before an `else`.
    first = found.start() if before[-1:] != ";" else len(before[:-1].rstrip(" \t"))
    edit = Edit(place.span(first, found.end()), " else " if before[-1:] == ";" else "else ")
    return ParseError(
        f"`{found.group(1)}` is not kxs",
        code="KX004",
        span=place.span(found.start(1), found.end(1)),
        hint="what no other arm takes is `else { ... }`",
        fix=Fix("write `else`", (edit,), safe=False),
    )


def _case(place: Place) -> ParseError | None:
    found = _CASE.match(place.text, place.offset)
    if found is None:
        return None
    return ParseError(
        f"an arm has no `{found.group(1)}` in kxs",
        code="KX004",
        span=place.span(found.start(1), found.end(1)),
        hint='write the value alone: `"a" | "b" { ... }`',
        fix=Fix("leave it out", (Edit(place.span(found.start(), found.end()), ""),), safe=False),
    )


def _arrow(place: Place) -> ParseError | None:
    found = _ARROW.match(place.text, place.offset)
    if found is None:
        return None
    span = place.span(found.start(1), found.end(1))
    edit = Edit(place.span(found.start(), found.end()), "{")
    return ParseError(
        f"`{found.group(1)}` is not kxs: an arm has a block",
        code="KX004",
        span=span,
        hint='write `"a" { ... }`',
        fix=Fix("leave it out", (edit,), safe=False) if found.group(2) else None,
    )
