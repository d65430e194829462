"""The other filesystems that a menu names: by disk and partition, label, UUID or node.

A reader that needs them is given a `Disks` beside its root: the devices that there
are, the one that it reads from (`here`), and each one's root on demand. It mounts
nothing itself. A path on another filesystem is written as scripts write it,
``/dev/sda2:/vmlinuz`` (`spell`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.errors import Failure
from kxsh.machine.protocol import Device, Machine, Mount, Opened, Root

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object

# Filesystems that one look at a machine's menus opens beside their own, and image files.
_MOUNTS = 64
_IMAGES = 8
# Disks that have letters, and partitions with numbers.
_LETTERED = ("sd", "hd", "vd", "xvd")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Disks(Protocol):
    """What a machine has, seen from the filesystem that a menu lies on."""

    @property
    def here(self) -> Device | None:
        """The device that the menu is read from; None: it is not known."""

    def devices(self) -> Sequence[Device]:
        """Return every disk and partition; none where only the menu's root is known."""

    def root(self, device: Device) -> Root | None:
        """Return a device's files, None where they cannot be read; opened when first asked."""


class Alone:
    """No other filesystem is known: a folder, a test, a server's files."""

    here: Device | None = None

    def devices(self) -> Sequence[Device]:
        return ()

    def root(self, device: Device) -> Root | None:
        return None


ALONE = Alone()


class MachineDisks:
    """A machine's filesystems, mounted read-only when first asked for, until `close`."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._devices: list[Device] | None = None
        self._roots: dict[str, Root | None] = {}
        self._mounts: list[Mount] = []
        self._images: list[Opened] = []

    def seen_from(self, here: Device | None) -> Disks:
        """Return these disks as a menu on `here` sees them."""
        return seen_from(self, here)

    def devices(self) -> Sequence[Device]:
        if self._devices is None:
            self._devices = self._machine.devices()
        return self._devices

    def root(self, device: Device) -> Root | None:
        if device.path not in self._roots:
            self._roots[device.path] = self._open(device)
        return self._roots[device.path]

    def image(self, device: Device, path: str) -> Root | None:
        """Return the files in the image file `path` of a device, None where there are none."""
        key = f"{device.path}:{path}"
        if key not in self._roots and len(self._images) < _IMAGES:
            self.root(device)  # mounts it, where nobody else has
            mounts = self._machine.mounts()
            where = next((one.path for one in mounts if one.device.path == device.path), None)
            self._roots[key] = None if where is None else self._inside(where + path)
        return self._roots.get(key)

    def variable(self, name: str) -> str:
        """Return a variable that a loader keeps in the firmware; empty: there is none."""
        return self._machine.loader_variable(name)

    def close(self) -> None:
        """Close what was opened; a failure leaves it there."""
        while self._mounts:
            try:
                self._machine.unmount(self._mounts.pop())
            except Failure:
                continue
        while self._images:
            try:
                self._machine.release(self._images.pop())
            except Failure:
                continue
        self._roots.clear()

    def _inside(self, path: str) -> Root | None:
        try:
            opened = self._machine.open_loop(path)
        except Failure:
            return None
        self._images.append(opened)
        roots = (self._open(device) for device in opened.devices if holds_files(device))
        return next((root for root in roots if root is not None), None)

    def _open(self, device: Device) -> Root | None:
        if not holds_files(device) or len(self._mounts) >= _MOUNTS:
            return None
        mounts = self._machine.mounts()
        try:
            for mount in mounts:
                if mount.device.path == device.path:
                    return self._machine.locate(mount.path)[0]
            mount = self._machine.mount(device)
            self._mounts.append(mount)
            return self._machine.locate(mount.path)[0]
        except Failure:
            return None


class _View:
    def __init__(self, disks: Disks | MachineDisks, here: Device | None) -> None:
        self.here = here
        self.devices = disks.devices
        self.root: Callable[[Device], Root | None] = disks.root
        self.image: Callable[[Device, str], Root | None] | None = getattr(disks, "image", None)
        self.variable: Callable[[str], str] | None = getattr(disks, "variable", None)


def loader_variable(disks: Disks, name: str) -> str:
    """Return a variable that a loader keeps in the firmware of the disks' machine."""
    look: Callable[[str], str] | None = getattr(disks, "variable", None)
    return look(name) if look else ""


def image_root(disks: Disks, device: Device, path: str) -> Root | None:
    """Return the files in an image file on a device; None where these disks open none."""
    look: Callable[[Device, str], Root | None] | None = getattr(disks, "image", None)
    return look(device, path) if look else None


def seen_from(disks: Disks | MachineDisks, here: Device | None) -> Disks:
    """Return the same disks as a menu on `here` sees them."""
    return _View(disks, here)


def holds_files(device: Device) -> bool:
    """Return whether a device has a filesystem that menus or kernels can lie on."""
    fstype = device.fstype
    return bool(fstype) and fstype != "swap" and not fstype.endswith(("_member", "_LUKS", "LUKS"))


def spell(disks: Disks, device: Device | None, path: str) -> str:
    """Return how an entry names `path` on `device`: plain where it is the menu's own."""
    if device is None or disks.here is None or device.path == disks.here.path:
        return path
    return f"{device.path}:{path}"


def by_node(disks: Disks, name: str) -> Device | None:
    """Return the device ``/dev/sda1`` (or ``sda1``, or ``/dev/disk/by-uuid/...``)."""
    for start, find in (
        ("/dev/disk/by-uuid/", by_uuid),
        ("/dev/disk/by-label/", by_label),
        ("/dev/disk/by-partuuid/", by_partuuid),
    ):
        if name.startswith(start):
            return find(disks, name[len(start) :])
    node = name if name.startswith("/") else f"/dev/{name}"
    return next((device for device in disks.devices() if device.path == node), None)


def by_spec(disks: Disks, text: str) -> Device | None:
    """Return the device that ``UUID=x``, ``LABEL=x``, ``PARTUUID=x`` or a node names."""
    tag, equals, value = text.partition("=")
    find = {"UUID": by_uuid, "LABEL": by_label, "PARTUUID": by_partuuid}.get(tag.upper())
    if equals and find:
        return find(disks, value.strip("\"'"))
    return by_node(disks, text)


def by_label(disks: Disks, label: str) -> Device | None:
    """Return the first filesystem with this label."""
    return _first(disks, lambda device: bool(label) and device.label == label)


def by_uuid(disks: Disks, uuid: str) -> Device | None:
    """Return the first filesystem with this UUID; case does not count."""
    wanted = uuid.lower()
    return _first(disks, lambda device: bool(wanted) and device.uuid.lower() == wanted)


def by_partuuid(disks: Disks, partuuid: str) -> Device | None:
    """Return the partition with this PARTUUID; case does not count."""
    wanted = partuuid.lower()
    return _first(disks, lambda device: bool(wanted) and device.partuuid.lower() == wanted)


def bios_disks(disks: Disks) -> list[str]:
    """Return the paths of the hard disks as a BIOS would count them: ``hd0`` first.

    The disk that a loader is started from is always the first; the others follow in
    the machine's order. CDs are no hard disks (but for the one we read from).
    """
    found = [partition_of(disks.here)[0]] if disks.here else []
    for device in disks.devices():
        disk = partition_of(device)[0]
        if disk not in found and not _optical(disk):
            found.append(disk)
    return found


def numbered(disks: Disks, disk: str, partition: int) -> Device | None:
    """Return partition `partition` (from 1; 0: the whole disk) of the disk at path `disk`."""
    return _first(disks, lambda device: partition_of(device) == (disk, partition))


def partition_of(device: Device) -> tuple[str, int]:
    """Return a device's disk and its number there, 0 for a whole disk.

    Where only the name of a device is known (a folder that stands for one), it tells.
    """
    if device.number or device.disk not in ("", device.path):
        return device.disk or device.path, device.number
    stem = device.path.rstrip("0123456789")
    digits = device.path[len(stem) :]
    kind = stem.removeprefix("/dev/")
    if digits and kind.endswith("p") and kind[:-1][-1:].isdigit():  # nvme0n1p2, mmcblk0p1
        return stem[:-1], int(digits[:4])
    if digits and kind.rstrip(_LETTERS) == "" and kind.startswith(_LETTERED):
        return stem, int(digits[:4])
    return device.path, 0


def _first(disks: Disks, fits: Callable[[Device], bool]) -> Device | None:
    """Return the first device that fits, the menu's own before the others, and its disk's
    before those of a copy of that disk."""
    here = disks.here
    if here is not None and fits(here):
        return here
    found = [device for device in disks.devices() if fits(device)]
    own = [device for device in found if here is not None and device.disk == here.disk != ""]
    return next(iter(own or found), None)


def _optical(path: str) -> bool:
    return path.startswith(("/dev/sr", "/dev/cdrom"))
