"""A running QEMU and the conversation with it over its serial line."""

from __future__ import annotations

import contextlib
import re
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

from kxsh.image import qemu, tools
from kxsh.image.serial import Listener, SerialLine
from kxsh.image.tools import ImageError
from kxsh.text import display, duration

_SHOWN_LINES = 8
_STOP_SECONDS = 5.0


class GuestTimeout(ImageError):
    """What was awaited did not come in time."""


class GuestEnded(ImageError):
    """QEMU ended, or never began, before what was awaited came."""


class Guest:
    """A virtual machine that runs, from the moment it is made.

    Use as a context manager: leaving ends QEMU. It must be left by the thread that
    made it, since QEMU also dies with that thread. `listener` gets each piece of serial
    output, without escape sequences, on the reading thread.
    Raises ImageError for a missing program, firmware or image.
    """

    def __init__(self, machine: qemu.VirtualMachine, listener: Listener | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="kximage-")
        self._errors = Path(self._folder.name) / "errors"
        self._began = time.monotonic()
        try:
            self.process = self._start(machine)
        except BaseException:
            self._folder.cleanup()
            raise
        assert self.process.stdout is not None
        self.serial = SerialLine(self.process.stdout, listener)

    def _start(self, machine: qemu.VirtualMachine) -> subprocess.Popen[bytes]:
        argv = qemu.arguments(machine, Path(self._folder.name))
        argv += ["-chardev", "stdio,id=serial,signal=off", "-serial", "chardev:serial"]
        with self._errors.open("wb") as errors:
            return tools.start(
                qemu.command(argv),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors.fileno(),
            )

    def __enter__(self) -> Guest:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def seconds(self) -> float:
        """Seconds since QEMU was started."""
        return time.monotonic() - self._began

    def expect(self, pattern: str, timeout: float) -> re.Match[str]:
        """Wait for a regular expression on the serial line, after the last match.

        Escape sequences and carriage returns are not seen; ``^`` and ``$`` match at
        lines. Raises GuestTimeout after `timeout` seconds, GuestEnded when QEMU ends.
        """
        found = self.serial.find(pattern, timeout)
        if found:
            return found
        if self.serial.closed:
            raise GuestEnded(f"{self._ending()} before {pattern!r} came{self._last()}")
        raise GuestTimeout(f"no {pattern!r} within {duration(timeout)}{self._last()}")

    def send(self, text: str) -> None:
        """Type `text` on the serial line. Raises GuestEnded when QEMU has ended."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(text.encode())
            self.process.stdin.flush()
        except BrokenPipeError as error:
            raise GuestEnded(f"{self._ending()} before {text!r} could be typed") from error

    def wait(self, timeout: float) -> int:
        """Wait until the machine is off; return QEMU's status. Raises GuestTimeout."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            limit = duration(timeout)
            raise GuestTimeout(f"still running after {limit}{self._last()}") from error

    def stop(self) -> None:
        """End QEMU, and wait for it. Harmless when it has ended."""
        self.process.terminate()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.serial.join()
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # text that QEMU did not take
            self.process.stdin.close()
        self._folder.cleanup()

    def _ending(self) -> str:
        status = self.process.wait()
        lines = self._errors.read_text(errors="replace").split("\n")
        said = [display(line.strip()) for line in lines if line.strip()]
        return f"QEMU ended (status {status}{': ' + said[-1] if said else ''})"

    def _last(self) -> str:
        shown = self.serial.last_lines(_SHOWN_LINES)
        return "; the last lines were:\n  " + "\n  ".join(shown) if shown else "; nothing came"
