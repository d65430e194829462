"""A program on a real pty, and what stands on its screen."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pexpect
import pyte

HERE = Path(__file__).parent
# Device attributes, status and cursor reports, DECRQM, OSC, DCS: what expects an answer.
QUERIES = re.compile(rb"\x1b\[[>=?]?\d*c|\x1b\[\??\d+n|\x1b\[\?\d+\$p|\x1b\]|\x1bP|\x05|\x1bZ")

_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][0-9A-Za-z]|[=>78])")


def _ignore_keys() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGQUIT, signal.SIG_IGN)


class Screen:
    """Runs a Python program of this folder on a pty of `columns` x `rows`; with
    `background`, SIGINT and SIGQUIT are ignored to begin with: as PID 1 starts it."""

    def __init__(
        self,
        program: str,
        *arguments: str,
        term: str = "xterm",
        columns: int = 80,
        rows: int = 24,
        background: bool = False,
    ) -> None:
        environment = {
            "TERM": term,
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": f"{HERE.parent.parent}:{HERE.parent}",
        }
        self.columns = columns
        self.output = b""
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.process = pexpect.spawn(
            sys.executable,
            [str(HERE / program), *arguments],
            env=environment,  # type: ignore[arg-type]
            dimensions=(rows, columns),
            timeout=20,
            preexec_fn=_ignore_keys if background else None,
        )
        self.process.delaybeforesend = None

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill the program, if it is still there."""
        try:
            self.process.close(force=True)
        except pexpect.ExceptionPexpect:  # a busy machine takes its time to end what is killed
            self.process.wait()

    @property
    def lines(self) -> Sequence[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).rstrip()

    @property
    def underlined(self) -> list[str]:
        """The pieces of the screen that are underlined, from its top."""
        found: list[str] = []
        for row in range(self._screen.lines):
            cells = [self._screen.buffer[row][column] for column in range(self.columns)]
            marked = "".join(cell.data if cell.underscore else "\0" for cell in cells)
            found += [piece for piece in marked.split("\0") if piece]
        return found

    @property
    def cursor_line(self) -> str:
        return self.lines[self._screen.cursor.y]

    @property
    def everything(self) -> str:
        return self.output.decode("utf-8", "replace")

    def pump(self, seconds: float = 0.05) -> bool:
        """Read what comes within `seconds`; False at the end of the program."""
        try:
            data = self.process.read_nonblocking(65536, timeout=seconds)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.output += data
        self._stream.feed(data)
        return True

    def wait(self, wanted: str, timeout: float = 20) -> None:
        """Wait until the regular expression `wanted` is on the screen."""
        deadline = time.monotonic() + timeout
        while not re.search(wanted, self.text, re.MULTILINE):
            alive = self.pump()
            if (not alive and not re.search(wanted, self.text, re.MULTILINE)) or (
                time.monotonic() > deadline
            ):
                raise AssertionError(f"no {wanted!r} on the screen:\n{self.text}")

    def wait_first(self, wanted: str, timeout: float = 20) -> None:
        """Wait until the regular expression `wanted` is in the screen's first line."""
        deadline = time.monotonic() + timeout
        while not re.search(wanted, self.lines[0]):
            self.pump()
            if time.monotonic() > deadline:
                raise AssertionError(f"no {wanted!r} in the first line:\n{self.text}")

    def wait_new(self, wanted: str, before: int, timeout: float = 20) -> None:
        """Wait until `wanted` is in what came after `before` characters of `everything`: on
        a small screen it may have gone by. Escape sequences and line ends do not count."""
        deadline = time.monotonic() + timeout
        while True:
            shown = _SEQUENCE.sub("", self.everything[before:]).replace("\r", "")
            wrapped = shown.replace("\n  ", " ").replace("\n", " ")
            if any(re.search(wanted, text, re.MULTILINE) for text in (shown, wrapped)):
                return
            self.pump()
            if time.monotonic() > deadline:
                raise AssertionError(f"no {wanted!r} in what came:\n{shown}")

    def wait_cursor(self, line: str, timeout: float = 20) -> None:
        """Wait until the cursor's line reads `line`, as a regular expression."""
        deadline = time.monotonic() + timeout
        while not re.fullmatch(line, self.lines[self._screen.cursor.y]):
            self.pump()
            if time.monotonic() > deadline:
                raise AssertionError(f"the cursor is not on {line!r}:\n{self.text}")

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size, as a window does."""
        self.columns = columns
        self._screen.resize(rows, columns)
        self.process.setwinsize(rows, columns)

    def type(self, text: str) -> None:
        os.write(self.process.child_fd, text.encode())

    def command(self, text: str, wanted: str) -> None:
        """Type a line at the prompt and wait for what it shows, and the prompt again."""
        self.wait_cursor("kxsh>")
        self.type(text + "\r")
        self.wait(wanted)
        self.wait_cursor("kxsh>")

    def end(self) -> int:
        """Wait for the program's end; return its exit status."""
        deadline = time.monotonic() + 20
        while self.pump() and time.monotonic() < deadline:
            continue
        self.process.close()
        status = self.process.exitstatus
        assert status is not None, f"killed by a signal: {self.process.signalstatus}"
        return int(status)
