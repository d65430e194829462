"""What an image is, and where an EFI system partition fits: found out, nothing written."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass

from kxsh.errors import FormatFailure
from kxsh.image import eltorito, esp, gpt, iso9660, mbr
from kxsh.image.eltorito import Catalogue
from kxsh.image.gpt import Gpt
from kxsh.image.iso9660 import Volume
from kxsh.image.mbr import Mbr
from kxsh.image.patch import Patch
from kxsh.image.tools import ImageError
from kxsh.machine.partitions import ESP_GUID, Partition, PartitionTable, read_table
from kxsh.text import MIB, display
from kxsh.text import size as shown

SECTOR = 512
_ALIGNMENT = 1 * MIB
_SMALLEST = 64 * 1024
# Partitions that a firmware may start from: the ESP, and any FAT on a removable disk.
_FAT_TYPES = frozenset(("0xef", "0x01", "0x04", "0x06", "0x0b", "0x0c", "0x0e", ESP_GUID))
_MOST_PROBED = 16

_COMPRESSED = {
    b"\x1f\x8b": ("gzip", "gunzip -k"),
    b"\xfd7zXZ\0": ("xz", "xz -dk"),
    b"\x28\xb5\x2f\xfd": ("zstd", "zstd -d"),
    b"BZh": ("bzip2", "bunzip2 -k"),
    b"PK\x03\x04": ("zip", "unzip"),
    b"7z\xbc\xaf": ("7-Zip", "7z x"),
}
_VIRTUAL = {
    b"QFI\xfb": "qcow2",
    b"KDMV": "vmdk",
    b"conectix": "vpc",
    b"vhdxfile": "vhdx",
    b"<<< Orac": "vdi",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """An image: `size` in bytes, the partition table, and what of ISO 9660 it has.

    `link` is a path to the open file, without a name that mtools could misread. `gpt`
    is set where a valid one stands, `protected` where the MBR says that it counts.
    """

    path: str
    link: str
    size: int
    table: PartitionTable
    mbr: Mbr | None
    gpt: Gpt | None
    volume: Volume | None
    catalogue: Catalogue | None
    disk_id: int

    @property
    def protected(self) -> bool:
        return self.mbr is not None and self.mbr.protective is not None

    @property
    def partitioned(self) -> bool:
        return bool(self.table.partitions)

    @property
    def kind(self) -> str:
        """In words: what `kximage adapt` says that it found."""
        if self.volume is not None:
            table = {"dos": "with an MBR", "gpt": "with a GPT"}[self.table.kind or "dos"]
            return f"an ISO {table}" if self.partitioned else "an ISO without a partition table"
        names = {"dos": "an MBR", "gpt": "a GPT"}
        count = len(self.table.partitions)
        partitions = f"{count} partition{'s' if count != 1 else ''}"
        return f"a disk image with {names[self.table.kind or 'dos']} and {partitions}"

    @property
    def end(self) -> int:
        """The first byte that neither the image nor anything it describes reaches."""
        ends = [partition.start + partition.size for partition in self.table.partitions]
        slots = self.mbr.slots if self.mbr is not None and not self.protected else ()
        ends += [(slot.start + slot.count) * SECTOR for slot in slots]
        return max(self.size, *ends, self.volume.size if self.volume else 0)

    @property
    def iso_number(self) -> int:
        """The number that the partition which is the ISO itself will have; 0: none will."""
        if self.volume is not None and not self.partitioned:
            return 1
        return next((p.number for p in self.table.partitions if p.start == 0), 0)


def read_layout(path: str, fd: int) -> Layout:
    """Return what the image open as `fd` is.

    Raises ImageError or FormatFailure, naming what it is instead, when it is neither an
    ISO 9660 image nor a disk image with a partition table.
    """
    size = os.lseek(fd, 0, os.SEEK_END)
    if size < _SMALLEST:
        raise ImageError(f"{display(path)} is too small for an image: {shown(size)}")
    volume = iso9660.read_volume(fd)
    table = read_table(lambda offset, count: os.pread(fd, count, offset), size)
    boot_record = mbr.read_mbr(fd)
    layout = Layout(
        path=path,
        link=f"/proc/{os.getpid()}/fd/{fd}",
        size=size,
        table=table,
        mbr=boot_record,
        gpt=_read_gpt(fd, volume, boot_record),
        volume=volume,
        catalogue=_read_catalogue(fd, volume),
        disk_id=int.from_bytes(os.pread(fd, 4, 440), "little"),
    )
    if volume is None and not layout.partitioned:
        raise _explain(path, fd, table)
    if not layout.partitioned and any(os.pread(fd, 64, 446)):
        raise ImageError(
            f"{display(path)} has other data where its partition table would be (bytes 446-509)",
            hint="it may be made for another kind of computer; it is left alone",
        )
    if table.sector_size != SECTOR:
        raise ImageError(
            f"{display(path)} has a partition table for sectors of {table.sector_size} bytes",
            hint="only images for sectors of 512 bytes can be adapted",
        )
    return layout


def _read_gpt(fd: int, volume: Volume | None, boot_record: Mbr | None) -> Gpt | None:
    protected = boot_record is not None and boot_record.protective is not None
    try:
        found = gpt.read_gpt(fd)
    except FormatFailure:
        if protected:
            raise
        return None  # nothing looks at a GPT that no protective entry announces
    if found is None and protected:
        raise FormatFailure(
            "the partition table announces a GPT (type ee), and there is none in sector 1",
            hint="repair a copy of the image first: gdisk COPY",
        )
    # On a disk without a protective entry a GPT is a leftover; hybrids mean theirs.
    return found if protected or volume is not None else None


def _read_catalogue(fd: int, volume: Volume | None) -> Catalogue | None:
    if volume is None or volume.catalogue is None:
        return None
    return eltorito.read_catalogue(fd, volume.catalogue)


def _explain(path: str, fd: int, table: PartitionTable) -> ImageError:
    """Return the error that says what the file is, if it is not an image."""
    head = os.pread(fd, 2048, 0)
    name = display(path)
    for magic, (packed, command) in _COMPRESSED.items():
        if head.startswith(magic):
            return ImageError(
                f"{name} is compressed ({packed})", hint=f"unpack it first: {command} {name}"
            )
    for magic, kind in _VIRTUAL.items():
        if head.startswith(magic):
            convert = f"qemu-img convert -f {kind} -O raw {name} {name}.raw"
            return ImageError(f"{name} is a {kind} disk image, not a raw one", hint=convert)
    if table.problems:
        return ImageError(
            f"{name} has no usable partition table: {display(table.problems[0])}",
            hint="is it complete? If so, repair a copy of it first: gdisk COPY",
        )
    if head[1080:1082] == b"\x53\xef" or head[510:512] == b"\x55\xaa":
        return ImageError(
            f"{name} is one filesystem or boot sector without a partition table",
            hint="only ISO 9660 images and disk images with an MBR or a GPT can be adapted",
        )
    return ImageError(
        f"{name} is neither an ISO 9660 image nor a disk image with a partition table",
        hint="give the image as it would be written to a CD or a USB stick",
    )


def missing_bytes(layout: Layout) -> str:
    """Say in words what of the image is missing at its end; empty when it is whole."""
    if layout.volume is not None and layout.volume.size > layout.size:
        return (
            f"the ISO says that it has {shown(layout.volume.size)},"
            f" but the file has {shown(layout.size)}: it is truncated"
        )
    if layout.volume is None:
        return next((problem for problem in layout.table.problems if "beyond" in problem), "")
    return ""


def uefi_boot(layout: Layout) -> str:
    """Say in words how UEFI firmware starts the image already; empty when it does not."""
    entry = layout.catalogue.efi_entry if layout.catalogue else None
    found = _bootable_partition(layout)
    if found is not None:
        ours = esp.has_file(layout.link, found.start, esp.IDENTITY)
        file = f"partition {found.number} has {esp.FOLDER}/{esp.LOADER}"
        return f"{file}, put there by kximage" if ours else file
    if entry is not None:
        return f"its El Torito boot catalogue has an EFI entry (sector {entry.lba})"
    return ""


def _bootable_partition(layout: Layout) -> Partition | None:
    candidates = [p for p in layout.table.partitions if p.type in _FAT_TYPES][:_MOST_PROBED]
    for partition in candidates:
        if esp.has_file(layout.link, partition.start, esp.LOADER):
            return partition
    return None


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the ESP goes and how long the image gets, all in bytes."""

    start: int
    size: int
    total: int


def place(layout: Layout, size: int) -> Placement:
    """Return the place of an ESP of `size` bytes: behind everything, aligned to a MiB."""
    start = -(-layout.end // _ALIGNMENT) * _ALIGNMENT
    if layout.mbr is not None and layout.gpt is None and layout.mbr.free is None:
        start += mbr.LOGICAL_GAP * SECTOR
    end = start + size
    # The mirror of a GPT takes the last sectors; a MiB keeps the whole length even.
    return Placement(start, size, end + _ALIGNMENT if layout.gpt is not None else end)


def patches(layout: Layout, where: Placement, identity: str) -> list[Patch]:
    """Return every change to the image but the ESP itself.

    Raises FormatFailure when a table has no room.
    """
    start, count, total = where.start // SECTOR, where.size // SECTOR, where.total // SECTOR
    changes: list[Patch] = []
    if layout.gpt is not None:
        name = uuid.UUID(hex=identity, version=4)
        changes += gpt.add_partition(layout.gpt, start, count, total, name)
    if layout.mbr is None or not layout.partitioned:
        changes += mbr.new_table(-(-layout.size // SECTOR), start, count)
        if not layout.disk_id:
            changes.append(mbr.name_disk(int(identity[8:16], 16) or 1))
    elif layout.protected:
        changes += mbr.widen_protective(layout.mbr, layout.size // SECTOR, total)
    else:
        changes += mbr.add_partition(layout.mbr, start, count)
    if layout.catalogue is not None:
        changes += eltorito.add_efi_entry(layout.catalogue, where.start, where.size)
    return changes
