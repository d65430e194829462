"""The disks by GRUB's names: ``hd0,gpt2``, ``cd0``, and the files of a loopback device."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.machine.protocol import Device, Root
from kxsh.menus.disks import Disks, bios_disks, image_root, partition_of
from kxsh.record import record

# What blkid and GRUB's drivers call the same filesystem.
_FILESYSTEMS = {
    "ext3": "ext2",
    "ext4": "ext2",
    "vfat": "fat",
    "msdos": "fat",
    "squashfs": "squash4",
}
_UNKNOWN = Device("")
_LOOPS = 256


@record
class Volume:
    """What GRUB can read files from.

    `name` is GRUB's for it, `device` what the machine knows of it, `own` whether the
    menu lies on it. `open` returns its files, None where they cannot be read; it is
    called when a script first looks at them. `image` is the file that a loopback device
    was made of.
    """

    name: str
    open: Callable[[], Root | None]
    device: Device = _UNKNOWN
    own: bool = False
    image: str = ""

    @property
    def key(self) -> str:
        """What tells it from every other, also from one that had its name before."""
        return f"{self.name} {self.image}"

    @property
    def filesystem(self) -> str:
        """The name of GRUB's driver."""
        return _FILESYSTEMS.get(self.device.fstype, self.device.fstype)


class Devices:
    """All volumes, and `own`, the one that the menu is on.

    `complete` says that these are all: a name that is not among them is then no device.
    Else (a lone filesystem) a name of a disk is taken to mean the menu's own.
    """

    def __init__(self, root: Root, disks: Disks) -> None:
        self.volumes: list[Volume] = []
        self.loops: dict[str, Volume] = {}
        self._disks = disks
        found = _volumes(root, disks) if disks.here is not None else []
        here = disks.here or _UNKNOWN
        self.own = Volume("hd0,msdos1", lambda: root, here, own=True)
        self.complete = len(found) > 1 and any(volume.own for volume in found)
        if self.complete:
            self.volumes = found
            self.own = next(volume for volume in found if volume.own)
        else:
            self.volumes = [self.own]

    def named(self, name: str) -> Volume | None:
        """Return the volume of GRUB's name, with or without the partition table's kind."""
        loop = self.loops.get(name)
        if loop is not None:
            return loop
        for volume in self.volumes:
            if volume.name == name or _same(volume.name, name):
                return volume
        for volume in self.volumes:  # no name of GRUB's, but petitboot takes it for one
            device = volume.device
            if name and name in (device.uuid, device.path.removeprefix("/dev/")):
                return volume
        return None if self.complete or not name.startswith(("hd", "cd", "fd")) else self.own

    def add_loop(self, name: str, volume: Volume, path: str) -> None:
        """Make the file `path` of a volume the device `name`. A filesystem alone, of which
        it is not known where it is, does not show what is in the file."""
        image = path if volume.own else f"{volume.device.path}:{path}"

        def look() -> Root | None:
            known = volume.device is not _UNKNOWN and not volume.image
            return image_root(self._disks, volume.device, path) if known else None

        if volume.image:
            image = f"{volume.image}:{path}"
        if len(self.loops) < _LOOPS or name in self.loops:
            self.loops = {**self.loops, name: Volume(name, look, image=image)}

    def all(self) -> list[Volume]:
        """Return what `search` looks through, in its order."""
        return [*self.volumes, *self.loops.values()]

    def drop_loop(self, name: str) -> None:
        self.loops = {known: loop for known, loop in self.loops.items() if known != name}


def _same(name: str, wanted: str) -> bool:
    disk, _, partition = name.partition(",")
    wanted_disk, _, wanted_partition = wanted.partition(",")
    number = wanted_partition.lstrip("msdogpt")
    return disk == wanted_disk and bool(number) and partition.lstrip("msdogpt") == number


def _volumes(root: Root, disks: Disks) -> list[Volume]:
    """Return the filesystems: the menu's disk is ``hd0``, as BIOS counts, and first; CDs are
    ``cd0``."""
    names = {disk: f"hd{index}" for index, disk in enumerate(bios_disks(disks))}
    here = disks.here.path if disks.here else ""
    found: list[Volume] = []
    optical = 0
    for device in disks.devices():
        disk, number = partition_of(device)
        if disk not in names:
            names[disk] = f"cd{optical}"
            optical += 1
        if not device.fstype and device.path != here:
            continue
        name = names[disk]
        if number:
            name += f",{'gpt' if device.pttype == 'gpt' else 'msdos'}{number}"
        if device.path == here:
            found.append(Volume(name, lambda: root, device, own=True))
        else:
            found.append(Volume(name, _opener(disks, device), device))
    # `search` takes the first: of a copy of a disk, that on the disk of the menu itself.
    return sorted(found, key=lambda volume: volume.name.partition(",")[0] != "hd0")


def _opener(disks: Disks, device: Device) -> Callable[[], Root | None]:
    return lambda: disks.root(device)
