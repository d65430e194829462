"""Checks that were planned and are not there, and why: docs/checks.md tells it."""

from __future__ import annotations

from kxsh.record import record


@record
class Dropped:
    """A planned code that turned out wrong or useless."""

    code: str
    title: str
    reason: str


DROPPED: tuple[Dropped, ...] = ()
