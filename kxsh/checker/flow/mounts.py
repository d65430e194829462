"""Mounts and other things that are opened: KX304, KX305, KX306, KX312, KX313, KX314."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kxsh.checker.flow.state import ANYTHING, Value

if TYPE_CHECKING:
    from kxsh.checker.flow.calls import Use
    from kxsh.checker.flow.walk import Walk

_PLACED = frozenset(("entry", "menu", "file", "plan", "list"))


def look(walk: Walk, use: Use) -> None:
    """Look at what a command works on."""


def result(walk: Walk, use: Use) -> Value:
    """Return a command's result; what it opens belongs to the block around."""
    return ANYTHING
