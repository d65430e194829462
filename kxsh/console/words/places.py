"""Looking at disks while a line is typed: unseen read-only mounts, a time budget, a cache."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from kxsh.boot.entry import Menu
from kxsh.commands.devices import matching
from kxsh.errors import Failure
from kxsh.machine.protocol import Device, FileFacts, FirmwareEntry, Machine, Mount, Root
from kxsh.values import split_location

T = TypeVar("T")
# What completion may cost, in seconds; a drive that spins up takes longer than anybody waits.
BUDGET = 2.0
# Names in a directory beyond this are not offered; nobody picks from so many.
_NAMES = 400


class Places:
    """What is on the machine's disks, for one line; `release` closes and forgets it."""

    def __init__(self, machine: Machine, budget: float = BUDGET) -> None:
        self._machine = machine
        self._budget = budget
        self._mounts: list[Mount] = []
        self._listings: dict[str, list[FileFacts]] = {}
        self._devices: list[Device] | None = None
        self._menus: list[tuple[Device, Menu]] | None = None
        self._worker: threading.Thread | None = None

    def devices(self) -> list[Device]:
        """Return the devices, as they were when first asked about this line."""
        if self._devices is None:
            found: list[Device] = []
            self._devices = self._within_budget(self._machine.devices, found)
        return self._devices

    def listing(self, directory: str) -> list[FileFacts]:
        """Return what is in a directory (``/mnt/1/boot`` or ``LABEL=X:/boot``): facts with
        the name as their path. Empty where it cannot be read in time."""
        if directory not in self._listings:
            self._listings[directory] = self._within_budget(lambda: self._list(directory), [])
        return self._listings[directory]

    def firmware(self) -> list[FirmwareEntry]:
        """Return the firmware's own boot entries; none where it does not tell them."""
        return self._within_budget(self._machine.firmware_entries, [])

    def read(self, path: str, look: Callable[[Root, str], T], otherwise: T) -> T:
        """Return what `look` makes of the root that holds `path` and the path in it."""
        return self._within_budget(lambda: look(*self._locate(path)), otherwise)

    def menus(self) -> list[tuple[Device, Menu]]:
        """Return the boot menus of all disks with their device. What takes longer than the
        budget is there when it is asked for again."""
        if self._menus is None:
            self._within_budget(self._read_menus, None)
        return self._menus or []

    def _read_menus(self) -> None:
        from kxsh.menus.search import read_machine_menus

        self._menus = read_machine_menus(self._machine)

    def release(self) -> None:
        """Unmount what was mounted unseen, and forget everything."""
        self._listings.clear()
        self._devices = self._menus = None
        if self._worker is not None and self._worker.is_alive():
            return  # stuck in a device: what it mounts stays until the next line
        while self._mounts:
            try:
                self._machine.unmount(self._mounts.pop())
            except Failure:
                continue

    def _list(self, directory: str) -> list[FileFacts]:
        root, inside = self._locate(directory)
        found: list[FileFacts] = []
        for name in root.list(inside)[:_NAMES]:
            facts = root.stat(f"{inside.rstrip('/')}/{name}")
            if facts is not None:
                found.append(FileFacts(facts.kind, facts.size, name))
        return found

    def _locate(self, path: str) -> tuple[Root, str]:
        location = split_location(path)
        if location is None:
            return self._machine.locate(path)
        spec, inside = location
        found = matching(self._machine.devices(), spec)
        if len(found) != 1:
            raise Failure(f"{spec} is not one device")
        return self._machine.locate(self._mounted(found[0]).path + inside)

    def _mounted(self, device: Device) -> Mount:
        for mount in self._machine.mounts():
            if mount.device.path == device.path:
                return mount
        mount = self._machine.mount(device)
        self._mounts.append(mount)
        return mount

    def _within_budget(self, work: Callable[[], T], otherwise: T) -> T:
        """Do the work in a thread; give up after the budget, and on whatever fails there:
        a thread's own report would go to the screen.

        While an earlier one is stuck in a device, nothing new is begun.
        """
        if self._worker is not None and self._worker.is_alive():
            return otherwise
        results: list[T] = []

        def run() -> None:
            with suppress(Exception):
                results.append(work())

        self._worker = threading.Thread(target=run, daemon=True)
        self._worker.start()
        self._worker.join(self._budget)
        return results[0] if results else otherwise
