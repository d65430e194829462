"""One terminal shown on several consoles: the screen and the serial line together.

A person may sit at either. kxsh runs on a pseudo-terminal; a child process copies what
it writes to every console and what is typed on any console to it. Sources: pty(7),
ioctl_tty(2).
"""

from __future__ import annotations

import _signal  # `signal` without its enums, which are slow to make
import fcntl
import os
import select
import struct
import termios
import time

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any

_ROWS, _COLUMNS = 24, 80  # what every console can show
_CHUNK = 4096
# At the end, nothing more comes when nothing came for so many seconds; not longer than these.
_REST, _END = 0.05, 2.0


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
            _copy(master, files, ended)
        finally:
            os._exit(0)
    for fd in (master, ended, *files):
        os.close(fd)
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    if slave > 2:
        os.close(slave)
    return Sharing(copier, ender)


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return -1


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


def _copy(master: int, files: list[int], ended: int) -> None:
    """Copy both ways until the pseudo-terminal's other end is closed for good, or until all
    that was written is shown once `ended` is at its end."""
    before = [(fd, _raw(fd)) for fd in files]
    # Keys that nobody reads are dropped: waiting here would hold up the output too.
    os.set_blocking(master, False)
    readable = [master, ended, *files]
    try:
        while True:
            ready = select.select(readable, [], [], None if ended in readable else _REST)[0]
            if not ready:
                return
            for fd in ready:
                if fd == ended:
                    readable = [master]
                    break
                data = os.read(fd, _CHUNK) if fd == master else _typed(fd)
                if fd == master:
                    for console in files:
                        _write(console, data)
                elif data:
                    _write(master, data)
                else:  # a console that hung up
                    readable.remove(fd)
    except OSError:  # EIO: nobody has the other end open any more
        return
    finally:
        for fd, mode in before:
            if mode is not None:
                termios.tcsetattr(fd, termios.TCSADRAIN, mode)


def _typed(fd: int) -> bytes:
    try:
        return os.read(fd, _CHUNK)
    except OSError:
        return b""


def _write(fd: int, data: bytes) -> None:
    """Write all of `data`; a console that fails must not stop the others."""
    try:
        while data:
            data = data[os.write(fd, data) :]
    except OSError:
        return


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
