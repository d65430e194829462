"""The pieces that a session's script is made of: what their statements do, and what the
checker says about all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kxsh.commands import COMMANDS
from kxsh.record import record
from kxsh.source import Source
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_line

if TYPE_CHECKING:
    from kxsh.diagnostics import Diagnostic

_FIRST = "kxs 1\n"
# They have no effects to declare, and none: they only say, or find out.
_LOOKING = frozenset("kxs say warn help devices findfs part cmdline".split())


@record
class Piece:
    """A statement of the script: its text, the number of the line that it is from, and
    whether it stands in a script already, which says what it says for a reason."""

    text: str
    at: int
    own: bool = False

    @property
    def statement(self) -> ast.Statement | None:
        return next(iter(parse_line(Source("", self.text)).statements), None)


def joined(pieces: Sequence[Piece]) -> str:
    return _FIRST + "".join(f"{piece.text}\n" for piece in pieces)


def check(pieces: Sequence[Piece]) -> list[Diagnostic]:
    from kxsh.checker import check_source

    return check_source(Source("new script", joined(pieces)))


def piece_at(pieces: Sequence[Piece], offset: int) -> Piece | None:
    begin = len(_FIRST)
    for piece in pieces:
        end = begin + len(piece.text) + 1
        if begin <= offset < end:
            return piece
        begin = end
    return None


def statements_of(text: str) -> Sequence[ast.Statement]:
    return parse_line(Source("", text)).statements if text else ()


def names_of(statement: ast.Statement) -> list[str]:
    return [statement.name] if isinstance(statement, ast.Let | ast.Set | ast.Function) else []


def acts(node: ast.Node) -> bool:
    """Tell whether a statement or a value does more than to look at something."""
    if isinstance(node, ast.Let | ast.Set | ast.Function | ast.Import):
        return True
    return any(
        isinstance(inner, ast.Set) or (isinstance(inner, ast.Call) and _call_acts(inner))
        for inner in ast.walk(node)
    )


def _call_acts(call: ast.Call) -> bool:
    command = COMMANDS.get(call.name)
    if command is None or call.name == "fetch":  # a function; a file that comes into memory
        return True
    if call.name == "next-boot" and not call.arguments:
        return False
    return not (call.name in _LOOKING or command.effects == ("reads",) or _is_dry(call))


def _is_dry(call: ast.Call) -> bool:
    """Tell whether a call only shows what would be started."""
    return any(item.kind == "option" and item.name == "dry-run" for item in call.arguments)


def starts(piece: Piece) -> bool:
    return any(
        isinstance(node, ast.Call) and node.name in ("exec", "boot", "menu") and not _is_dry(node)
        for one in statements_of(piece.text)
        for node in ast.walk(one)
    )
