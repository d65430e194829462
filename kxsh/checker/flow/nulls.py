"""KX105: variables that are null on a path to where a value is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kxsh.checker.flow.evidence import Spot
from kxsh.checker.flow.state import NULL, Path, Value, quoted
from kxsh.checker.report import Report
from kxsh.syntax import ast

if TYPE_CHECKING:
    from kxsh.checker.flow.walk import Walk


def must_not_be(walk: Walk, node: ast.Value, value: Value, path: Path) -> None:
    """Look at a value that is used where null cannot be."""
    if not isinstance(node, ast.Variable):
        return
    if value == NULL:
        walk.evidence.hit("KX105", node.span, path, _tell)
    else:
        walk.evidence.passed("KX105", node.span, path)


def _tell(report: Report, spot: Spot) -> None:
    verb = "is" if spot.always else "may be"
    report.add(
        "KX105",
        f"{quoted(spot.span)} {verb} null here",
        spot.span,
        "handle it first: `if let x = $x { ... }`, or leave where nothing was found",
        label=f"null{spot.when}" if spot.when else "nothing has set it",
    )
