"""Text to syntax tree by the tables of grammar/kxsh.lark, and a parser's faults in words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kxsh.errors import ParseError
from kxsh.source import Source, Span
from kxsh.syntax import ast, limits, tables
from kxsh.syntax.brackets import Brackets, Refused
from kxsh.syntax.lalr import Grammar, Run, Stopped, Token, Tree
from kxsh.syntax.transform import Transformer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PLAIN_NAME = re.compile(r"[A-Za-z_]\w*")
_LEADING_NAME = re.compile(r"(?!(?:true|false|null|not)\b)[A-Za-z_]")

_grammar: Grammar | None = None
_brackets = Brackets()


def parse_script(source: Source) -> ast.Script:
    """Return the tree of a whole script; raise `ParseError` at the first fault."""
    return _parse(source, "start")


def parse_line(source: Source) -> ast.Script:
    """Return the tree of what was typed at the prompt, where an expression may stand
    alone. `ParseError.incomplete` says that more lines may complete it."""
    return _parse(source, "repl")


def tokens(text: str, start: str) -> Iterator[Token]:
    """Yield the terminals of a script (`start`) or a prompt line (`repl`), each before the
    parser takes it; raise `Stopped` at a fault, or `Refused`."""
    return _run(text, start).tokens()


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


def parse_tree(source: Source, text: str, start: str, base: int) -> Tree:
    """Return the tree of rules of the part of a source that begins at `base`; `ParseError`."""
    try:
        return _run(text, start).tree()
    except (Stopped, Refused) as error:
        raise _error(source, text, base, error) from None


def parse_part(
    source: Source, text: str, start: str, base: int
) -> tuple[list[Any], ParseError | None]:
    """Return the trees of the statements before the first fault, and that; see above.

    A statement counts as one that stands outside of all braces.
    """
    try:
        return _run(text, start).tree().children, None
    except Stopped as error:
        return _finished(error.values), _error(source, text, base, error)
    except Refused as error:
        return [], _error(source, text, base, error)


def _finished(values: list[Any]) -> list[Any]:
    """Return the statements that were complete when the parser stopped: they lie at the
    bottom of its stack, in the tree of the grammar's ``(_stmt _NL)*``."""
    stack = list(values)
    if stack and isinstance(stack[0], Token):  # the line ends above the first one
        del stack[0]
    found: list[Any] = []
    if stack and isinstance(stack[0], Tree) and stack[0].rule.startswith(_STARS):
        found += stack.pop(0).children
    # One that its line end follows, which was not put to the others yet.
    if stack and isinstance(stack[0], Tree) and _is_line_end(stack[1:2]):
        found += stack[0].children if stack[0].rule == "_stmt" else stack[:1]
    return found


_STARS = ("__start_star", "__repl_star")


def _is_line_end(values: list[Any]) -> bool:
    return bool(values) and isinstance(values[0], Token) and values[0].type == "_NL"


def _error(source: Source, text: str, base: int, error: Stopped | Refused) -> ParseError:
    if isinstance(error, Refused):
        place = base + error.token.start
        return ParseError(error.message, span=Span(source, place, place + 1))
    from kxsh.syntax.faults import fault_at  # costs regular expressions

    return fault_at(source, base, error.place, error.token, error.expected, _brackets.trail)


def top_of_fault() -> int:
    """Return where, in the text that was parsed last, the statement outside of all braces
    began in which the parser stopped."""
    return _brackets.trail.top


def _run(text: str, start: str) -> Run:
    global _grammar
    if _grammar is None:
        _grammar = Grammar(tables.load())
    return Run(_grammar, text, start, _brackets)
