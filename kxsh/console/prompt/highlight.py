"""Colours for the line that is being typed, from the grammar's own terminals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.lexers import Lexer

from kxsh.commands import COMMANDS
from kxsh.console.prompt.session import Session
from kxsh.syntax.tokens import line_tokens

_CLASSES = {
    "OPT": "option",
    "OPTVAL": "option",
    "SOPT": "option",
    "VAR": "variable",
    "NUMBER": "number",
    "UNIT": "number",
}
_KEYWORDS = frozenset(
    "LET SET IF ELSE WHILE FOR IN MATCH TRY AS FN RETURN BREAK CONTINUE IMPORT"
    " NOT AND OR TRUE FALSE NULL".split()
)
_PIECES = re.compile(r"(\$\{[^}]*\}|\$[A-Za-z_]\w*)|(\"[^\"]*\"|'[^']*')")


class Highlighter(Lexer):
    """prompt_toolkit's lexer for kxs."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lex_document(self, document: Document) -> Callable[[int], StyleAndTextTuples]:
        lines: list[StyleAndTextTuples] = [[]]
        for style, text in self.pieces(document.text):
            first, *others = text.split("\n")
            lines[-1].append((style, first))
            lines += [[(style, line)] for line in others]
        return lambda number: lines[number] if number < len(lines) else []

    def pieces(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield (style class, text) that together are the whole text."""
        if not text:  # the prompt is there before the parser's tables are
            return
        tokens, _ = line_tokens(text)
        at = 0
        for token in tokens:
            yield from _between(text[at : token.start])
            yield from self._token(token.type, text[token.start : token.end])
            at = token.end
        yield from _between(text[at:])

    def _token(self, kind: str, text: str) -> Iterator[tuple[str, str]]:
        if kind in _KEYWORDS:
            yield "class:keyword", text
        elif kind == "CMD":
            yield ("class:command" if self._is_command(text) else "class:unknown"), text
        elif kind in ("WORD", "STRING"):
            yield from _word(text)
        elif kind == "_NL":
            yield from _between(text)
        else:
            yield f"class:{_CLASSES[kind]}" if kind in _CLASSES else "", text

    def _is_command(self, name: str) -> bool:
        return (
            name in COMMANDS
            or name in self._session.commands
            or self._session.interpreter.session.function(name) is not None
        )


def _between(text: str) -> Iterator[tuple[str, str]]:
    """Yield what no token covers: blanks, and comments up to their line's end."""
    for line in text.splitlines(keepends=True):
        before, sign, comment = line.partition("#")
        yield "", before
        if sign:
            yield "class:comment", sign + comment


def _word(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    for match in _PIECES.finditer(text):
        yield "", text[at : match.start()]
        yield ("class:variable" if match[1] else "class:string"), match[0]
        at = match.end()
    yield "", text[at:]
