"""The expert's session of tests/expert_steps.py on the serial line of a real boot, to its end:
the line that the target's kernel prints."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pyte
from lab import LOGS, PATIENCE, TARGET_LINE, Lab

from kxsh.image.guest import Guest
from kxsh.image.qemu import Disk, VirtualMachine

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from expert_steps import EXEC, MARK, SCRIPT, Step, converse

COLUMNS, ROWS = 80, 24
# What a terminal would answer, or obey beyond its screen.
ANSWERED = re.compile(r"\x1b\[[>=?]?\d*c|\x1b\[\??\d+n|\x1b\]|\x1bP|\x05|\x1bZ")


class SerialScreen:
    """What a terminal at the other end of a guest's serial line shows."""

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

    def wait_cursor(self, line: str, timeout: float = PATIENCE) -> None:
        """Wait until the cursor's line reads so."""
        self._until(lambda: re.fullmatch(line, self.cursor_line) is not None, line, timeout)

    def _until(self, there: Callable[[], bool], wanted: str, timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not there():
            assert not self._guest.serial.closed, f"it ended before {wanted!r}:\n{self.text}"
            assert time.monotonic() < deadline, f"no {wanted!r} on the screen:\n{self.text}"
            time.sleep(0.02)


def test_an_expert_boots_by_hand(lab: Lab) -> None:
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), SCRIPT.encode())
    with lab.boot(VirtualMachine((Disk(image),)), "expert-session") as guest:
        screen = SerialScreen(guest)
        screen.wait("did you mean LABEL=LEGACY_ISO")
        screen.wait_cursor("kxsh>")
        seen: list[str] = []

        def keep(step: Step) -> None:
            seen.append(f"======== {step.name}\n{screen.text}\n")

        try:
            assert converse(screen, moving=True, patience=PATIENCE, after=keep) >= 40
        finally:
            LOGS.mkdir(parents=True, exist_ok=True)
            (LOGS / "expert-screens.txt").write_text("".join(seen))
        screen.type(EXEC)
        line = guest.expect(TARGET_LINE, PATIENCE)[1]
        assert line.startswith(f"console=ttyS0 {MARK}")
        session = guest.serial.raw[: guest.serial.raw.index(f"Kernel command line: {line}")]
        prompt = session[session.index("Recovery prompt, started from") :]
        assert ANSWERED.findall(prompt) == []
