"""The terminals of a line that is still being typed, for highlighting and completion."""

from __future__ import annotations

from kxsh.errors import KxshError
from kxsh.record import record
from kxsh.syntax import parser
from kxsh.syntax.brackets import Refused
from kxsh.syntax.lalr import Stopped


@record
class LineToken:
    """One terminal of grammar/kxsh.lark and the characters `start` up to `end`."""

    type: str
    start: int
    end: int


def line_tokens(text: str) -> tuple[list[LineToken], int]:
    """Return the tokens of a prompt line up to its first fault, and where that is.

    A line without a fault gives its length. Blanks and comments are not tokens.
    """
    tokens: list[LineToken] = []
    try:
        for token in parser.tokens(text, "repl"):
            tokens.append(LineToken(token.type, token.start, token.end))
    except Stopped as error:
        # The fault may be a token that was already noted, when the parser was given it.
        while tokens and tokens[-1].start >= error.place:
            tokens.pop()
        return tokens, error.place
    except (KxshError, Refused):
        return tokens, tokens[-1].end if tokens else 0
    return tokens, len(text)
