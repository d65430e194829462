"""Disks that come and go while a menu is on the screen: the menu is made again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from kxsh.commands.context import Offer
from kxsh.errors import KxshError

if TYPE_CHECKING:
    from kxsh.machine.protocol import Machine

# How long one look for a change takes, which is how long `stop` waits for it, in seconds.
_LOOK = 0.1
# Partitions appear one after the other: what came is read when nothing more comes.
_SETTLE = 0.4


class Watcher:
    """Tells `deliver` the menu as it is now, from a thread, whenever disks have changed.

    Between `start` and `stop` nobody else may use the machine.
    """

    def __init__(
        self,
        machine: Machine,
        renew: Callable[[], Offer],
        deliver: Callable[[Offer | KxshError], None],
    ) -> None:
        self._machine = machine
        self._renew = renew
        self._deliver = deliver
        self._known: frozenset[tuple[str, str]] | None = None
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._over.clear()
        self._thread = threading.Thread(target=self._watch, name="disks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop; what was being read is delivered first."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _watch(self) -> None:
        while not self._over.wait(0.01):
            try:
                if not self._machine.wait_for_change(self._machine.now() + _LOOK):
                    continue
                if self._over.wait(_SETTLE):
                    return  # the change is still there for the next look
                if self._disks() != self._known:
                    self._deliver(self._renew())
                    self._known = self._disks()
            except KxshError as error:
                self._deliver(error)
                self._over.wait(2)

    def _disks(self) -> frozenset[tuple[str, str]]:
        """Return what there is, without the loop devices that reading menus makes itself."""
        return frozenset(
            (device.path, device.uuid)
            for device in self._machine.devices()
            if not device.path.startswith("/dev/loop")
        )
