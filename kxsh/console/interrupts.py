"""Ctrl-C while something runs: once stops the command, twice ends this process.

The first is Python's KeyboardInterrupt, which the interpreter turns into `Interrupted` at
its next safe point. A command that is stuck in a system call never reaches one; so a
second Ctrl-C within two seconds is seen by a thread, and ends the process. PID 1 then
starts a new one.
"""

from __future__ import annotations

# What `signal` and `threading` stand on: on the way to the jump, the enums and classes
# of those two would cost the target a tenth of a second.
import _signal
import _thread
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import NoReturn

# The exit status that tells PID 1 that a person gave up on us.
ABANDONED = 77
WINDOW = 2.0
_SIGINT = int(_signal.SIGINT)


@contextmanager
def abandonable() -> Iterator[None]:
    """Let a second Ctrl-C within `WINDOW` seconds end the process, whatever it is doing.

    Only the main thread can prepare this; elsewhere nothing changes.
    """
    try:
        before = _signal.set_wakeup_fd(-1)
    except ValueError:  # not the main thread
        yield
        return
    reader, writer = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    os.set_blocking(reader, True)
    # The C-level handler writes here at once, even while Python code waits in a call.
    _signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    # The signal is the main thread's alone: only there does it break off a system call.
    mask = _signal.pthread_sigmask(_signal.SIG_BLOCK, (_SIGINT,))
    _thread.start_new_thread(_watch, (reader,))
    _signal.pthread_sigmask(_signal.SIG_SETMASK, mask)
    try:
        yield
    finally:
        _signal.set_wakeup_fd(before)
        os.close(writer)


@contextmanager
def as_keys() -> Iterator[None]:
    """Ignore the signal while an editor starts, runs and ends: it reads Ctrl-C as a key, and
    half started it could not take a KeyboardInterrupt."""
    try:
        before = _signal.signal(_signal.SIGINT, _signal.SIG_IGN)
    except ValueError:  # not the main thread
        yield
        return
    try:
        yield
    finally:
        _signal.signal(_signal.SIGINT, before)


def _watch(reader: int) -> None:
    """Watch for presses until the other end is closed."""
    last = -WINDOW
    while data := os.read(reader, 16):
        now = time.monotonic()
        presses = data.count(_SIGINT)
        if presses > 1 or (presses and now - last < WINDOW):
            abandon()
        if presses:
            last = now
    os.close(reader)


def abandon() -> NoReturn:
    """End this process, whatever its threads are stuck in."""
    try:
        os.write(sys.stderr.fileno(), b"\r\nstopped by two Ctrl-C: starting again\r\n")
    finally:
        # Nothing gentler ends a process whose main thread is stuck in a system call.
        os._exit(ABANDONED)  # noqa: TID251
