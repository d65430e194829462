"""Text to syntax tree: the saved tables of grammar/kxsh.lark, and its errors in words.

Building the tables takes 80 ms natively and over a second on an emulated target, so
they are saved when the package is built (`save_tables`) and loaded from then on. The
file names the lark version and grammar it was made from; a stale one is ignored.
"""

from __future__ import annotations

import os
import re
import zlib
from typing import Any

import lark
from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.parsers.lalr_interactive_parser import InteractiveParser

from kxsh import resources
from kxsh.errors import ParseError
from kxsh.source import Source, Span
from kxsh.syntax import ast, limits
from kxsh.syntax.brackets import Brackets, Refused
from kxsh.syntax.transform import Transformer

STARTS = ["start", "repl", "inner"]

_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*")
_LEADING_NAME = re.compile(r"(?!(?:true|false|null|not)\b)[A-Za-z_]")

_parser: Lark | None = None
_brackets = Brackets()


def parse_script(source: Source) -> ast.Script:
    """Return the tree of a whole script; raise `ParseError` at the first fault."""
    return _parse(source, "start")


def parse_line(source: Source) -> ast.Script:
    """Return the tree of what was typed at the prompt, where an expression may stand
    alone. `ParseError.incomplete` says that more lines may complete it."""
    return _parse(source, "repl")


def interactive(text: str, start: str = "repl") -> InteractiveParser:
    """Return a parser that walks over a prompt line (`start`: a script) token by token, and
    stops at a fault with lark's own exceptions or `Refused`."""
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
    refuse_large(source)
    tree = parse_tree(source, source.text + "\n", start, 0)
    return transformer_of(source).script(tree)


def refuse_large(source: Source) -> None:
    """Raise `ParseError` for a text that is no boot script by its size."""
    start = Span(source, 0, 0)
    if len(source.text) > limits.SIZE:
        raise ParseError("larger than 1 MiB: this is not a boot script", span=start)
    if len(source.text) > limits.LINE:
        _refuse_long_line(source)
    if source.text.count("$") > limits.DOLLARS:
        raise ParseError(f"more than {limits.DOLLARS:,} `$`: this is not a boot script", span=start)


def _refuse_long_line(source: Source) -> None:
    start = 0
    for line in source.text.split("\n"):
        if len(line) > limits.LINE:
            message = f"a line of more than {limits.LINE:,} characters"
            raise ParseError(message, span=Span(source, start, start))
        start += len(line) + 1


def transformer_of(
    source: Source, base: int = 0, faults: list[tuple[ParseError, Span]] | None = None
) -> Transformer:
    """Return what turns the trees of a source into nodes."""
    return Transformer(
        source, lambda first, last: _inner(source, first, last), base, base, faults=faults
    )


def _inner(source: Source, start: int, end: int) -> ast.Expression:
    """Parse the expression of a ``${...}`` that stands at these offsets.

    A name at its beginning is a variable's, without another ``$``: ``${esp.disk}``.
    """
    text, base = source.text[start:end], start
    if _PLAIN_NAME.fullmatch(text) and text not in ("true", "false", "null"):
        return ast.Variable(Span(source, start, end), text)
    if "#" in text:
        _refuse_hash(source, text, start)
    if _LEADING_NAME.match(text):
        text, base = "$" + text, start - 1
    tree = parse_tree(source, text, "inner", base)
    transformer = Transformer(
        source, lambda first, last: _inner(source, first, last), base, first=start
    )
    value: ast.Expression = transformer.inner(tree)
    return value


def _refuse_hash(source: Source, text: str, start: int) -> None:
    """Raise `ParseError` for a `#` in ``${...}`` outside of strings: a comment would hide
    the rest of what other languages mean by it, `${x#y}`."""
    if "#" in re.sub(r""""(?:[^"\\]|\\.)*"|'[^']*'""", "", text):
        from kxsh.syntax.foreign.substitutions import hash_expansion

        error = hash_expansion(source, start - 2)
        raise error or ParseError(
            "no comment in `${ }`", span=Span(source, start, start + len(text))
        )


def parse_tree(source: Source, text: str, start: str, base: int) -> Tree[Token]:
    """Return lark's tree of the part of a source that begins at `base`; `ParseError`."""
    try:
        return _loaded().parse(text, start=start)
    except (UnexpectedInput, Refused) as error:
        raise _error(source, text, base, error) from None


def parse_part(
    source: Source, text: str, start: str, base: int
) -> tuple[list[Any], ParseError | None]:
    """Return lark's trees of the statements before the first fault, and that; see above.

    A statement counts as one that stands outside of all braces.
    """
    try:
        return _loaded().parse(text, start=start).children, None
    except (UnexpectedInput, Refused) as error:
        return _finished(error), _error(source, text, base, error)


def _finished(error: Exception) -> list[Any]:
    """Return the statements that were complete when lark stopped: they lie at the bottom of
    its stack, in the tree of the grammar's ``(_stmt _NL)*``."""
    halted = getattr(error, "interactive_parser", None)
    stack = list(halted.parser_state.value_stack) if halted else []
    if stack and isinstance(stack[0], Token):  # the line ends above the first one
        del stack[0]
    found: list[Any] = []
    if stack and isinstance(stack[0], Tree) and str(stack[0].data).startswith(_STARS):
        found += stack.pop(0).children
    # One that its line end follows, which lark has not put to the others yet.
    if stack and isinstance(stack[0], Tree) and _is_line_end(stack[1:2]):
        found += stack[0].children if stack[0].data == "_stmt" else stack[:1]
    return found


_STARS = ("__start_star", "__repl_star")


def _is_line_end(values: list[Any]) -> bool:
    return bool(values) and isinstance(values[0], Token) and values[0].type == "_NL"


def _error(source: Source, text: str, base: int, error: Exception) -> ParseError:
    if isinstance(error, UnexpectedToken):
        # The end of the input has no position of its own.
        place = len(text) if error.token.type == "$END" else error.token.start_pos or 0
        return _fault(source, base, place, error.token, error.accepts or error.expected)
    if isinstance(error, UnexpectedCharacters):
        return _fault(source, base, error.pos_in_stream or 0, None, error.allowed or set())
    assert isinstance(error, Refused)
    place = base + (error.token.start_pos or 0)
    return ParseError(error.message, span=Span(source, place, place + 1))


def _fault(
    source: Source, base: int, place: int, token: Token | None, expected: set[str]
) -> ParseError:
    from kxsh.syntax.faults import fault_at  # costs regular expressions

    return fault_at(source, base, place, token, expected, _brackets.trail)


def top_of_fault() -> int:
    """Return where, in the text that was parsed last, the statement outside of all braces
    began in which the parser stopped."""
    return _brackets.trail.top


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
        postlex=_brackets,
    )


def _load_tables() -> Lark | None:
    """Load the saved tables, or None where there are none, or stale or damaged ones."""
    try:
        with open(resources.tables_path(), "rb") as stream:
            if stream.readline() != _stamp():
                return None
            instance: Any = Lark.__new__(Lark)
            # Lark.load() takes no post-lexer; this is what it calls.
            loaded: Lark = instance._load(stream, postlex=_brackets)
            return loaded
    except Exception:  # a damaged pickle raises anything; the grammar is always there
        return None


def _stamp() -> bytes:
    grammar = zlib.crc32(resources.grammar_text().encode())
    return f"kxsh tables lark={lark.__version__} grammar={grammar:08x}\n".encode()
