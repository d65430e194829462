"""Between lexer and parser: newlines inside ( ) and [ ] do not count. It also keeps the trail
that errors are explained by: what is open, and where the statement began."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.syntax import limits

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.lalr import Token

_OPENING = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
_CLOSING = frozenset(_OPENING.values())
CLOSERS = {"LPAR": ")", "LSQB": "]", "LBRACE": "}"}


class Opened:
    """An open bracket: its terminal, its offset, and the first terminal and the offset of
    the statement that it stands in."""

    __slots__ = ("head", "seam", "start", "type")

    def __init__(self, type: str, start: int, head: str, seam: int) -> None:
        self.type = type
        self.start = start
        self.head = head
        self.seam = seam


class Trail:
    """Where a parse has come to; offsets are those of the text that was handed in.

    `open` are the open brackets, the innermost last; `closed` the places of the braces
    that were paired. `head` is the first terminal of the statement; `seam` is where the
    last line end or brace before the fault ended, and `top` where the last statement
    outside of all braces began.
    """

    __slots__ = ("closed", "head", "open", "seam", "top")

    def __init__(self) -> None:
        self.open: list[Opened] = []
        self.closed: list[tuple[int, int]] = []
        self.head = ""
        self.seam = 0
        self.top = 0


class Brackets:
    """The post-lexer; `trail` is that of the last parse, up to before its last token."""

    always_accept = ("_NL",)

    def __init__(self) -> None:
        self.trail = Trail()

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        trail = self.trail = Trail()
        opened = trail.open
        functions = 0
        for number, token in enumerate(stream):
            kind = token.type
            if number > limits.TOKENS:
                raise Refused(f"more than {limits.TOKENS:,} words and signs", token)
            if kind == "_NL":
                if opened and opened[-1].type != "LBRACE":
                    continue
                yield token
                trail.seam, trail.head = token.end, ""
                if not opened:
                    trail.top = trail.seam
                continue
            if kind in _OPENING and len(opened) >= limits.DEPTH:
                raise Refused("nested too deeply", token)
            if kind == "FN":
                functions += 1
                if functions > limits.FUNCTIONS:
                    raise Refused(f"more than {limits.FUNCTIONS:,} functions", token)
            yield token
            # What follows is reached when the parser took the token and asks for more.
            if kind in _OPENING:
                opened.append(Opened(kind, token.start, trail.head, trail.seam))
                if kind == "LBRACE":
                    trail.seam, trail.head = token.end, ""
            elif kind in _CLOSING:
                _close(trail, token)
            elif not trail.head:
                trail.head = kind


def _close(trail: Trail, token: Token) -> None:
    if not trail.open:
        return
    opening = trail.open.pop()
    if token.type == "RBRACE":
        trail.closed.append((opening.start, token.start))
        trail.seam, trail.head = token.end, opening.head


class Refused(Exception):
    """A script is larger or deeper than any needs to be."""

    def __init__(self, message: str, token: Token) -> None:
        super().__init__(message)
        self.message = message
        self.token = token
