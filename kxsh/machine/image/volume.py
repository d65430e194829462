"""What an image machine has: devices, their facts, and the files on each."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, BinaryIO, Protocol

from kxsh.errors import FormatFailure, IoFailure, NotFound, from_os_error
from kxsh.machine import blkid
from kxsh.machine.image.disk import DiskImage
from kxsh.machine.image.ext import ExtTree
from kxsh.machine.image.extent import filesystem_size
from kxsh.machine.image.fat import FatTree
from kxsh.machine.image.grub import GrubTree
from kxsh.machine.image.iso9660 import IsoTree
from kxsh.machine.image.squashfs import SquashTree
from kxsh.machine.image.tree import EmptyTree, Tree, TreeRoot
from kxsh.machine.linux.filesystems import IGNORES_CASE, check_mountable
from kxsh.machine.partitions import Partition, PartitionTable, read_table
from kxsh.machine.protocol import Device, Root
from kxsh.machine.root import DirectoryRoot
from kxsh.text import GIB, MIB, display
from kxsh.text import size as size_text

_EXT = frozenset(("ext2", "ext3", "ext4", "ext4dev"))
# Linux mounts none of these without its end.
_WHOLE = _EXT | {"squashfs"}
_FAT = frozenset(("vfat", "msdos"))
_CHUNK = 4 * MIB
_COPY_LIMIT = 16 * GIB
# What a directory that stands for a filesystem says it is.
DIRECTORY_TYPE = "directory"


class Volume(Protocol):
    """A device, and the files of the filesystem on it."""

    device: Device

    def root(self) -> Root:
        """Return the files; FormatFailure where there is no filesystem."""


@dataclass(frozen=True, slots=True)
class ImageSpec:
    """What to show as a disk: an image, a block device's file, or a directory.

    `name` is the device's name below /dev (empty: ``disk0``, ``disk1``...). The rest is
    for a directory, which stands for a filesystem's root: what its superblock would
    say. Without `fstype` its names match in any case, as on a CD.
    """

    path: str
    name: str = ""
    label: str = ""
    uuid: str = ""
    fstype: str = ""


class DirectoryVolume:
    """A plain directory that stands for a filesystem's root."""

    def __init__(self, spec: ImageSpec, path: str) -> None:
        fstype = spec.fstype or DIRECTORY_TYPE
        self.device = Device(path, label=spec.label, uuid=spec.uuid, fstype=fstype, disk=path)
        self._root = DirectoryRoot(spec.path, not spec.fstype or spec.fstype in IGNORES_CASE)

    def root(self) -> Root:
        return self._root


class EmptyVolume:
    """A filesystem without a file, that no image holds."""

    def __init__(self, device: Device) -> None:
        self.device = device

    def root(self) -> Root:
        return TreeRoot(EmptyTree())


class ImageVolume:
    """A disk, or a partition of one, inside an image."""

    def __init__(
        self, image: DiskImage, device: Device, facts: Mapping[str, str], grub_name: str
    ) -> None:
        self.device = device
        self._image = image
        self._facts = facts
        self._grub_name = grub_name
        self._root: Root | None = None

    def root(self) -> Root:
        if self._root is None:
            self._check()
            self._root = TreeRoot(self._tree())
        return self._root

    def cut_off(self) -> str:
        """Tell how much of a filesystem the image lacks (empty: nothing)."""
        device = self.device
        size = filesystem_size(lambda at, n: self._image.read(device.start + at, n), device.fstype)
        there = max(0, min(device.size, self._image.size - device.start))
        if size <= there:
            return ""
        return (
            f"the {device.fstype} on {device} is cut off: {size_text(there)} of {size_text(size)}"
        )

    def _check(self) -> None:
        device = self.device
        check_mountable(device, device.fstype)
        if claims := self._facts.get("AMBIVALENT"):
            raise FormatFailure(f"{device}: several filesystems claim it: {display(claims)}")
        if not device.fstype:
            hint = f"mount one of its partitions: {device}p1..." if device.pttype else ""
            raise FormatFailure(f"{device} has no filesystem that is known", hint=hint)
        if self._facts.get("USAGE", "filesystem") != "filesystem":
            raise FormatFailure(f"{device} holds {device.fstype}, which cannot be mounted")
        if device.fstype in _WHOLE and (cut := self.cut_off()):
            raise FormatFailure(f"{device} cannot be mounted: {cut}")

    def _tree(self) -> Tree:
        image, device = self._image, self.device
        if device.fstype in _EXT:
            return ExtTree(image, device.start)
        if device.fstype == "squashfs":
            return SquashTree(self._whole() or image.slice(device.start, device.size))
        if device.fstype == "iso9660":
            try:
                return IsoTree(image, device.start)
            except FormatFailure:  # stricter than Linux and GRUB about old authoring programs
                return self._grub_tree()
        if device.fstype in _FAT:
            return FatTree(self._grub_tree(), image, device.start)
        return self._grub_tree()

    def _grub_tree(self) -> GrubTree:
        if self._grub_name:
            try:
                return GrubTree(self._image.path, self._grub_name, self.device.fstype)
            except FormatFailure:  # GRUB sees another table than Linux
                if self._whole():
                    raise
        part = self._image.slice(self.device.start, self.device.size)
        return GrubTree(part, "loop0", self.device.fstype)

    def _whole(self) -> str:
        """Return the image's path when this volume is all of it."""
        whole = self.device.start == 0 and self.device.size == self._image.size
        return self._image.path if whole else ""


def image_volumes(image: DiskImage, table: PartitionTable, path: str) -> Iterator[ImageVolume]:
    """Give the disk at `path` and its partitions, as Linux would show them."""
    facts = _probe(image, 0, image.size)
    yield ImageVolume(image, _disk(path, image, table, facts), facts, "loop0")
    for partition in table.partitions:
        facts = _probe(image, partition.start, partition.size)
        device = _partition(path, table, partition, facts)
        grub_kind = "gpt" if table.kind == "gpt" else "msdos"
        yield ImageVolume(image, device, facts, f"loop0,{grub_kind}{partition.number}")


def _probe(image: DiskImage, start: int, size: int) -> dict[str, str]:
    try:
        return blkid.probe(image.path, start, size) if size else {}
    except IoFailure:  # too small for libblkid, or unreadable: the device is there all the same
        return {}


def _disk(path: str, image: DiskImage, table: PartitionTable, facts: dict[str, str]) -> Device:
    return Device(
        path,
        label=facts.get("LABEL", ""),
        uuid=facts.get("UUID", ""),
        fstype=facts.get("TYPE", ""),
        size=image.size,
        disk=path,
        pttype=table.kind,
        model=display(image.path),
    )


def _partition(
    disk: str, table: PartitionTable, partition: Partition, facts: dict[str, str]
) -> Device:
    return Device(
        f"{disk}p{partition.number}",
        label=facts.get("LABEL", ""),
        uuid=facts.get("UUID", ""),
        partuuid=partition.uuid,
        partlabel=partition.name,
        fstype=facts.get("TYPE", ""),
        size=partition.size,
        disk=disk,
        number=partition.number,
        start=partition.start,
        parttype=partition.type,
    )


class Volumes:
    """Every device of the images given, and the images kept open for them.

    `problems` are what is odd about their partition tables.
    """

    def __init__(self, specs: Sequence[ImageSpec]) -> None:
        self.problems: list[str] = []
        self._images: list[DiskImage] = []
        self._copies: list[IO[bytes]] = []
        self._volumes: dict[str, Volume] = {}
        try:
            for number, spec in enumerate(specs):
                self._add(spec, f"/dev/{spec.name.removeprefix('/dev/') or f'disk{number}'}")
        except BaseException:
            self.close()
            raise

    def devices(self) -> list[Device]:
        return [volume.device for volume in self._volumes.values()]

    def find(self, device: Device) -> Volume:
        """Return the volume at a device's path, or raise NotFound."""
        volume = self._volumes.get(device.path)
        if volume is None:
            raise NotFound(f"{display(device.path)}: no such device")
        return volume

    def add_empty(self, device: Device) -> Device:
        """Add a device whose filesystem holds nothing."""
        self._volumes[device.path] = EmptyVolume(device)
        return device

    def add_copy(self, file: BinaryIO, path: str, shown: str) -> list[Device]:
        """Add a disk at `path` from an image that lies inside of one; return its devices."""
        copy = tempfile.NamedTemporaryFile(prefix="kxsh-image-")  # noqa: SIM115
        self._copies.append(copy)
        try:
            written = 0
            while data := file.read(_CHUNK):
                written += len(data)
                if written > _COPY_LIMIT:
                    raise FormatFailure(f"{display(shown)} is too large to look into")
                copy.write(data)
            copy.flush()
        except OSError as error:
            raise from_os_error(error, f"reading {display(shown)}") from error
        before = set(self._volumes)
        self._add(ImageSpec(copy.name), path)
        return [volume.device for key, volume in self._volumes.items() if key not in before]

    def remove(self, devices: Sequence[Device]) -> None:
        """Forget devices that were added; their files live until `close`."""
        for device in devices:
            self._volumes.pop(device.path, None)

    def close(self) -> None:
        for image in self._images:
            image.close()
        self._images.clear()
        for copy in self._copies:
            copy.close()
        self._copies.clear()

    def _add(self, spec: ImageSpec, path: str) -> None:
        if path in self._volumes:
            raise FormatFailure(f"two images are to be {display(path)}")
        if os.path.isdir(spec.path):
            self._volumes[path] = DirectoryVolume(spec, path)
            return
        image = DiskImage(spec.path)
        self._images.append(image)
        table = read_table(image.read, image.size)
        self.problems += [f"{display(spec.path)}: {problem}" for problem in table.problems]
        for volume in image_volumes(image, table, path):
            self._volumes[volume.device.path] = volume
            if volume.device.fstype not in _WHOLE and (cut := volume.cut_off()):
                self.problems.append(f"{display(spec.path)}: {cut}")
        if not (table.kind or table.problems or self._volumes[path].device.fstype):
            what = "it is empty" if not image.size else "no partition table and no filesystem"
            self.problems.append(f"{display(spec.path)} does not look like a disk: {what}")
