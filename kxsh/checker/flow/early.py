"""KX104: a function that is called above the `let` of a variable that it reads."""

from __future__ import annotations

from kxsh.checker.flow.evidence import Spot
from kxsh.checker.report import Report
from kxsh.errors import Related
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.state import Path, Slot
    from kxsh.checker.flow.walk import Walk


def look(walk: Walk, node: ast.Variable, slot: Slot | None, path: Path) -> None:
    """Look at a variable that a function reads: its `let` has to have run by then."""
    function = walk.summary.function
    home = walk.program.homes.get(id(function)) if function is not None else None
    if home is None or node.name == "esp":
        return
    if slot is None:
        what = (home, walk.summary.called_at)
        walk.evidence.hit("KX104", node.span, path, _tell, what)
    elif slot.depth <= walk.outside:
        walk.evidence.passed("KX104", node.span, path)


def _tell(report: Report, spot: Spot) -> None:
    assert spot.hit is not None
    home, called_at = spot.hit.what
    name = spot.span.text.lstrip("$")
    made = home.find(name)
    if made is None:  # nothing makes it at all, and that is told elsewhere
        return
    related = [Related(made.span, "made here")]
    if called_at is not None:
        related.insert(0, Related(called_at, "the function is called here, above that"))
    report.add(
        "KX104",
        f"`${name}` is not made yet when this function is called",
        spot.span,
        f"put `let {name} = ...` above the call",
        related=related,
    )
