"""The block devices that are there, what is on them, and word of every change."""

from __future__ import annotations

import errno
import os

from kxsh.errors import Failure, Interrupted, from_os_error
from kxsh.machine.blkid import probe
from kxsh.machine.linux.udev import open_context
from kxsh.machine.protocol import Device

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any

if TYPE_CHECKING:  # most boots never need it
    from kxsh.machine.partitions import Partition

# Nothing boots from these; reading a floppy drive without a disk takes seconds.
_SKIPPED = ("ram", "zram", "fd", "mtdblock")
# Device-mapper volumes a person made: a logical volume, an opened LUKS container.
_LVM_UUID_LENGTH = len("LVM-") + 64
_EXTENDED_TYPES = ("0x5", "0xf", "0x85", "0x05", "0x0f")
# These come and go by what is opened, not by what is plugged in.
_MADE = ("/dev/loop", "/dev/mapper/", "/dev/dm-", "/dev/md")
# Devices that are remembered, those of now among them.
_PAST_LIMIT = 1000
_SECTOR = 512  # of sysfs, whatever the disk's own


class BlockDevices:
    """A look at the machine's block devices; a second one without a change costs nothing.

    After a change, facts are kept for as long as a device's sequence number (a new one
    comes with every new medium) and no event named it. A failed probe is not kept: not
    every drive says when a medium has come.
    """

    def __init__(self) -> None:
        self._udev: tuple[Any, Any] | None = None
        self._seen: list[Device] | None = None
        self._uncertain = False
        self._past: dict[tuple[str, str, str], Device] = {}
        self._facts: dict[tuple[str, str, int], dict[str, str]] = {}
        self._tables: dict[tuple[str, str], tuple[Partition, ...]] = {}

    def look(self) -> list[Device]:
        """Return every device, each disk before its partitions."""
        context, _ = self._open()
        self._drain()
        if self._seen is not None:
            return list(self._seen)
        self._uncertain = False
        devices = self._enumerate(context)
        self._remember(devices)
        self._seen = None if self._uncertain else devices
        return list(devices)

    def departed(self) -> list[Device]:
        """Return what an earlier look found and is not plugged in any more, the last first."""
        now = {(device.path, device.uuid, device.label) for device in self.look()}
        return [device for key, device in reversed(self._past.items()) if key not in now]

    def _remember(self, devices: list[Device]) -> None:
        for device in devices:
            if not device.path.startswith(_MADE):
                key = (device.path, device.uuid, device.label)
                self._past.pop(key, None)
                self._past[key] = device
        while len(self._past) > _PAST_LIMIT:
            del self._past[next(iter(self._past))]

    def _enumerate(self, context: Any) -> list[Device]:
        disks: list[Any] = []
        children: dict[str, list[Any]] = {}
        for found in context.list_devices(subsystem="block"):
            if found.device_node is None or not _wanted(found):
                continue
            if found.device_type == "partition":
                children.setdefault(os.path.dirname(found.sys_path), []).append(found)
            else:
                disks.append(found)
        devices: list[Device] = []
        for disk in sorted(disks, key=_order):
            devices += self._disk(disk, children.get(disk.sys_path, []))
        return devices

    def wait(self, seconds: float) -> bool:
        """Return True when something has changed since the last look, False in time.

        The kernel tells of everything; what is no block device ends no wait.
        """
        import select
        import time

        if self._udev is None:
            self._open()
            return True
        if self._drain():
            return True
        poll = select.poll()
        poll.register(self._udev[1].fileno(), select.POLLIN)
        deadline = time.monotonic() + seconds
        try:
            while poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
                if self._drain():
                    return True
            return False
        except KeyboardInterrupt:
            raise Interrupted("interrupted while waiting for a device") from None
        except OSError as error:
            raise from_os_error(error, "waiting for a device") from error

    def _open(self) -> tuple[Any, Any]:
        if self._udev is None:
            self._udev = open_context()
        return self._udev

    def _drain(self) -> bool:
        """Take the events that wait, and forget the facts of what they name."""
        seen = False
        monitor = self._open()[1]
        while True:
            try:
                event = monitor.poll(timeout=0)
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise from_os_error(error, "reading the kernel's device events") from error
                self._facts.clear()  # events were lost: nothing is certain
                self._tables.clear()
                self._seen = None
                seen = True
                continue
            if event is None:
                return seen
            self._seen = None
            seen = True
            self._forget(event.device_node or "")

    def _forget(self, path: str) -> None:
        for facts in [key for key in self._facts if key[0] == path]:
            del self._facts[facts]
        for table in [key for key in self._tables if key[0] == path]:
            del self._tables[table]

    def _disk(self, found: Any, children: list[Any]) -> list[Device]:
        path, names = _paths(found)
        sequence = found.properties.get("DISKSEQ", "")
        facts = self._probe(found.device_node, sequence)
        size = _number(found, "size") * _SECTOR  # after the probe: it wakes an optical drive
        if not size:
            return []
        disk = Device(
            path,
            size=size,
            removable=_number(found, "removable") == 1,
            disk=path,
            model=_text(found, "device/model") or _text(found, "device/name"),
            names=names,
            sequence=sequence,
            protected=_number(found, "ro") == 1,
            **_identity(facts),
        )
        if children:
            children.sort(key=lambda child: _number(child, "partition"))
            return [disk, *(self._partition(child, disk, sequence) for child in children)]
        return [disk, *self._hidden(disk, sequence)]

    def _partition(self, found: Any, disk: Device, sequence: str) -> Device:
        path = found.device_node
        facts = self._probe(path, sequence)
        return Device(
            path,
            partuuid=facts.get("PART_ENTRY_UUID", ""),
            partlabel=facts.get("PART_ENTRY_NAME", ""),
            parttype=facts.get("PART_ENTRY_TYPE", ""),
            size=_number(found, "size") * _SECTOR,
            removable=disk.removable,
            disk=disk.path,
            number=_number(found, "partition"),
            start=_number(found, "start") * _SECTOR,
            model=disk.model,
            sequence=disk.sequence,
            protected=disk.protected or _number(found, "ro") == 1,
            **_identity(facts),
        )

    def _hidden(self, disk: Device, sequence: str) -> list[Device]:
        """Return the partitions of a table that the kernel made no nodes for (a CD's)."""
        if not disk.pttype:
            return []
        key = (disk.path, sequence)
        if key not in self._tables:
            self._tables[key] = _partitions(disk)
        joint = "p" if disk.path[-1].isdigit() else ""
        return [
            self._hidden_partition(disk, partition, f"{disk.path}{joint}{partition.number}")
            for partition in self._tables[key]
            if partition.type not in _EXTENDED_TYPES and partition.size
        ]

    def _hidden_partition(self, disk: Device, partition: Partition, path: str) -> Device:
        key = (disk.path, str(partition.size), partition.start)
        facts = self._facts.get(key)
        if facts is None:
            try:
                facts = probe(disk.path, partition.start, partition.size)
                self._facts[key] = facts
            except Failure:
                self._uncertain = True
                facts = {}
        return Device(
            path,
            partuuid=partition.uuid,
            partlabel=partition.name,
            parttype=partition.type,
            size=partition.size,
            removable=disk.removable,
            disk=disk.path,
            number=partition.number,
            start=partition.start,
            model=disk.model,
            sequence=disk.sequence,
            protected=disk.protected,
            **_identity(facts),
        )

    def _probe(self, path: str, sequence: str) -> dict[str, str]:
        key = (path, sequence, 0)
        facts = self._facts.get(key) if sequence else None
        if facts is None:
            try:
                facts = probe(path)
            except Failure:  # no medium, a bad sector: a device without facts
                self._uncertain = True
                return {}
            self._facts[key] = facts
        return facts


def _wanted(found: Any) -> bool:
    name: str = found.sys_name
    if name.startswith("loop"):
        # Not an unused one, and not one that shows a part of another device (mounts.py).
        backing = _text(found, "loop/backing_file")
        return found.device_type == "partition" or not (
            backing == "" or backing.startswith("/dev/")
        )
    if name.startswith("dm-"):
        uuid = _text(found, "dm/uuid")
        return uuid.startswith("CRYPT-") or (
            uuid.startswith("LVM-") and len(uuid) == _LVM_UUID_LENGTH
        )
    return not name.startswith(_SKIPPED)


def _paths(found: Any) -> tuple[str, tuple[str, ...]]:
    """Return a disk's path, and its other ones: people know a mapped device by its name."""
    node: str = found.device_node
    if not found.sys_name.startswith("dm-"):
        return node, ()
    name = _text(found, "dm/name")
    path = f"/dev/mapper/{name}"
    if not name or "/" in name or not os.path.exists(path):
        path = node
    names = [node] if path != node else []
    if _text(found, "dm/uuid").startswith("LVM-"):
        # GROUP-VOLUME, where a dash inside of either is written twice
        group, dash, volume = name.replace("--", "\0").partition("-")
        if dash:
            names.append(f"/dev/{group}/{volume}".replace("\0", "-"))
    return path, tuple(names)


def _identity(facts: dict[str, str]) -> dict[str, Any]:
    return {
        "label": facts.get("LABEL", ""),
        "uuid": facts.get("UUID", ""),
        "fstype": facts.get("TYPE", ""),
        "pttype": facts.get("PTTYPE", ""),
    }


def _partitions(disk: Device) -> tuple[Partition, ...]:
    from kxsh.machine.partitions import read_table

    try:
        descriptor = os.open(disk.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return ()
    try:
        table = read_table(lambda at, count: os.pread(descriptor, count, at), disk.size)
        return table.partitions
    except OSError:
        return ()
    finally:
        os.close(descriptor)


def _order(disk: Any) -> tuple[str, int, str]:
    """Sort sda, sdb, sdaa; nvme0n1, nvme10n1."""
    name: str = disk.sys_name
    return name[:2], len(name), name


def _text(found: Any, attribute: str) -> str:
    try:
        return str(found.attributes.asstring(attribute)).strip()
    except (KeyError, OSError, UnicodeDecodeError):
        return ""


def _number(found: Any, attribute: str) -> int:
    text = _text(found, attribute)
    return int(text) if text.isdigit() else 0
