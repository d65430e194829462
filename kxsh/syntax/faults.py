"""A parser's fault in words: what cannot stand there, or was opened and never closed.

What other languages write at such a place is told by `kxsh.syntax.foreign`.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from kxsh.errors import Edit, Fix, ParseError, Related
from kxsh.record import record
from kxsh.source import Source, Span
from kxsh.syntax import foreign
from kxsh.syntax.brackets import CLOSERS, Opened, Trail
from kxsh.syntax.lalr import END, Token
from kxsh.text import display


@record
class Place:
    """Where a parse stopped: the offset, the terminal found there (``$END`` and ``_NL``
    too; empty: text that is no terminal) and its length, and what could have stood there.

    `seam` is where the statement's line began, `head` its first terminal, `open` the
    brackets that are open, and `closed` the pairs of braces before it.
    """

    source: Source
    offset: int
    found: str
    length: int
    expected: Collection[str]
    seam: int
    head: str
    open: tuple[Opened, ...]
    closed: tuple[tuple[int, int], ...]

    @property
    def text(self) -> str:
        return self.source.text

    @property
    def start(self) -> int:
        """Where the statement itself begins, behind blanks and the end of the one before."""
        return len(self.text) - len(self.text[self.seam :].lstrip(" \t\n;"))

    @property
    def at_end(self) -> bool:
        """Tell whether nothing but blanks follows."""
        return self.found == END or (self.found == "_NL" and not self.text[self.offset :].strip())

    def span(self, start: int, end: int) -> Span:
        return Span(self.source, start, end)


def fault_at(
    source: Source,
    base: int,
    offset: int,
    token: Token | None,
    expected: Collection[str],
    trail: Trail,
) -> ParseError:
    """Return the error for a fault at an offset of the text that begins at `base`."""
    start = min(base + offset, len(source.text))
    found = "" if token is None else token.type
    width = 1 if token is None or found in (END, "_NL") else len(token)
    opened = tuple(
        Opened(item.type, item.start + base, item.head, item.seam + base) for item in trail.open
    )
    closed = tuple((first + base, last + base) for first, last in trail.closed)
    place = Place(
        source, start, found, width, expected, trail.seam + base, trail.head, opened, closed
    )
    error = (
        _misplaced_brace(place)
        or _run_on(place)
        or foreign.explain(place)
        or _unclosed(place)
        or _plain(place)
    )
    error.incomplete = place.at_end and error.code == ParseError.code
    error.seam = place.seam
    error.at(Span(source, start, min(start + width, max(len(source.text), start))))
    return error


def _misplaced_brace(place: Place) -> ParseError | None:
    """A `{` that opens its block on a line of its own."""
    brace = place.offset
    if place.found == "_NL" and "LBRACE" in place.expected:
        rest = place.text[place.offset :]
        brace += len(rest) - len(rest.lstrip())
    before = place.text[:brace].rstrip()
    gap = place.text[len(before) : brace]
    if place.text[brace : brace + 1] != "{" or "\n" not in gap or not before:
        return None
    line = before[before.rfind("\n") + 1 :]
    if before[-1] in "{};" or "#" in line or not _OPENS.match(line):
        return None
    span = place.span(brace, brace + 1)
    return ParseError(
        "`{` stands on a line of its own",
        span=span,
        hint="write it at the end of the line that it belongs to",
        related=[Related(place.span(len(before) - 1, len(before)), "here")],
        fix=Fix("put `{` on the line before", (Edit(place.span(len(before), brace + 1), " {"),)),
    )


def _unclosed(place: Place) -> ParseError | None:
    """A brace that was opened and never closed, told at its opening."""
    if not place.open or not place.at_end:
        return None
    opening = place.open[-1]
    start = (_stolen(place) if opening.type == "LBRACE" else None) or opening.start
    error = _never_closed(place, start)
    signs = [CLOSERS[item.type] for item in reversed(place.open)]
    end = place.span(place.offset, place.offset)
    error.repair = (Edit(end, "\n" + "\n".join(signs) + "\n"),)
    return error


def _run_on(place: Place) -> ParseError | None:
    """A ( or [ that was never closed, so that later lines were taken for a part of it."""
    if not place.open or place.open[-1].type == "LBRACE":
        return None
    opening = place.open[-1]
    line = _next_statement(place, opening)
    if line is None:
        return None
    error = _never_closed(place, opening.start, Related(line, "something else begins here"))
    end = len(place.text[: line.start].rstrip())
    error.repair = (Edit(place.span(end, end), CLOSERS[opening.type]),)
    return error


def _never_closed(place: Place, start: int, *related: Related) -> ParseError:
    sign = place.text[start]
    return ParseError(
        f"this `{sign}` is never closed",
        span=place.span(start, start + 1),
        hint=f"write `{_PAIRS[sign]}` where it ends",
        related=related,
    )


# Lines that a block may follow.
_OPENS = re.compile(
    r"[ \t}]*(?:if|else|for|while|match|try|fn|menu|entry|retry|[\w.-]+[ \t].*\belse)\b"
)
_PAIRS = {"(": ")", "[": "]", "{": "}"}
_WORD = re.compile(r"[\w-]+")
_LINE = re.compile(r"\n([ \t]*)([A-Za-z][\w-]*|\})")


def _next_statement(place: Place, opening: Opened) -> Span | None:
    """Return the first word of a line between an opening and the fault that looks like a
    statement of its own: it begins no further right than the opening's line."""
    indent = _indent(place, opening.start)
    for line in _LINE.finditer(place.text, opening.start, place.offset + 1):
        if len(line.group(1)) <= indent:
            word = _WORD.match(place.text, line.start(2))
            return place.span(line.start(2), word.end() if word else line.end(2))
    return None


def _stolen(place: Place) -> int | None:
    """Return the `{` whose `}` is missing, as the indentation tells: the brace that
    closed it stands further left than its own line begins."""
    for start, end in place.closed:
        line = end - place.source.position(end)[1] + 1
        if not place.text[line:end].strip() and _indent(place, start) > end - line:
            return start
    return None


def _indent(place: Place, offset: int) -> int:
    line = place.text[offset - place.source.position(offset)[1] + 1 : offset]
    return len(line) - len(line.lstrip())


def _plain(place: Place) -> ParseError:
    wanted = _wanted(place.expected)
    if place.found in (END, "_NL"):
        what = "text" if place.found == END else "line"
        error = ParseError(f"the {what} ends where {wanted} should follow")
        if "LBRACE" in place.expected:
            error.repair = (Edit(place.span(place.offset, place.offset), " {"),)
        return error
    found = place.text[place.offset : place.offset + place.length]
    if found == "}" and not place.open:
        error = ParseError("this `}` closes nothing", hint="delete it, or write the `{` above")
        error.repair = (Edit(place.span(place.offset, place.offset + 1), " "),)
        return error
    shown = found.splitlines()[0] if found.splitlines() else found
    return ParseError(f"`{display(shown, 40)}` cannot stand here", hint=f"expected: {wanted}")


_WANTED = (
    ("CMD", "a command"),
    ("WORD", "an argument"),
    ("STRING", "a value (strings are quoted here, variables are `$name`)"),
    ("LBRACE", "`{`"),
    ("RBRACE", "`}`"),
    ("RPAR", "`)`"),
    ("RSQB", "`,` or `]`"),
    ("EQUAL", "`=`"),
    ("NAME", "a name"),
    ("_NL", "the end of the line"),
)


def _wanted(expected: Collection[str]) -> str:
    for terminal, words in _WANTED:
        if terminal in expected:
            return words
    return "something else"
