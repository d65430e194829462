"""What a check saw on its way, for those who show more than findings: editors."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.checker.resolved import Resolved
from kxsh.source import Span
from kxsh.syntax import ast


class Insight:
    """The tree that was checked, and what its names turned out to be.

    Of a text with faults that is what could be read of it; `place` turns the tree's
    places, which are those of a patched text, into the text's own. `script` is None
    where nothing could be read.
    """

    def __init__(self) -> None:
        self.script: ast.Script | None = None
        self.place: Callable[[Span], Span] = lambda span: span
        self.resolved = Resolved()
