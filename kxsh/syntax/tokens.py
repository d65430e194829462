"""The terminals of a line that is still being typed, for highlighting and completion."""

from __future__ import annotations

from dataclasses import dataclass

from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from kxsh.errors import KxshError
from kxsh.syntax import parser
from kxsh.syntax.brackets import Refused


@dataclass(frozen=True, slots=True)
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
        for token in parser.interactive(text).iter_parse():
            start = token.start_pos or 0
            tokens.append(LineToken(token.type, start, start + len(token)))
    except UnexpectedToken as error:
        place = error.token.start_pos
        # The fault may be a token that was already noted, when it was fed.
        while tokens and place is not None and tokens[-1].start >= place:
            tokens.pop()
        return tokens, len(text) if place is None else place
    except UnexpectedCharacters as error:
        return tokens, error.pos_in_stream or 0
    except (KxshError, Refused):
        return tokens, tokens[-1].end if tokens else 0
    return tokens, len(text)
