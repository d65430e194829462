"""What other languages let a `for` walk over: `1..5`, `$(seq 5)`, bare words, `(i=0; ...)`."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix, ParseError
from kxsh.source import Source, Span
from kxsh.syntax.foreign.conditions import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

# A list that is longer is not written out.
_MOST = 20
_NUMBER = r"[ \t]*(-?[0-9]{1,9})[ \t]*"
_RANGES = (
    re.compile(rf"\{{{_NUMBER}\.\.{_NUMBER}\}}"),
    re.compile(rf"{_NUMBER}\.\.\.?=?{_NUMBER}"),
    re.compile(rf"(?:\$\(|`)?seq[ \t](?:{_NUMBER}[ \t])?{_NUMBER}[)`]?"),
)
_PYTHON = re.compile(rf"range\((?:{_NUMBER},)?{_NUMBER}\)")
_COUNTED = re.compile(
    r"\(\(?[ \t]*(?:int[ \t]+|let[ \t]+)?(\w+)[ \t]*=[ \t]*(\d{1,9})[ \t]*;[ \t]*\$?\1[ \t]*"
    r"(<=?)[ \t]*(\d{1,9})[ \t]*;[ \t]*(?:\$?\1\+\+|\+\+\1|\1\+=1)[ \t]*\)\)?"
)
_BRACED = re.compile(
    r"for[ \t]+(?:([A-Za-z_]\w*)[ \t]+in[ \t]+)?"
    r"((?:\{[^{}\n]*\}|\(\(?[^{}()\n]*\)\)?|range\([^()\n]*\)|\$\([^()\n]*\)|`[^`\n]*`)[ \t]*"
    r"|[^{}()\n;]{1,400})\{(?=\s|$)"
)
_RANGE_BEFORE = re.compile(r"(?<![^;{\s])(for)[ \t]+\w+[ \t]+in[ \t]+range$")
_WORD = re.compile(r"[\w./:*?~+-]+|\$\w+|\$\{\w+\}|\"[^\"\n]*\"|'[^'\n]*'")
_LONG = "a list is written out; `retry 5 { ... }` tries again, `while $n < 50 { ... }` counts"


def head(text: str) -> str | None:
    """Return what stands between `for` and its block as kxs; None where it cannot be told:
    `i in 1..3`, `f in a b`, `((i=0; i<3; i++))`."""
    counted = _COUNTED.fullmatch(text.strip())
    if counted:
        name, first, sign, last = counted.groups()
        made = _written(int(first), int(last) - (sign == "<"))
        return f"{name} in {made}" if made else None
    name, _, rest = text.strip().partition(" ")
    word, _, rest = rest.strip().partition(" ")
    if word != "in" or not re.fullmatch(r"[A-Za-z_]\w*", name):
        return None
    made = numbers(rest.strip()) if is_range(rest.strip()) else _listed(rest.split())
    return f"{name} in {made}" if made else None


def numbers(text: str) -> str | None:
    """Return the list that a range of another language stands for."""
    python = _PYTHON.fullmatch(text)
    if python:
        return _written(int(python.group(1) or 0), int(python.group(2)) - 1)
    for pattern in _RANGES:
        found = pattern.fullmatch(text)
        if found:
            first, last = found.groups()
            return _written(int(first or 1), int(last))
    return None


def _written(first: int, last: int) -> str | None:
    if not 0 <= last - first < _MOST:
        return None
    return f"[{', '.join(str(number) for number in range(first, last + 1))}]"


def _listed(words: list[str]) -> str | None:
    """Return words as a list; a single pattern is what `glob` gives."""
    if len(words) == 1 and re.fullmatch(r"[\w./*?$~-]*[*?][\w./*?$~-]*", words[0]):
        return f'glob "{words[0]}"'
    made = [value(word, number=True) for word in words]
    if not words or any(item is None for item in made):
        return None
    if len(made) == 1 and str(made[0]).startswith("$"):
        return str(made[0])
    return f"[{', '.join(str(item) for item in made)}]"


def is_range(text: str) -> bool:
    """Tell whether a text is a range of another language, however long."""
    return any(pattern.fullmatch(text) for pattern in (*_RANGES, _PYTHON))


def find(place: Place) -> ParseError | None:
    """A `for` with braces, and something else than a value before them."""
    start = place.seam
    while start < len(place.text) and place.text[start] in " \t\n;":
        start += 1
    found = _BRACED.match(place.text, start)
    if found is None or not start <= place.offset < found.end():
        return None
    return error_of(place.source, start)


def range_at(source: Source, at: int) -> ParseError | None:
    """Return the error for `for i in range(5) {` whose `(` stands at an offset."""
    line = source.text.rfind("\n", 0, at) + 1
    found = _RANGE_BEFORE.search(source.text, max(line, at - 80), at)
    return error_of(source, found.start(1)) if found else None


def error_of(source: Source, start: int) -> ParseError | None:
    """Return the error for what the `for` at an offset walks over, if that is no value of
    kxs: numbers of another language, or words without brackets and quotes."""
    found = _BRACED.match(source.text, start)
    if found is None:
        return None
    name, given = found.group(1), found.group(2).rstrip()
    end = found.start(2) + len(given)
    numeric = _COUNTED.fullmatch(given) is not None or is_range(given)
    words = given.split()
    if not numeric and not all(map(_WORD.fullmatch, words)):
        return None
    if not numeric and (name is None or (len(words) == 1 and words[0][:1] in "\"'$")):
        return None
    made = head(given if name is None else f"{name} in {given}")
    hint, fix = _LONG, None
    if made is not None:
        written = f"for {made}"
        hint = f"write `{written} {{ ... }}`" if len(written) < 60 else "write a list: `[1, 2]`"
        edit = Edit(Span(source, found.start(), end), written)
        fix = Fix(f"write `{written}`", (edit,), safe=False)
    shown = given if len(given) < 40 else f"{given[:37]}..."
    return ParseError(
        f"`{shown}` is no list" if numeric else f"a list has brackets, and `{shown}` has none",
        code="KX004",
        span=Span(source, found.start(2), end),
        hint=hint,
        fix=fix,
    )
