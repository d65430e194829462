"""Habits of other languages, told the kxs way at the place where they were typed."""

from __future__ import annotations

import re

from kxsh.errors import ParseError
from kxsh.source import Source, Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_OPEN_QUOTE = re.compile(r"""(?:[^"'\n\\]|\\.|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')*""")
_TEST = re.compile(r"\s*(?:\}\s*else\s+)?(?:if|elif|while)\s+\[\s")
_THEN = re.compile(r"[\s;]*(?:then|do)\b")
_LABEL = re.compile(r":[A-Za-z_]\w*[ \t]*(?:\n|$)")
_BARE_WORD = re.compile(r"""[\w./~+-][^\s"'$(){}\[\],;|<>&`#]*""")
_WORD_BEFORE = re.compile(r"[A-Za-z_][\w+-]*\s*$")
# Quotes that a word processor made, blanks that are none, and what cannot be seen.
_TYPOGRAPHIC = {
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
TYPOGRAPHIC = re.compile(f"[{''.join(_TYPOGRAPHIC)}]")
_UNQUOTED = re.compile(r"""[^\s"'#]+|\s""")
# text at the place of the error -> (code, message, hint); the longest first
_SYMBOLS = (
    ("&&", "KX002", "`&&` is not kxs", "a failure stops the script: write two lines"),
    ("||", "KX002", "`||` is not kxs", "write `else`: `mount LABEL=X else { ... }`"),
    ("$(", "KX003", "`$( )` is not kxs", "write `( )`: `let d = (findfs LABEL=X)`"),
    ("`", "KX003", "backticks are not kxs", "write `( )`: `let d = (findfs LABEL=X)`"),
    ("[[", "KX004", "`[[ ]]` is not kxs", 'conditions are plain: `if $a == "b" { ... }`'),
    (">", "KX005", "there is no redirection in kxs", "`say` writes to the screen"),
    ("<", "KX005", "there is no redirection in kxs", "`read FILE` gives a file's text"),
    ("|", "KX005", "there are no pipes in kxs", "keep a value with `let`, then use it"),
    ("&", "KX005", "there are no background jobs in kxs", "put the commands on lines of their own"),
)


def explain(stop: Place) -> ParseError | None:
    """Return the error that fits the text at an offset, or None for an ordinary one.

    `expected` are the terminals that the grammar would take there.
    """
    source, place, expected = stop.source, stop.offset, set(stop.expected)
    line_start = source.text.rfind("\n", 0, place) + 1
    line_end = source.text.find("\n", place)
    line = source.text[line_start : line_end if line_end >= 0 else len(source.text)]
    return (
        _typographic(source, place)
        or _quote(line, place - line_start)
        or _test(source, line, place, expected)
        or _symbol(source, place)
        or _label(source, place)
        or _assignment(line, place - line_start)
        or _bare_word(source, line_start, place, expected)
    )


def typographic(source: Source, place: int) -> ParseError:
    """Return the error for the typographic or invisible character at an offset."""
    sign = source.text[place]
    plain = _TYPOGRAPHIC[sign]
    what = "a quote of a word processor" if plain in ('"', "'") else "a special blank"
    return ParseError(
        f"U+{ord(sign):04X}, {what if plain else 'an invisible character'}, is not kxs",
        code="KX011",
        span=Span(source, place, place + 1),
        hint=f"write `{plain}`" if plain.strip() else "delete it, or write a plain blank",
    )


def _typographic(source: Source, place: int) -> ParseError | None:
    word = _UNQUOTED.match(source.text, place)
    found = TYPOGRAPHIC.search(source.text, place, word.end()) if word else None
    return typographic(source, found.start()) if found else None


def _quote(line: str, at: int) -> ParseError | None:
    match = _OPEN_QUOTE.match(line)
    end = match.end() if match else 0
    if end > at or end >= len(line) or line[end] not in "\"'":
        return None
    return ParseError(
        f"this {line[end]} is never closed",
        code="KX007",
        hint="a string ends on the line it begins on",
    )


def _test(source: Source, line: str, place: int, expected: set[str]) -> ParseError | None:
    if _TEST.match(line):
        return ParseError(
            "`[ ]` is not kxs", code="KX004", hint='conditions are plain: `if $a == "b" { ... }`'
        )
    if "LBRACE" in expected and _THEN.match(source.text, place):
        return ParseError(
            "blocks have no `then` or `do` in kxs",
            code="KX004",
            hint="write `{` here, and `}` at the end",
        )
    return None


def _symbol(source: Source, place: int) -> ParseError | None:
    rest = source.text[place : place + 3]
    for symbol, code, message, hint in _SYMBOLS:
        if rest.startswith(symbol):
            return ParseError(message, code=code, hint=hint)
    return None


def _label(source: Source, place: int) -> ParseError | None:
    if not _LABEL.match(source.text, place):
        return None
    return ParseError(
        "there are no labels in kxs", code="KX006", hint="use functions, loops and `else`"
    )


def _assignment(line: str, at: int) -> ParseError | None:
    indent = len(line) - len(line.lstrip())
    assignment = _ASSIGNMENT.match(line, indent)
    if assignment is None or at > assignment.end():
        return None
    name = assignment.group()[:-1]
    return ParseError(
        f"`{name}=` does not set a variable in kxs",
        code="KX001",
        hint=f'write `let {name} = "value"`',
    )


def _bare_word(
    source: Source, line_start: int, place: int, expected: set[str]
) -> ParseError | None:
    """A word without quotes, where only values may stand."""
    start, word = place, None
    if "STRING" in expected:
        word = _BARE_WORD.match(source.text, place)
    elif expected and expected <= {"COLON"}:  # `[a, b]`: `a` was taken for a map's key
        word = _WORD_BEFORE.search(source.text, line_start, place)
        start = word.start() if word else place
    if word is None:
        return None
    text = word.group().rstrip()
    return ParseError(
        f"`{text}` is a bare word, and this is an expression",
        code="KX009",
        span=Span(source, start, start + len(text)),
        hint=f'a string is quoted: `"{text}"`; a variable is `$name`',
    )
