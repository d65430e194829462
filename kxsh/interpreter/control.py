"""How break, continue and return travel; none of them is an error."""

from __future__ import annotations

from kxsh.source import Span


class Leave(Exception):
    """Base of the jumps out of a block. `word` and `where` are for one that finds nothing
    to leave, at `span`."""

    word, where = "", ""

    def __init__(self, span: Span) -> None:
        super().__init__()
        self.span = span


class BreakLoop(Leave):
    word, where = "break", "loop"


class ContinueLoop(Leave):
    word, where = "continue", "loop"


class ReturnValue(Leave):
    word, where = "return", "function"

    def __init__(self, span: Span, value: object) -> None:
        super().__init__(span)
        self.value = value
