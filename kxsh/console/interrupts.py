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
import sys

from kxsh.machine.supervisor import ABANDONED, TOLD, say

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, NoReturn

_IGNORED, _HEARD = 0, -1


class _State:
    """`now`: `_IGNORED`, `_HEARD`, or the number of the command that may be abandoned; below
    `_HEARD` of one that a press does not reach, and `pressed` tells of that."""

    now = _HEARD
    commands = 0
    board = -1
    pressed = False


def _on_press(number: int, frame: FrameType | None) -> None:
    if _State.now < _HEARD:
        _State.pressed = True
    elif _State.now != _IGNORED and (frame is None or frame.f_code not in _DEAF):
        raise KeyboardInterrupt


def ignore_from_now(board: int = -1) -> None:
    """Let Ctrl-C do nothing but where one of the contexts below says otherwise.

    `board` is a file where the supervisor reads the number of the command that runs.
    """
    _State.now, _State.board = _IGNORED, board
    _signal.signal(_signal.SIGINT, _on_press)
    sys.unraisablehook = _unraisable


def _unraisable(unraisable: Any) -> None:
    """Let go a press in what nobody can interrupt, as when a module is imported: the callback
    of a weak reference. Python would show its traceback on the screen."""
    if unraisable.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(unraisable)


class _Changed:
    """Changes what the handler does, not the handler: taking that back could be interrupted.

    No generator: a traceback would keep one that was interrupted, and when that is dropped,
    it would put its state in the place of another's.
    """

    def __init__(self, state: int) -> None:
        self._state = state
        self._before = _IGNORED
        self._handler: object = None

    def __enter__(self) -> None:
        try:
            self._handler = _signal.signal(_signal.SIGINT, _on_press)
        except ValueError:  # not the main thread, which alone hears of signals
            return
        self._before = _State.now
        _put(self._state)

    def __exit__(self, *_: object) -> None:
        if self._handler is None:
            return
        _State.now = _IGNORED
        _put(self._before)
        if self._handler is not _on_press:
            _signal.signal(_signal.SIGINT, self._handler)


def _put(state: int) -> None:
    """Change the state; what is pressed before it is changed all through, does nothing. The
    interpreter looks for signals in calls: after the last line, only where it has returned."""
    _State.now = _IGNORED
    if _State.board >= 0:
        number = state if state > 0 else max(_HEARD - state, 0)
        os.pwrite(_State.board, number.to_bytes(8, "little"), 0)
    _State.now = state


# Where a press is let go: what it would stop is over, or is being stopped.
_DEAF = (_on_press.__code__, _unraisable.__code__, _Changed.__exit__.__code__)


def abandonable() -> _Changed:
    """Let Ctrl-C raise KeyboardInterrupt, for the caller to catch, and a second one within
    two seconds end the process, whatever it is doing."""
    _State.commands += 1
    return _Changed(_State.commands)


class _Postponed(_Changed):
    def __enter__(self) -> None:
        _State.pressed = False
        super().__enter__()

    def __exit__(self, *raised: object) -> None:
        super().__exit__()
        if _State.pressed and raised[:1] == (None,):
            raise KeyboardInterrupt


def postponed() -> _Changed:
    """Let Ctrl-C raise KeyboardInterrupt at the end of this context, where it ends well: what
    is done in it has to be done. A second one ends the process as in `abandonable`."""
    _State.commands += 1
    return _Postponed(_HEARD - _State.commands)


def heard() -> _Changed:
    """Let Ctrl-C raise KeyboardInterrupt, for the caller to catch: a line is being read."""
    return _Changed(_HEARD)


def ignored() -> _Changed:
    """Let Ctrl-C do nothing: an editor reads it as a key, and half started it could not
    take a KeyboardInterrupt; nor could what goes on between two commands."""
    return _Changed(_IGNORED)


def abandon() -> NoReturn:
    """Do what a second Ctrl-C does to a command: a key asked for it."""
    if _State.board >= 0:
        os.kill(os.getppid(), _signal.SIGUSR1)
        _signal.pause()
    say(TOLD)
    # Nothing gentler ends a process of which a thread is stuck in a system call.
    os._exit(ABANDONED)  # noqa: TID251
