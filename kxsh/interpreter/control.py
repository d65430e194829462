"""How break, continue and return travel; none of them is an error."""

from __future__ import annotations


class Leave(Exception):
    """Base of the jumps out of a block."""


class BreakLoop(Leave):
    pass


class ContinueLoop(Leave):
    pass


class ReturnValue(Leave):
    def __init__(self, value: object) -> None:
        super().__init__()
        self.value = value
