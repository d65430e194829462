"""What Ctrl-C does here: nothing, unless something runs that it may stop.

Once, it is a KeyboardInterrupt, which the interpreter turns into `Interrupted` at its next
safe point. A command that is stuck in a system call never reaches one; a second Ctrl-C is
then for the process that started this one (`kxsh.machine.supervisor`), which reads on a
board what may be given up.
"""

from __future__ import annotations

# What `signal` stands on: its enums would cost the target some hundredths of a second.
import _signal
import os
from collections.abc import Iterator
from contextlib import contextmanager

from kxsh.machine.supervisor import ABANDONED, TOLD, say

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from types import FrameType
    from typing import NoReturn

_IGNORED, _HEARD = 0, -1


class _State:
    """`now`: `_IGNORED`, `_HEARD`, or the number of the command that may be abandoned."""

    now = _HEARD
    commands = 0
    board = -1


def _on_press(number: int, frame: FrameType | None) -> None:
    if _State.now != _IGNORED:
        raise KeyboardInterrupt


def ignore_from_now(board: int = -1) -> None:
    """Let Ctrl-C do nothing but where one of the contexts below says otherwise.

    `board` is a file where the supervisor reads the number of the command that runs.
    """
    _State.now, _State.board = _IGNORED, board
    _signal.signal(_signal.SIGINT, _on_press)


@contextmanager
def abandonable() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, for the caller to catch, and a second one within
    two seconds end the process, whatever it is doing."""
    _State.commands += 1
    with _changed(_State.commands):
        yield


@contextmanager
def heard() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt, for the caller to catch: a line is being read."""
    with _changed(_HEARD):
        yield


@contextmanager
def ignored() -> Iterator[None]:
    """Let Ctrl-C do nothing: an editor reads it as a key, and half started it could not
    take a KeyboardInterrupt; nor could what goes on between two commands."""
    with _changed(_IGNORED):
        yield


@contextmanager
def _changed(state: int) -> Iterator[None]:
    """Change what the handler does, not the handler: taking that back could be interrupted."""
    try:
        handler = _signal.signal(_signal.SIGINT, _on_press)
    except ValueError:  # not the main thread, which alone hears of signals
        yield
        return
    before = _State.now
    try:
        _State.now = state
        _tell()
        yield
    finally:
        _State.now = before
        _tell()
        if handler is not _on_press:
            _signal.signal(_signal.SIGINT, handler)


def abandon() -> NoReturn:
    """Do what a second Ctrl-C does to a command: a key asked for it."""
    if _State.board >= 0:
        os.kill(os.getppid(), _signal.SIGUSR1)
        _signal.pause()
    say(TOLD)
    # Nothing gentler ends a process of which a thread is stuck in a system call.
    os._exit(ABANDONED)  # noqa: TID251


def _tell() -> None:
    if _State.board >= 0:
        os.pwrite(_State.board, max(_State.now, 0).to_bytes(8, "little"), 0)
