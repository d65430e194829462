"""What a terminal at the other end of a guest's serial line shows."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pyte
from lab import PATIENCE

from kxsh.image.guest import Guest

COLUMNS, ROWS = 80, 24


class SerialScreen:
    """The screen of a guest's serial line, drawn from all that came."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.Stream(self._screen)
        self._fed = 0
        self._typed = 0

    def draw(self) -> None:
        """Draw what came since it was drawn last."""
        raw = self._guest.serial.raw
        self._stream.feed(raw[self._fed :])
        self._fed = len(raw)

    @property
    def text(self) -> str:
        self.draw()
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    @property
    def cursor_line(self) -> str:
        self.draw()
        return str(self._screen.display[self._screen.cursor.y]).rstrip()

    def type(self, text: str) -> None:
        self._typed = len(self._guest.serial.text)
        self._guest.send(text)

    def wait(self, wanted: str, timeout: float = PATIENCE) -> None:
        """Wait for a regular expression on the screen, or in what came since the last keys."""

        def there() -> bool:
            came = self._guest.serial.text[self._typed :]
            return any(re.search(wanted, text, re.MULTILINE) for text in (self.text, came))

        self._until(there, wanted, timeout)

    def wait_new(self, wanted: str, timeout: float = PATIENCE) -> None:
        """Wait for a regular expression in what came since the last keys."""

        def there() -> bool:
            came = self._guest.serial.text[self._typed :]
            return re.search(wanted, came, re.MULTILINE) is not None

        self._until(there, wanted, timeout)

    def wait_cursor(self, line: str, timeout: float = PATIENCE) -> None:
        """Wait until the cursor's line reads so."""
        self._until(lambda: re.fullmatch(line, self.cursor_line) is not None, line, timeout)

    def _until(self, there: Callable[[], bool], wanted: str, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not there():
            assert not self._guest.serial.closed, f"it ended before {wanted!r}:\n{self.text}"
            assert time.monotonic() < deadline, f"no {wanted!r} on the screen:\n{self.text}"
            time.sleep(0.02)
