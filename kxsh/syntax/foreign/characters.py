"""Quotes that a word processor made, blanks that are none, and what cannot be seen."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix, ParseError
from kxsh.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_PLAIN = {
    "\u201c": '"',
    "\u201d": '"',
    "\u201e": '"',
    "\u2018": "'",
    "\u2019": "'",
    "\u00a0": " ",
    "\u202f": " ",
    "\u2007": " ",
    "\u200b": "",
    "\u200c": "",
    "\u200d": "",
    "\u2060": "",
    "\ufeff": "",
}
# Other signs that cannot be seen: control characters but blanks and line ends; what turns
# the direction of writing; a soft hyphen; fillers.
_UNSEEN = (
    "\x01-\x08\x0e-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e"
    "\u200e\u200f\u2028-\u202e\u2061-\u206f\u3164\uffa0\ufff9-\ufffb"
)
TYPOGRAPHIC = re.compile(f"[{''.join(_PLAIN)}{_UNSEEN}]")
_UNQUOTED = re.compile(r"""[^\s"'#]+|\s""")


def typographic(source: Source, offset: int) -> ParseError:
    """Return the error for the typographic or invisible character at an offset."""
    sign = source.text[offset]
    plain = _PLAIN.get(sign, "")
    what = "a quote of a word processor" if plain in ('"', "'") else "a special blank"
    place = Span(source, offset, offset + 1)
    title = f"write `{plain}`" if plain.strip() else "write a plain blank" if plain else "delete it"
    return ParseError(
        f"U+{ord(sign):04X}, {what if plain else 'an invisible character'}, is not kxs",
        code="KX011",
        span=place,
        hint=f"write `{plain}`" if plain.strip() else "delete it, or write a plain blank",
        fix=Fix(title, (Edit(place, plain),)),
    )


def find(place: Place) -> ParseError | None:
    """Return the error for such a character in the word at a fault."""
    word = _UNQUOTED.match(place.text, place.offset)
    found = TYPOGRAPHIC.search(place.text, place.offset, word.end()) if word else None
    return typographic(place.source, found.start()) if found else None
