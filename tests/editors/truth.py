"""What each piece of a script is, as the parser reads it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kxsh.syntax import parser

_PIECE = re.compile(
    r"""(?P<variable>\$[A-Za-z_]\w*|\$\{(?:[^{}"'\n]|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')*\})"""
    r"""|(?P<string>"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|(?P<word>[^"'$]+|\$)"""
)
_KEYWORDS = frozenset(
    "LET SET IF ELSE WHILE FOR IN MATCH TRY AS FN RETURN BREAK CONTINUE IMPORT NOT AND OR".split()
)
_KINDS = {
    "TRUE": "constant", "FALSE": "constant", "NULL": "constant", "NUMBER": "number",
    "UNIT": "number", "VAR": "variable", "BRACED": "variable", "STRING": "string",
    "OPT": "option", "SOPT": "option", "NAME": "name", "QM": "operator", "CMPOP": "operator",
    "MULOP": "operator",
}  # fmt: skip

Piece = tuple[str, int, int]  # a kind, start and end


def pieces(text: str) -> list[Piece]:
    """Return the parts of a script that parses, each with its kind."""
    return list(_pieces(text + "\n"))


def _pieces(text: str) -> Iterator[Piece]:
    at, before = 0, ""
    for token in parser.tokens(text, "start"):
        start = token.start
        if token.type == "_NL":
            continue
        yield from _comments(text, at, start)
        yield from _token(text, token.type, before, start, start + len(token))
        at, before = start + len(token), token.type
    yield from _comments(text, at, len(text))


def _comments(text: str, start: int, end: int) -> Iterator[Piece]:
    for found in re.finditer(r"#[^\n]*", text[start:end]):
        yield "comment", start + found.start(), start + found.end()


def _token(text: str, kind: str, before: str, start: int, end: int) -> Iterator[Piece]:
    if kind in _KEYWORDS:
        yield "keyword", start, end
    elif kind == "CMD":
        name = {"FN": "function", "AS": "name"}.get(before, "command")
        yield name, start, end
    elif kind == "WORD":
        yield from _words(text, start, end)
    elif kind == "OPTVAL":
        middle = text.index("=", start)
        yield "option", start, middle
        yield from _words(text, middle + 1, end)
    elif kind in _KINDS:
        yield _KINDS[kind], start, end


def _words(text: str, start: int, end: int) -> Iterator[Piece]:
    if text.startswith("...", start) and text[start + 3 : start + 4] in ("$", "[", "(", " "):
        start += 3
    for found in _PIECE.finditer(text, start, end):
        yield str(found.lastgroup), found.start(), found.end()
