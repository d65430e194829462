"""A script as a formatter sees it: tokens in statements and blocks, and what lies between.

The tree of kxsh.syntax.ast has no comments and no blank lines. The parser's tokens have
places, so all that is between two of them is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from kxsh.source import Source
from kxsh.syntax import parser
from kxsh.syntax.lalr import Token


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a line of its own; `apart`: a blank line stands above it."""

    text: str
    apart: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """What lies between two tokens: `trailing` is a comment on the first one's line, `own`
    are those on lines of their own; `apart`: a blank line stands above the second token.
    `escaped`: the line was broken by a backslash."""

    trailing: str = ""
    own: tuple[Comment, ...] = ()
    broken: bool = False
    apart: bool = False
    escaped: bool = False

    @property
    def commented(self) -> bool:
        return bool(self.trailing or self.own)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A terminal of grammar/kxsh.lark, and what lies before it."""

    type: str
    text: str
    gap: Gap


@dataclass(slots=True)
class Block:
    """`{ ... }`: `closing` lies before the brace at its end; `flat`: written on one line.
    The arms of a `match` are its statements."""

    arms: bool
    gap: Gap
    statements: list[Statement] = field(default_factory=list)
    closing: Gap = field(default_factory=Gap)
    flat: bool = True


Element = Leaf | Block
Statement = list[Element]


def read_pieces(source: Source) -> Block:
    """Return a script that parses as one block; its `closing` is the end of the file."""
    text = source.text + "\n"
    return _Reader(text, parser.tokens(text, "start")).script()


class _Reader:
    """Builds the blocks; `_at` is where the token before ended."""

    def __init__(self, text: str, tokens: Iterator[Token]) -> None:
        self._text = text
        self._tokens = tokens
        self._at = 0

    def script(self) -> Block:
        block = Block(False, Gap(), flat=False)
        self._fill(block)
        block.closing = self._gap(len(self._text))
        return block

    def _fill(self, block: Block) -> None:
        """Read statements up to the brace that ends the block, or to the end."""
        statement: Statement = []
        matching = False
        for token in self._tokens:
            if token.type == "_NL":
                _finish(block, statement)
                statement, matching = [], False
                continue
            gap = self._gap(token.start)
            self._at = token.end
            if token.type == "RBRACE":
                block.closing = gap
                break
            if token.type != "LBRACE":
                statement.append(Leaf(token.type, str(token), gap))
                matching = matching or token.type == "MATCH"
                continue
            statement.append(self._block(matching, gap))
            matching = False
            if block.arms:
                _finish(block, statement)
                statement = []
        _finish(block, statement)

    def _block(self, arms: bool, gap: Gap) -> Block:
        start = self._at
        block = Block(arms, gap)
        self._fill(block)
        block.flat = "\n" not in self._text[start : self._at]
        return block

    def _gap(self, end: int) -> Gap:
        gap = _read_gap(self._text[self._at : end], at_line_start=self._at == 0)
        self._at = end
        return gap


def _finish(block: Block, statement: Statement) -> None:
    if statement:
        block.statements.append(statement)


def _read_gap(text: str, *, at_line_start: bool) -> Gap:
    """Return what a text of blanks, `;`, line ends, backslashes and comments holds."""
    trailing, own, escaped = "", [], False
    ends = 0  # line ends since the last thing that is not blank
    broken = at_line_start
    lines = text.split("\n")
    for number, line in enumerate(lines):
        ends += number > 0
        broken = broken or number > 0
        before, sign, comment = line.partition("#")
        escaped = escaped or "\\" in before
        if not sign:
            continue
        if broken:
            own.append(Comment(f"#{comment}".rstrip(), ends > 1))
        else:
            trailing = f"#{comment}".rstrip()
        ends = 0
    return Gap(trailing, tuple(own), len(lines) > 1, ends > 1, escaped)
