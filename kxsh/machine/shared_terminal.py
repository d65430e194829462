"""One terminal shown on several consoles: the screen and the serial line together.

A person may sit at either. kxsh runs on a pseudo-terminal; a child process copies what
it writes to every console and what is typed on any console to it. The slowest console sets
the pace, but one that takes nothing at all (Scroll Lock, flow control) is left out until it
does. Sources: pty(7), ioctl_tty(2), flock(2).
"""

from __future__ import annotations

import _signal  # `signal` without its enums, which are slow to make
import fcntl
import os
import select
import struct
import termios
import time
from contextlib import suppress

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any

_ROWS, _COLUMNS = 24, 80  # what every console can show
_CHUNK = 4096
# How long a console may take nothing before the others go on without it, and how long what
# was said last is shown; in seconds.
_PATIENCE = 1.0
# How long a copier that is to end is waited for, in seconds.
_END = 2.0


class Sharing:
    """The process that copies. Who holds this decides when it ends, however many programs
    still have the terminal open; so does the end of that holder."""

    def __init__(self, copier: int, ender: int) -> None:
        self._copier = copier
        self._ender = ender

    def leave(self) -> None:
        """In a child process: leave it to the parent."""
        os.close(self._ender)

    def end(self) -> None:
        """Have it show what was written, and end; a console may hold that up, not for ever."""
        os.close(self._ender)
        deadline = time.monotonic() + _END
        while os.waitpid(self._copier, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.kill(self._copier, _signal.SIGKILL)
                return
            time.sleep(0.01)


def share(consoles: list[str]) -> Sharing | None:
    """Make standard input, output and error a terminal on all of `consoles`.

    `consoles` are device paths; those that cannot be opened are left out. The caller must
    lead its session and have no controlling terminal. Without any console nothing is
    changed, and None returned. Raises OSError when the kernel has no pseudo-terminals.
    """
    files = [fd for path in consoles if (fd := _open(path)) >= 0]
    if not files:
        return None
    _await_turn(files[0])
    master, slave = os.openpty()
    rows, columns = _size(files)
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))
    ended, ender = os.pipe()
    copier = os.fork()
    if copier == 0:
        os.close(slave)
        os.close(ender)
        try:
            os.setsid()
            _Copier(master, files, ended).run()
        finally:
            os._exit(0)
    for fd in (master, ended, *files):
        os.close(fd)
    try:
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    except OSError:
        os.close(ender)  # the copier ends with it, and leaves the consoles to others
        raise
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    if slave > 2:
        os.close(slave)
    return Sharing(copier, ender)


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return -1


def _await_turn(fd: int) -> None:
    """Lock the console, as each copier does, so that one whose holder was killed is gone
    before ours takes keys and changes modes. It cannot keep us from starting."""
    deadline = time.monotonic() + _END
    while time.monotonic() < deadline:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            time.sleep(0.01)


def _size(files: list[int]) -> tuple[int, int]:
    """Return the rows and columns that fit on every console that knows its size."""
    rows, columns = [], []
    for fd in files:
        try:
            height, width = os.get_terminal_size(fd)[::-1]
        except OSError:
            continue
        rows += [height or _ROWS]
        columns += [width or _COLUMNS]
    return min(rows, default=_ROWS), min(columns, default=_COLUMNS)


class _Console:
    """A console, what it has still to show, and since when it has taken nothing of that."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.before = _raw(fd)
        self.pending = b""
        self.since = 0.0
        self.stalled = False
        self.hung_up = False

    @property
    def holds_up(self) -> bool:
        return bool(self.pending) and not self.stalled

    def show(self, data: bytes) -> None:
        if not self.stalled:
            self.pending, self.since = data, time.monotonic()
            self.go_on()

    def go_on(self) -> None:
        """Write what it takes; one that fails must not stop the others."""
        try:
            taken = os.write(self.fd, self.pending) if self.pending else 0
        except BlockingIOError:
            return
        except OSError:
            taken = len(self.pending)
        self.stalled = False
        self.pending, self.since = self.pending[taken:], time.monotonic()

    def give_up(self) -> None:
        """Leave it out until it takes something again."""
        self.pending, self.stalled = b"", True

    def typed(self) -> bytes:
        try:
            data = os.read(self.fd, _CHUNK)
        except BlockingIOError:
            return b""
        except OSError:
            data = b""
        self.hung_up = not data
        return data

    def restore(self) -> None:
        if self.before is not None:
            with suppress(termios.error):
                termios.tcsetattr(self.fd, termios.TCSANOW, self.before)


class _Copier:
    """Copies both ways between a pseudo-terminal and consoles until `ended` is at its end."""

    def __init__(self, master: int, files: list[int], ended: int) -> None:
        self._master = master
        self._ended = ended
        self._consoles = [_Console(fd) for fd in files]
        # Keys that nobody reads are dropped: waiting here would hold up the output too.
        os.set_blocking(master, False)

    def run(self) -> None:
        try:
            with suppress(OSError):  # EIO: nobody has the other end open any more
                while not self._step():
                    pass
            self._finish()
        finally:
            for console in self._consoles:
                console.restore()

    def _step(self) -> bool:
        """Wait for something and copy it; return whether it was the last time."""
        slow = any(console.holds_up for console in self._consoles)
        readers = [console.fd for console in self._consoles if not console.hung_up]
        writers = [item.fd for item in self._consoles if item.pending or item.stalled]
        if not slow:
            readers.append(self._master)
        readable, writable, _ = select.select(
            [self._ended, *readers], writers, [], _PATIENCE if slow else None
        )
        for console in self._consoles:
            if console.fd in writable:
                console.go_on()
            elif console.holds_up and time.monotonic() - console.since > _PATIENCE:
                console.give_up()
            if console.fd in readable:
                self._type(console.typed())
        if self._master in readable:
            with suppress(BlockingIOError):  # Ctrl-C threw away what was there
                self._show(os.read(self._master, _CHUNK))
        return self._ended in readable

    def _finish(self) -> None:
        """Show what was said last, for as long as somebody takes it."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline:
            slow = [console for console in self._consoles if console.holds_up]
            if not slow:
                try:
                    self._show(os.read(self._master, _CHUNK))
                except OSError:  # that was all
                    return
                continue
            select.select([], [console.fd for console in slow], [], _PATIENCE / 10)
            for console in slow:
                console.go_on()

    def _show(self, data: bytes) -> None:
        for console in self._consoles:
            console.show(data)

    def _type(self, data: bytes) -> None:
        with suppress(BlockingIOError):
            while data:
                data = data[os.write(self._master, data) :]


def _raw(fd: int) -> list[Any] | None:
    """Put a console into raw mode; return its mode before, None where it has none."""
    try:
        before = termios.tcgetattr(fd)
        mode = termios.tcgetattr(fd)
        mode[0] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP | termios.IXON)
        mode[1] &= ~termios.OPOST
        mode[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
        termios.tcsetattr(fd, termios.TCSANOW, mode)
    except termios.error:
        return None
    return before
