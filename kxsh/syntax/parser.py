"""Text to syntax tree: the saved tables of grammar/kxsh.lark, and its errors in words.

Building the tables takes 80 ms natively and over a second on an emulated target, so
they are saved when the package is built (`save_tables`) and loaded from then on. The
file names the lark version and grammar it was made from; a stale one is ignored.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator
from typing import Any

import lark
from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

from kxsh import resources
from kxsh.errors import ParseError
from kxsh.source import Source, Span
from kxsh.syntax import ast, foreign
from kxsh.syntax.transform import DEPTH_LIMIT, Transformer

STARTS = ["start", "repl", "inner"]
# A script larger than this is not a boot script; it would only be slow to refuse.
SIZE_LIMIT = 1024 * 1024

_LEADING_NAME = re.compile(r"(?!(?:true|false|null|not)\b)[A-Za-z_]")

_parser: Lark | None = None


class _Brackets:
    """Lark's post-lexer: newlines inside ( ) and [ ] do not count."""

    always_accept = ("_NL",)

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        open_ones: list[str] = []
        for token in stream:
            if token.type in ("LPAR", "LSQB", "LBRACE"):
                open_ones.append(token.type)
                if len(open_ones) > DEPTH_LIMIT:
                    raise TooDeep(token)
            elif token.type in ("RPAR", "RSQB", "RBRACE") and open_ones:
                open_ones.pop()
            elif token.type == "_NL" and open_ones and open_ones[-1] != "LBRACE":
                continue
            yield token


class TooDeep(Exception):
    """More brackets are open than any script needs."""

    def __init__(self, token: Token) -> None:
        super().__init__()
        self.token = token


def parse_script(source: Source) -> ast.Script:
    """Return the tree of a whole script; raise `ParseError` at the first fault."""
    return _parse(source, "start")


def parse_line(source: Source) -> ast.Script:
    """Return the tree of what was typed at the prompt, where an expression may stand
    alone. `ParseError.incomplete` says that more lines may complete it."""
    return _parse(source, "repl")


def interactive(text: str, start: str = "repl") -> InteractiveParser:
    """Return a parser that walks over a prompt line (`start`: a script) token by token, and
    stops at a fault with lark's own exceptions or `TooDeep`."""
    return _loaded().parse_interactive(text, start=start)


def save_tables(path: str) -> None:
    """Write the parser's tables to `path`, for `resources.tables_path`."""
    # Whole or not at all: a reader never meets half of a file.
    unfinished = f"{path}.new"
    with open(unfinished, "wb") as stream:
        stream.write(_stamp())
        _build().save(stream)
    os.replace(unfinished, path)


def _parse(source: Source, start: str) -> ast.Script:
    if len(source.text) > SIZE_LIMIT:
        raise ParseError("larger than 1 MiB: this is not a boot script", span=Span(source, 0, 0))
    tree = _tree(source, source.text + "\n", start, 0)
    transformer = Transformer(source, lambda first, last: _inner(source, first, last))
    return transformer.script(tree)


def _inner(source: Source, start: int, end: int) -> ast.Expression:
    """Parse the expression of a ``${...}`` that stands at these offsets.

    A name at its beginning is a variable's, without another ``$``: ``${esp.disk}``.
    """
    text, base = source.text[start:end], start
    if _LEADING_NAME.match(text):
        text, base = "$" + text, start - 1
    tree = _tree(source, text, "inner", base)
    transformer = Transformer(
        source, lambda first, last: _inner(source, first, last), base, first=start
    )
    value: ast.Expression = transformer.inner(tree)
    return value


def _tree(source: Source, text: str, start: str, base: int) -> Tree[Token]:
    try:
        return _loaded().parse(text, start=start)
    except UnexpectedToken as error:
        # The end of the input has no position of its own.
        place = len(text) if error.token.type == "$END" else error.token.start_pos or 0
        raise _error(source, base + place, error.token, error.accepts or error.expected) from None
    except UnexpectedCharacters as error:
        raise _error(
            source, base + (error.pos_in_stream or 0), None, error.allowed or set()
        ) from None
    except TooDeep as error:
        place = base + (error.token.start_pos or 0)
        raise ParseError("nested too deeply", span=Span(source, place, place + 1)) from None


def _error(source: Source, place: int, token: Token | None, expected: set[str]) -> ParseError:
    place = min(place, len(source.text))
    at_end = token is not None and (
        token.type == "$END" or (token.type == "_NL" and not source.text[place:].strip())
    )
    width = len(token) if token is not None and token.type not in ("$END", "_NL") else 1
    span = Span(source, place, min(place + width, max(len(source.text), place)))
    error = foreign.explain(source, place, expected) or _plain_error(source, place, token, expected)
    error.incomplete = at_end and error.code == ParseError.code
    error.at(span)
    return error


def _plain_error(source: Source, place: int, token: Token | None, expected: set[str]) -> ParseError:
    if token is not None and token.type == "$END":
        return ParseError(f"the text ends where {_wanted(expected)} should follow")
    if token is not None and token.type == "_NL":
        return ParseError(f"the line ends where {_wanted(expected)} should follow")
    found = source.text[place : place + (len(token) if token else 1)]
    shown = found.splitlines()[0] if found.splitlines() else found
    return ParseError(f"`{shown}` cannot stand here", hint=f"expected: {_wanted(expected)}")


_WANTED = (
    ("CMD", "a command"),
    ("WORD", "an argument"),
    ("STRING", "a value (strings are quoted here, variables are `$name`)"),
    ("LBRACE", "`{`"),
    ("RBRACE", "`}`"),
    ("RPAR", "`)`"),
    ("RSQB", "`]`"),
    ("EQUAL", "`=`"),
    ("NAME", "a name"),
    ("_NL", "the end of the line"),
)


def _wanted(expected: set[str]) -> str:
    for terminal, words in _WANTED:
        if terminal in expected:
            return words
    return "something else"


def _loaded() -> Lark:
    global _parser
    if _parser is None:
        _parser = _load_tables() or _build()
    return _parser


def _build() -> Lark:
    return Lark(
        resources.grammar_text(),
        parser="lalr",
        start=STARTS,
        propagate_positions=True,
        maybe_placeholders=True,
        postlex=_Brackets(),
    )


def _load_tables() -> Lark | None:
    """Load the saved tables, or None where there are none, or stale or damaged ones."""
    try:
        with open(resources.tables_path(), "rb") as stream:
            if stream.readline() != _stamp():
                return None
            instance: Any = Lark.__new__(Lark)
            # Lark.load() takes no post-lexer; this is what it calls.
            loaded: Lark = instance._load(stream, postlex=_Brackets())
            return loaded
    except Exception:  # a damaged pickle raises anything; the grammar is always there
        return None


def _stamp() -> bytes:
    grammar = zlib.crc32(resources.grammar_text().encode())
    return f"kxsh tables lark={lark.__version__} grammar={grammar:08x}\n".encode()
