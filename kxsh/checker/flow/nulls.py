"""KX105: variables that are null on a path to where a value is needed."""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.checker.flow.evidence import Spot
from kxsh.checker.flow.state import NULL, Path, Value, quoted
from kxsh.checker.report import Report
from kxsh.syntax import ast
from kxsh.usage import handle_null
from kxsh.values import NULL as NULL_TYPE
from kxsh.values import accepts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.calls import Given
    from kxsh.checker.flow.walk import Walk
    from kxsh.checker.resolved import Called


def must_not_be(walk: Walk, node: ast.Value, value: Value, path: Path) -> None:
    """Look at a value that is used where null cannot be."""
    if not isinstance(node, ast.Variable):
        return
    if value == NULL or value.nullable:
        walk.evidence.hit("KX105", node.span, path, _tell, value)
    else:
        walk.evidence.passed("KX105", node.span, path)


def look(walk: Walk, called: Called, given: Mapping[str, list[Given]], path: Path) -> None:
    """Look at the arguments of a call whose parameters take no null."""
    for name, items in given.items():
        parameter = called.bound[name].parameter
        if parameter.kind == "flag" or accepts(parameter.type, NULL_TYPE):
            continue
        for item in items:
            must_not_be(walk, item.node, item.value, path)


def _tell(report: Report, spot: Spot) -> None:
    assert spot.hit is not None
    verb = "is" if spot.always and spot.hit.what == NULL else "may be"
    report.add(
        "KX105",
        f"{quoted(spot.span)} {verb} null here",
        spot.span,
        f"{handle_null(spot.span)}, or leave where nothing was found",
        label=f"null{spot.when}" if spot.when else "",
    )
