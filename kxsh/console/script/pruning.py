"""What need not be in a session's script: the checker finds it to be in vain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kxsh.console.script.pieces import Piece, acts, check, piece_at
from kxsh.record import replace
from kxsh.syntax import ast

if TYPE_CHECKING:
    from kxsh.diagnostics import Diagnostic

# What the checker says of a line that need not be there: its value is not used, or its kernel
# is not started, since a later line loads another.
_UNUSED, _REPLACED = ("KX102", "KX206"), "KX307"
# A name that is made twice, as at the prompt: the second time it is set.
_AGAIN = "KX103"


def prune(pieces: list[Piece]) -> None:
    """Take out what the checker finds to be in vain, until there is nothing of that kind."""
    findings = check(pieces)
    tried: set[tuple[str, str]] = set()
    while True:
        for finding in sorted(findings, key=lambda item: item.code == _AGAIN):
            piece = _piece_of(finding, pieces)
            text = None if piece is None else _instead(finding.code, piece)
            if piece is None or text is None or (finding.code, piece.text) in tried:
                continue
            tried.add((finding.code, piece.text))
            new = {id(piece): text} | (_sets(piece, pieces) if finding.code in _UNUSED else {})
            changed = [replace(one, text=new.get(id(one), one.text)) for one in pieces]
            after = check([one for one in changed if one.text])
            if _errors(after) <= _errors(findings):
                pieces[:] = [one for one in changed if one.text]
                findings = after
                break
        else:
            return


def _errors(findings: Sequence[Diagnostic]) -> int:
    return sum(item.severity == "error" for item in findings)


def _piece_of(finding: Diagnostic, pieces: list[Piece]) -> Piece | None:
    """Return the piece that a finding says to be in vain."""
    span = finding.span
    if finding.code == _REPLACED:  # it is told of at the load that takes its place
        span = finding.related[0].span if finding.related else None
    piece = piece_at(pieces, span.start) if span is not None else None
    if piece is None or not piece.own:
        return piece
    # Only a load by hand takes the place of one that the script does.
    after = piece_at(pieces, finding.span.start) if finding.span is not None else None
    return piece if finding.code == _REPLACED and after is not None and not after.own else None


def _instead(code: str, piece: Piece) -> str | None:
    """Return what stands in the place of a piece that a finding is about: empty for nothing,
    None where it stays."""
    statement = piece.statement
    if code == _REPLACED:
        if isinstance(statement, ast.CallStatement) and not statement.handlers:
            return "" if statement.call.name == "load" else None
        return None
    if code == _AGAIN and isinstance(statement, ast.Let) and statement.type is None:
        return f"set {piece.text.removeprefix('let ')}"
    if code not in _UNUSED or not isinstance(statement, ast.Let | ast.Function | ast.Import):
        return None
    return _without_name(statement.value) if isinstance(statement, ast.Let) else ""


def _sets(piece: Piece, pieces: Sequence[Piece]) -> dict[int, str]:
    """Return what stands in the place of each `set` of a name that nothing reads."""
    made = piece.statement
    if not isinstance(made, ast.Let):
        return {}
    found = {}
    for one in pieces:
        statement = one.statement
        if not one.own and isinstance(statement, ast.Set) and statement.name == made.name:
            text = _without_name(statement.value)
            if text is not None:
                found[id(one)] = text
    return found


def _without_name(value: ast.Value) -> str | None:
    """Return what is left of a value that nobody needs: the call that makes it, if that does
    something besides. None where it has to stay a value."""
    if not acts(value):
        return ""
    inner = value.value if isinstance(value, ast.Handled) else value
    return value.span.text if isinstance(inner, ast.Call) else None
