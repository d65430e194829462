"""What a script wants to follow its failure."""

from __future__ import annotations

from collections.abc import Callable


class Policy:
    """What follows an uncaught failure: `action` recovery, reboot or poweroff, after
    `delay` seconds in which the error stays on the screen. `changed` is told of a script's
    wish."""

    __slots__ = ("action", "changed", "delay")

    def __init__(self, action: str = "recovery", delay: float = 0) -> None:
        self.action = action
        self.delay = delay
        self.changed: Callable[[], None] = lambda: None

    def set(self, action: str, delay: float) -> None:
        self.action, self.delay = action, delay
        self.changed()
