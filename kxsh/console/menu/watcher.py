"""Disks that come and go while a menu is on the screen: the menu is made again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from kxsh.commands.context import Offer

if TYPE_CHECKING:
    from kxsh.machine.protocol import Machine

# How long one look for a change takes, which is how long `stop` waits for it, in seconds.
_LOOK = 0.1
# Partitions appear one after the other: what came is read when nothing more comes.
_SETTLE = 0.4


class Watcher:
    """Tells `deliver` the menu as it is now, from a thread, whenever disks have changed; and
    what keeps it from that, once.

    Between `start` and a `stop` that returned True nobody else may use the machine.
    """

    def __init__(
        self,
        machine: Machine,
        renew: Callable[[], Offer],
        deliver: Callable[[Offer | Exception], None],
    ) -> None:
        self._machine = machine
        self._renew = renew
        self._deliver = deliver
        self._known: frozenset[tuple[str, str]] | None = None
        self._trouble = ""
        self._over = threading.Event()
        # Not the thread's own `join`: broken off by Ctrl-C, it takes the thread for ended.
        self._idle = threading.Event()
        self._idle.set()
        self._lock = threading.Lock()

    def start(self) -> None:
        with self._lock:
            self._over.clear()
            if not self._idle.is_set():
                return  # it is still at the disk that made `stop` give up
            self._idle.clear()
        threading.Thread(target=self._watch, name="disks", daemon=True).start()

    def stop(self, limit: float | None) -> bool:
        """Stop; what was being read is delivered first. False where that takes more than
        `limit` seconds: a disk that hangs cannot be hurried."""
        self._over.set()
        return self._idle.wait(limit)

    def _watch(self) -> None:
        while not self._ends():
            try:
                self._look()
                self._trouble = ""
            except Exception as error:
                if self._trouble != str(error):
                    self._trouble = str(error)
                    self._deliver(error)
                self._over.wait(2)

    def _ends(self) -> bool:
        with self._lock:
            if self._over.wait(0.01):
                self._idle.set()
            return self._idle.is_set()

    def _look(self) -> None:
        if not self._machine.wait_for_change(self._machine.now() + _LOOK):
            return
        if self._over.wait(_SETTLE):
            return  # the change is still there for the next look
        if self._disks() != self._known:
            self._deliver(self._renew())
            self._known = self._disks()

    def _disks(self) -> frozenset[tuple[str, str]]:
        """Return what there is, without the loop devices that reading menus makes itself."""
        return frozenset(
            (device.path, device.uuid)
            for device in self._machine.devices()
            if not device.path.startswith("/dev/loop")
        )
