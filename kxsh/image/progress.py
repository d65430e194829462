"""Progress of long work: lines of text, and a percentage that stays on its line."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from kxsh.text import display


class Progress:
    """Reports steps and percentages to `stream` (standard error unless told).

    On a terminal a percentage is redrawn in place; elsewhere only steps are printed,
    so that logs stay short. `quiet` prints nothing.
    """

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream if stream is not None else sys.stderr
        self._quiet = quiet
        self._live = self._stream.isatty()
        self._started = time.monotonic()
        self._drawn = 0.0
        self._open = False

    def step(self, text: str) -> None:
        """Say what begins now."""
        self._line(f"{self.elapsed():6.1f}s  {display(text)}")

    def part(self, text: str, done: int, total: int) -> None:
        """Say how far the step is; drawn at most ten times a second."""
        now = time.monotonic()
        if self._quiet or not self._live or (now - self._drawn < 0.1 and done < total):
            return
        self._drawn = now
        percent = 100 * done // total if total else 100
        self._stream.write(f"\r{self.elapsed():6.1f}s  {display(text)} {percent:3d}%")
        self._stream.flush()
        self._open = True

    def elapsed(self) -> float:
        """Return seconds since the work began."""
        return time.monotonic() - self._started

    def _line(self, text: str) -> None:
        if self._quiet:
            return
        if self._open:
            self._stream.write("\r\x1b[K")
            self._open = False
        self._stream.write(text + "\n")
        self._stream.flush()
