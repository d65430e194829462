"""What a terminal's driver does with keys, changed for a while (termios(3))."""

from __future__ import annotations

import termios
from contextlib import suppress

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Modes:
    """A context in which a terminal has other modes: `change` alters the list of tcgetattr.

    `when` is termios' word for what happens to keys that were typed before. Entering
    raises termios.error for what is no terminal; leaving one that went away does not.
    """

    def __init__(
        self, descriptor: int, change: Callable[[list[Any]], None], when: int = termios.TCSADRAIN
    ) -> None:
        self._descriptor = descriptor
        self._change = change
        self._when = when

    def __enter__(self) -> Modes:
        self._before = termios.tcgetattr(self._descriptor)
        self._own = termios.tcgetattr(self._descriptor)
        self._change(self._own)
        termios.tcsetattr(self._descriptor, self._when, self._own)
        return self

    def __exit__(self, *_: object) -> None:
        self.lift()

    def lift(self) -> None:
        """Give the terminal as it was before."""
        self._set(self._before)

    def again(self) -> None:
        """Take it back after `lift`."""
        self._set(self._own)

    def _set(self, modes: list[Any]) -> None:
        with suppress(termios.error):
            termios.tcsetattr(self._descriptor, self._when, modes)


def without_stops(mode: list[Any]) -> None:
    """Take Ctrl-Z and Ctrl-\\ off the terminal: nobody could wake or restart us."""
    mode[6][termios.VSUSP] = mode[6][termios.VQUIT] = b"\0"
