"""Checks that were planned and are not there, or are otherwise, and why: docs/checks.md
tells it."""

from __future__ import annotations

from kxsh.record import record


@record
class Dropped:
    """A planned code that turned out wrong or useless, or `title` of it did."""

    code: str
    title: str
    reason: str


DROPPED: tuple[Dropped, ...] = (
    Dropped(
        "KX208",
        "deprecated command or option",
        "Edition 1 of kxs has deprecated nothing, so there is nothing to find. The code stays "
        "reserved for the first command or option that a later edition replaces.",
    ),
)

OTHERWISE: tuple[Dropped, ...] = (
    Dropped(
        "KX706",
        "an error, planned as a warning",
        "A time without a unit is refused when the script runs, so the check says so with the "
        "severity of what stops a script.",
    ),
)
