"""Where the cursor is: which command, which of its arguments, and the word so far."""

from __future__ import annotations

from kxsh.record import fresh, mutable, record
from kxsh.syntax.tokens import LineToken, line_tokens

_ARGUMENTS = frozenset(("WORD", "OPT", "OPTVAL", "SOPT"))
_OPENING = frozenset(("LPAR", "LSQB"))
_CLOSING = frozenset(("RPAR", "RSQB"))
# After these, a name stands that nobody can complete, or an operator.
_NOT_HEADS = frozenset(
    "LET FOR FN AS IMPORT NUMBER UNIT VAR STRING NAME RPAR RSQB LSQB DOT COMMA COLON QM"
    " CMPOP SUMOP MULOP AND OR".split()
)


@mutable
class Call:
    """A call that the cursor stands in: its name and the arguments before the word."""

    name: str
    arguments: list[str] = fresh(default_factory=list)


@record
class Position:
    """The cursor's place: `word` is what is typed of the current word, from offset
    `start`; `call` is the command it is an argument of; `head`: a command may stand
    here; `before` is the type of the token before the word, or empty."""

    word: str
    start: int
    call: Call | None
    head: bool
    before: str


def find_position(text: str) -> Position:
    """Return the place of the cursor at the end of `text`."""
    tokens, stop = line_tokens(text)
    start = _word_start(text, tokens, stop)
    while tokens and tokens[-1].end > start:
        tokens.pop()
    call = _call(text, tokens)
    before = tokens[-1].type if tokens else ""
    head = call is None and before not in _NOT_HEADS
    return Position(text[start:], start, call, head, before)


def _word_start(text: str, tokens: list[LineToken], stop: int) -> int:
    """Return where the word under the cursor starts; the end of the text if none does."""
    end = len(text)
    if stop < end:  # an unfinished string or ${...}, perhaps glued to the word before it
        start = stop + len(text[stop:]) - len(text[stop:].lstrip())
        unfinished = text[start:]
        if not _is_open(unfinished) and unfinished.split() and len(unfinished.split()) > 1:
            start = end - len(unfinished.rsplit(None, 1)[-1])
        elif unfinished != unfinished.rstrip() and not _is_open(unfinished):
            return end
    else:
        start = end
    if tokens and tokens[-1].end == start and tokens[-1].type not in _OPENING | {"LBRACE", "_NL"}:
        return _glued(text, tokens)
    return start


def _is_open(text: str) -> bool:
    """Tell whether a quote or ``${`` in the text still waits for its end."""
    return text.count('"') % 2 == 1 or text.count("'") % 2 == 1 or text.count("{") > text.count("}")


def _glued(text: str, tokens: list[LineToken]) -> int:
    """Return the start of the tokens that touch the end: ``$esp.di`` is one word here."""
    index = len(tokens) - 1
    while (
        index
        and tokens[index].type in ("NAME", "DOT")
        and (
            tokens[index - 1].end == tokens[index].start
            and tokens[index - 1].type in ("VAR", "NAME", "DOT")
        )
    ):
        index -= 1
    return tokens[index].start


def _call(text: str, tokens: list[LineToken]) -> Call | None:
    """Return the innermost call that is still open after the tokens."""
    call: Call | None = None
    outer: list[tuple[Call | None, int]] = []
    for token in tokens:
        if token.type == "CMD":
            call = Call(text[token.start : token.end])
        elif token.type in _OPENING:
            outer.append((call, token.start))
            call = None
        elif token.type in _CLOSING:
            call, start = outer.pop() if outer else (None, 0)
            if call is not None:
                call.arguments.append(text[start : token.end])
        elif token.type in _ARGUMENTS and call is not None:
            call.arguments.append(text[token.start : token.end])
        else:
            call = None
    return call
