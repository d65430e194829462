"""A process that watches over kxsh, and gives it up when a person does.

It is in kxsh's process group, so that each Ctrl-C that is a signal to kxsh is one to it as
well. No system call on a disk that does not answer keeps it, nor has it to wait for kxsh's
end: a process that hangs in the kernel cannot be killed. Sources: signal(7), wait(2).
"""

from __future__ import annotations

import _signal  # `signal` without its enums, which are slow to make
import os
import time
from contextlib import suppress

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from collections.abc import Callable

# The exit status that tells PID 1 that a person gave up on kxsh.
ABANDONED = 77
# Within so many seconds a second Ctrl-C ends a command.
WINDOW = 2.0
# So long a command that heard them may take to end by itself, in seconds. On a busy machine we
# may hear of the first one when the next command runs, and take both for that one's.
_LEAVING = 0.5
# How long a killed process may take to end, in seconds.
_DEATH = 1.0
# A terminal hangs up at our end, and drops what a slow line has not sent yet.
_SENT = 0.1
TOLD = b"\r\nstopped by two Ctrl-C: starting again\r\n"
_LEFT = b"what it did hangs in the kernel, and is left behind: is a disk dying?\r\n"
_WATCHED = (_signal.SIGINT, _signal.SIGUSR1, _signal.SIGCHLD, _signal.SIGTERM, _signal.SIGHUP)


def supervise(work: Callable[[int], int]) -> int:
    """Run `work` in a child process; return its exit status, as a shell has it, or
    `ABANDONED`. In the child, this returns what `work` does.

    `work` gets a file to write in its first eight bytes the number of the command that two
    Ctrl-C may end, 0 for none; or -1, where it cannot be watched. SIGUSR1 to its parent
    ends any.
    """
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, _WATCHED)
    try:
        board = os.memfd_create("kxsh")
        child = os.fork()
    except OSError:  # no memory is left: it works without, too
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)
        return work(-1)
    if child == 0:
        _signal.pthread_sigmask(_signal.SIG_SETMASK, before)
        return work(board)
    for number in (_signal.SIGTSTP, _signal.SIGQUIT):
        _signal.signal(number, _signal.SIG_IGN)
    return _watch(child, board)


def _watch(child: int, board: int) -> int:
    """Wait for the child's end, or for two presses while one command runs."""
    command, last = 0, 0.0
    while True:
        number = _signal.sigwait(_WATCHED)
        if number == _signal.SIGUSR1:
            _abandon(child)
            return ABANDONED
        if number == _signal.SIGINT:
            running, now = _running(board), time.monotonic()
            twice = running and running == command and now - last < WINDOW
            if twice and not _leaves(board, running):
                _abandon(child)
                return ABANDONED
            command, last = running, now
        elif number != _signal.SIGCHLD:
            os.kill(child, number)
        elif (status := _ended(child)) is not None:
            return status


def _running(board: int) -> int:
    """Return the number of the command that runs, 0 for none."""
    return int.from_bytes(os.pread(board, 8, 0), "little")


def _leaves(board: int, command: int) -> bool:
    """Tell whether a command ends within a moment."""
    deadline = time.monotonic() + _LEAVING
    while time.monotonic() < deadline:
        if _running(board) != command:
            return True
        time.sleep(0.01)
    return False


def _ended(child: int) -> int | None:
    """Return the exit status of a child, 128 and more after a signal; None: it runs."""
    pid, status = os.waitpid(child, os.WNOHANG)
    if pid == 0:
        return None
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _abandon(child: int) -> None:
    """End a child, or leave it behind."""
    say(TOLD)
    os.kill(child, _signal.SIGKILL)
    deadline = time.monotonic() + _DEATH
    while _ended(child) is None:
        if time.monotonic() > deadline:
            say(_LEFT)
            break
        time.sleep(0.01)
    time.sleep(_SENT)


def say(text: bytes) -> None:
    """Show a line on standard error, whatever the terminal's mode."""
    with suppress(OSError):  # the terminal may have gone away
        os.write(2, text)
