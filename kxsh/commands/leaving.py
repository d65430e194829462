"""Closing all that is open, before the machine goes on without kxsh.

A disk that hangs keeps whoever waits for it in a system call that nothing ends. So this is
done on a thread, which is left behind there: every way out has an end.
"""

from __future__ import annotations

import _thread  # `threading` costs the way to the jump some hundredths of a second
import time

from kxsh.commands.context import Context
from kxsh.machine.gone import named
from kxsh.machine.protocol import Mount, Resource
from kxsh.text import size

# What takes longer, in seconds, is told.
_QUIET = 2.0
# A disk to which nothing was written for so long, in seconds, counts as one that hangs.
PATIENCE = 10.0
_TICK = 0.25


def close_everything(context: Context) -> str:
    """Close all that is open, write out what is left, and say what is waited for. Return what
    hangs, as a phrase; empty: all is closed. Ctrl-C stops the waiting. What was left behind
    before, and has not ended, is waited for again."""
    closing = Closing(context)
    try:
        _thread.start_new_thread(closing.run, ())
        context.set_closing(closing)
        if not closing.ends(_QUIET):
            closing.watch()
    except BaseException:
        closing.given_up = True
        raise
    if closing.given_up:
        return closing.doing
    if closing.error is not None:
        raise closing.error
    return ""


class _GivenUp(Exception):
    """Nobody waits for this thread any more: what is open now is not its to close."""


class Closing:
    """`doing` is what goes on, as a phrase; what it ended with, if not well, is `error`."""

    def __init__(self, context: Context) -> None:
        self._context = context
        earlier = context.closing
        self._earlier = earlier if earlier is not None and earlier.goes_on() else None
        self._ended = _thread.allocate_lock()
        self._ended.acquire()
        self._mounts = context.machine.mounts()
        self.doing = "closing what is open"
        self.error: BaseException | None = None
        self.given_up = False

    def run(self) -> None:
        """Do it, on a thread of its own."""
        try:
            # What is open may carry what the earlier one closes, so that goes first; but a disk
            # that hangs keeps no other from being closed.
            self._await_earlier(PATIENCE / 2)
            self._context.close_all(self._begin)
            self._await_earlier()
            self._continue(f"writing to {self._written()}")
            self._context.machine.sync()
        except BaseException as error:  # the other thread raises it
            self.error = error
        finally:
            self._ended.release()

    def _await_earlier(self, limit: float = -1) -> None:
        if self._earlier is not None:
            self._continue(self._earlier.doing)
            self._earlier.ends(limit)

    def _begin(self, resource: Resource) -> None:
        name = named(resource.device) if isinstance(resource, Mount) else str(resource)
        self._continue(f"closing {name}")

    def _continue(self, doing: str) -> None:
        if self.given_up:
            raise _GivenUp
        self.doing = doing

    def _written(self) -> str:
        """Return to which disks something may have been written."""
        names = [named(mount.device) for mount in self._mounts if mount.writable]
        names = names or [str(mount.device) for mount in self._mounts]
        return ", ".join(dict.fromkeys(names)) or "the disks"

    def ends(self, limit: float) -> bool:
        """Wait for the thread's end, for `limit` seconds (-1: as long as it takes); tell
        whether it came."""
        ended = self._ended.acquire(timeout=limit)
        if ended:
            self._ended.release()  # whoever asks next gets the same answer
        return ended

    def goes_on(self) -> bool:
        """Tell whether the thread has not ended."""
        return not self.ends(0)

    def watch(self) -> None:
        """Wait as long as anything is written, and say for what; then give up."""
        told, least = "", self._context.machine.unwritten()
        deadline = time.monotonic() + PATIENCE - _QUIET
        while time.monotonic() < deadline:
            left = self._context.machine.unwritten()
            if self.doing != told:
                more = f" ({size(left)} not written yet)" if left else ""
                self._context.console.say(f"waiting: {self.doing}{more}")
            if left < least or (told and self.doing != told):
                deadline = time.monotonic() + PATIENCE
            told, least = self.doing, min(least, left)
            if self.ends(_TICK):
                return
        self.given_up = True
