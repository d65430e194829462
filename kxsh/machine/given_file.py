"""Files that people name on a command line: opened so that nothing waits for ever."""

from __future__ import annotations

import errno
import os
import stat

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO

# Where a shell's <(command) and a given standard input lie: those pipes have a writer.
_STREAMS = ("/dev/", "/proc/")


def open_given(name: str | os.PathLike[str]) -> BinaryIO:
    """Open a file for reading. Raises OSError, also for a named pipe: opening that would
    wait until something is written to it."""
    descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        pipe = stat.S_ISFIFO(os.fstat(descriptor).st_mode)
        if pipe and not os.fspath(name).startswith(_STREAMS):
            raise OSError(errno.EINVAL, "it is a named pipe, not a file", os.fspath(name))
        os.set_blocking(descriptor, True)
        return open(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise
