"""What was seen at a place on the paths that came by, and what is told of it at the end.

A check looks at one path at a time. It says `hit` where something is wrong and `passed`
where it is right; afterwards a place is reported when a path of its own was hit, or all
were: a blurred path may be one that cannot be walked.
"""

from __future__ import annotations

from collections.abc import Callable

from kxsh.checker.flow.state import Choice, Path, Trail, parting
from kxsh.checker.report import Report
from kxsh.record import record
from kxsh.source import Span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@record
class Seen:
    """One path at a place; `what` is the check's own."""

    trail: Trail | None
    blurred: bool
    what: Any


class Spot:
    """A place that a check looked at: the first paths that were wrong and right there."""

    __slots__ = ("code", "hit", "passed", "span", "tell")

    def __init__(self, code: str, span: Span) -> None:
        self.code = code
        self.span = span
        self.hit: Seen | None = None
        self.passed: Seen | None = None
        self.tell: Callable[[Report, Spot], None] | None = None

    @property
    def always(self) -> bool:
        """Tell whether it is wrong on every path."""
        return self.passed is None

    @property
    def choice(self) -> Choice | None:
        """The fork at which a wrong path left the right ones."""
        if self.hit is None or self.passed is None:
            return None
        return parting(self.hit.trail, self.passed.trail)

    @property
    def when(self) -> str:
        """` when ...`, or nothing where there is no fork to name."""
        return f" when {self.choice.outcome}" if self.choice else ""


class Evidence:
    """All places that one walk looked at."""

    def __init__(self) -> None:
        self._spots: dict[tuple[str, str, int, int], Spot] = {}

    def hit(
        self,
        code: str,
        span: Span,
        path: Path,
        tell: Callable[[Report, Spot], None],
        what: Any = None,
    ) -> None:
        """Note that `path` is wrong at `span`; `tell` reports it in the end."""
        spot = self._spot(code, span)
        if spot.hit is None or (spot.hit.blurred and not path.blurred):
            spot.hit = Seen(path.trail, path.blurred, what)
            spot.tell = tell

    def passed(self, code: str, span: Span, path: Path, what: Any = None) -> None:
        """Note that `path` is right at `span`."""
        spot = self._spot(code, span)
        if spot.passed is None:
            spot.passed = Seen(path.trail, path.blurred, what)

    def _spot(self, code: str, span: Span) -> Spot:
        key = (code, span.source.name, span.start, span.end)
        spot = self._spots.get(key)
        if spot is None:
            spot = self._spots[key] = Spot(code, span)
        return spot

    def absorb(self, other: Evidence) -> None:
        """Take what another walk through the same function has seen."""
        for key, spot in other._spots.items():
            mine = self._spots.setdefault(key, spot)
            if spot.hit and (mine.hit is None or (mine.hit.blurred and not spot.hit.blurred)):
                mine.hit, mine.tell = spot.hit, spot.tell
            mine.passed = mine.passed or spot.passed

    def report(self, report: Report) -> None:
        """Report what is wrong, place by place."""
        for spot in self._spots.values():
            if spot.hit and spot.tell and (spot.always or not spot.hit.blurred):
                spot.tell(report, spot)
