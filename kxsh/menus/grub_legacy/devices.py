"""GRUB legacy's names of disks: ``(hd0,2)``, `uuid`, and the device.map beside the menu.

At boot GRUB asks the BIOS, whose first disk is the one it was started from. device.map
says what the numbers meant when GRUB was installed; it decides only where the BIOS's
order leads to no file.
"""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.machine.protocol import Device, Root
from kxsh.menus import disks as known
from kxsh.menus import paths
from kxsh.menus.disks import Disks
from kxsh.menus.reading import Reading, number
from kxsh.record import record

_MAP_LINES = 256


@record
class Place:
    """Where a name leads: a device and its files; `device` None is the menu's own place.

    `wrong` says why there is nothing (empty: there is).
    """

    device: Device | None = None
    root: Root | None = None
    wrong: str = ""


class Devices:
    """Resolves GRUB's device names for one menu."""

    def __init__(
        self, reading: Reading, disks: Disks, mapped: Mapping[str, str] | None = None
    ) -> None:
        self._reading = reading
        self._disks = disks
        self._certain = mapped or {}
        self._map = _read_map(reading)
        self._own = ""  # what the menu's own filesystem is called, where nothing tells
        self._said = False

    def place(self, name: str, file: str = "") -> Place:
        """Return what ``hd0,2`` (without its brackets) means; `file` should be there."""
        disk, _, part = name.partition(",")
        if disk in ("nd", "pd"):
            return Place(wrong=f"comes from the network: ({name})")
        if disk.startswith("cd"):
            return self._on_cd(name, file)
        if not disk.startswith(("hd", "fd")) or number(disk[2:]) is None:
            return Place(wrong=f"({name}) is no disk that GRUB knows")
        if not self._disks.devices() or self._alone():
            return self._taken_for_own(name, disk)
        certain = self._mapped_exactly(name, disk, part)
        if certain is not None:
            return certain
        if disk.startswith("fd"):
            return Place(wrong=f"({name}) is a floppy disk")
        wanted = 0 if not part else _partition(part)
        if wanted is None:
            return Place(wrong=f"({name}) is a BSD slice, which cannot be told")
        found = [
            place
            for path in self._candidates(disk)
            if (place := self._partition(path, wanted)) is not None
        ]
        for place in found:
            if file and self._reading.holds(file, place.root):
                return place
        # Without it GRUB stops: error 21 (no such disk) or 22 (no such partition).
        return found[0] if found else Place(wrong=f"({name}) is no partition of this machine")

    def by_uuid(self, uuid: str) -> Place:
        """Return the filesystem with this UUID."""
        if not self._disks.devices():
            return Place()
        device = known.by_uuid(self._disks, uuid)
        return self._of(device) if device else Place(wrong=f"no filesystem has the UUID {uuid}")

    def holding(self, file: str) -> Place:
        """Return the first filesystem that holds `file`, as ``find --set-root`` does."""
        if self._reading.holds(file) or not self._disks.devices():
            return Place()
        for device in self._disks.devices():
            root = self._disks.root(device)
            if root is not None and self._reading.holds(file, root):
                return Place(device, root)
        return Place(wrong=f"no filesystem holds {file}")

    def spell(self, place: Place, path: str) -> str:
        """Return how an entry names `path` in a place."""
        return known.spell(self._disks, place.device, path)

    def _mapped_exactly(self, name: str, disk: str, part: str) -> Place | None:
        """Return what a map that is certain says of a partition or of its disk."""
        wanted = self._certain.get(name)
        if wanted is not None:
            device = known.by_spec(self._disks, wanted)
            return self._of(device) if device else Place(wrong=f"{wanted} is not there")
        whole = self._certain.get(disk)
        number_of = _partition(part) if part else 0
        if whole is None or number_of is None:
            return None
        device = known.by_spec(self._disks, whole)
        found = self._partition(known.partition_of(device)[0], number_of) if device else None
        return found or Place(wrong=f"{whole} has no partition for ({name})")

    def _candidates(self, disk: str) -> list[str]:
        order = known.bios_disks(self._disks)
        index = int(disk[2:])
        found = order[index : index + 1]
        mapped = self._map.get(disk, "")
        device = known.by_node(self._disks, mapped) if mapped else None
        return found + ([known.partition_of(device)[0]] if device else [])

    def _alone(self) -> bool:
        """Return whether one filesystem is all there is, as a folder or an image of it: of
        which disk it is a part is not known, and a name of a disk is taken to mean it."""
        devices = self._disks.devices()
        return len(devices) == 1 and known.partition_of(devices[0])[1] == 0

    def _partition(self, disk: str, wanted: int) -> Place | None:
        device = known.numbered(self._disks, disk, wanted)
        return self._of(device) if device else None

    def _of(self, device: Device) -> Place:
        here = self._disks.here
        if here is not None and device.path == here.path:
            return Place(device, self._reading.root)
        return Place(device, self._disks.root(device))

    def _taken_for_own(self, name: str, disk: str) -> Place:
        """Return the menu's own place for any name, where no other is known. That is said
        of a disk that GRUB was not started from, and of a second name."""
        self._own = self._own or name
        if not self._said and (name != self._own or disk not in ("hd0", "fd0")):
            self._said = True
            self._reading.complain(
                self._reading.source, 0, f"({name}) is taken to be the menu's own disk"
            )
        return Place()

    def _on_cd(self, name: str, file: str) -> Place:
        """Return the CD; the menu's own filesystem where that was copied from one."""
        if not self._disks.devices():
            return Place()
        for device in self._disks.devices():
            if device.path.startswith("/dev/sr"):
                place = self._of(device)
                if place.root is not None:
                    return place
        if file and self._reading.holds(file):
            message = f"({name}) is not there: taken to be the menu's own disk"
            self._reading.complain(self._reading.source, 0, message)
            return Place()
        return Place(wrong=f"({name}) is no CD of this machine")


def _partition(text: str) -> int | None:
    """Return the partition's number, from 1; None for BSD slices."""
    found = number(text)
    return None if found is None else found + 1


def _read_map(reading: Reading) -> dict[str, str]:
    """Return device.map as {``hd0``: ``/dev/sda``}; lines that make no sense are left out."""
    path = paths.join(paths.parent(reading.source), "device.map")
    if not reading.holds(path):
        return {}
    found = {}
    for line in reading.text(path).splitlines()[:_MAP_LINES]:
        words = line.split()
        if len(words) >= 2 and words[0].startswith("(") and words[0].endswith(")"):
            found[words[0][1:-1]] = words[1]
    return found
