"""The El Torito boot catalogue: read with suspicion, extended by one EFI entry in place.

El Torito 1.0 (Phoenix and IBM, 1995) section 2; UEFI 2.10 section 13.3.2.1, which
gives platform id 0xEF to EFI and counts the sectors of its entry in 512-byte units.
A catalogue comes from a disk and may say anything; nothing in it is trusted.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

from kxsh.errors import FormatFailure
from kxsh.image.iso9660 import SECTOR
from kxsh.image.patch import Patch

EFI = 0xEF
PLATFORMS = {0x00: "BIOS", 0x01: "PowerPC", 0x02: "Mac", EFI: "EFI"}
# The entry's sector count has 16 bits; firmware was seen to refuse 0 ("to the end of
# the CD") and to accept this for anything larger.
MOST_SECTORS = 65535

_RECORD = 32
_BOOTABLE = 0x88
_MORE_HEADERS, _LAST_HEADER = 0x90, 0x91
_EXTENSION, _EXTENSION_FOLLOWS = 0x44, 0x20


@dataclass(frozen=True, slots=True)
class BootEntry:
    """One image to boot: `lba` in 2048-byte sectors, `sectors` of 512 bytes.

    `offset` is where its 32 bytes stand, from the start of the catalogue.
    """

    offset: int
    platform: int
    bootable: bool
    lba: int
    sectors: int

    def __str__(self) -> str:
        return PLATFORMS.get(self.platform, f"platform {self.platform:#x}")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A boot catalogue: its place in the image in bytes, its first sector, its entries.

    `headers` are the offsets of the section headers, `end` the offset after the last
    record.
    """

    start: int
    data: bytes
    entries: tuple[BootEntry, ...]
    headers: tuple[int, ...]
    end: int

    @property
    def efi_entry(self) -> BootEntry | None:
        """The first entry that UEFI firmware would start."""
        return next((e for e in self.entries if e.platform == EFI and e.bootable), None)


def read_catalogue(fd: int, lba: int) -> Catalogue:
    """Return the catalogue at sector `lba` of the image open as `fd`.

    Raises FormatFailure when there is none, or its checksum or records are wrong.
    """
    data = os.pread(fd, SECTOR, lba * SECTOR)
    if len(data) < SECTOR:
        raise FormatFailure(
            f"the boot catalogue (sector {lba}) lies beyond the end of the image",
            hint="the image is incomplete: fetch it again",
        )
    _check_validation(data[:_RECORD], lba)
    entries = [_entry(data, _RECORD, data[1])]
    headers: list[int] = []
    offset = 2 * _RECORD
    while offset + _RECORD <= SECTOR and data[offset] in (_MORE_HEADERS, _LAST_HEADER):
        headers.append(offset)
        platform, count = data[offset + 1], struct.unpack_from("<H", data, offset + 2)[0]
        last = data[offset] == _LAST_HEADER
        offset = _read_section(data, offset + _RECORD, platform, count, entries)
        if last:
            break
    return Catalogue(lba * SECTOR, data, tuple(entries), tuple(headers), offset)


def _check_validation(record: bytes, lba: int) -> None:
    words = struct.unpack("<16H", record)
    if record[0] != 1 or record[30:32] != b"\x55\xaa" or sum(words) & 0xFFFF:
        raise FormatFailure(
            f"sector {lba} should be the El Torito boot catalogue and is not one",
            hint="the image is damaged, or its catalogue was overwritten: fetch it again",
        )


def _read_section(
    data: bytes, offset: int, platform: int, count: int, entries: list[BootEntry]
) -> int:
    """Add a section's entries; return the offset after it (at most the sector's end)."""
    for _ in range(count):
        if offset + _RECORD > SECTOR:
            break
        entries.append(_entry(data, offset, platform))
        more = data[offset + 1] & _EXTENSION_FOLLOWS
        offset += _RECORD
        while more and offset + _RECORD <= SECTOR and data[offset] == _EXTENSION:
            more = data[offset + 1] & _EXTENSION_FOLLOWS
            offset += _RECORD
    return offset


def _entry(data: bytes, offset: int, platform: int) -> BootEntry:
    sectors, lba = struct.unpack_from("<HI", data, offset + 6)
    return BootEntry(offset, platform, data[offset] == _BOOTABLE, lba, sectors)


def efi_record(start: int, size: int) -> bytes:
    """Return the 32 bytes of an EFI entry, no emulation, for an image of `size` bytes
    at byte `start`, which is a multiple of 2048."""
    sectors = min(-(-size // 512), MOST_SECTORS)
    return struct.pack("<BBHBBHI20x", _BOOTABLE, 0, 0, 0, 0, sectors, start // SECTOR)


def add_efi_entry(catalogue: Catalogue, start: int, size: int) -> list[Patch]:
    """Return the patches that make UEFI boot the image of `size` bytes at byte `start`.

    An EFI entry that is there is pointed at the new image; otherwise a section header
    and an entry (64 bytes) follow the last record, and the header that was the last so
    far says that another follows. Every other byte stays as it is.
    Raises FormatFailure when the catalogue's sector has no room for them.
    """
    record = efi_record(start, size)
    present = catalogue.efi_entry
    what = "the El Torito boot catalogue"
    if present is not None:
        return [Patch(catalogue.start + present.offset, record, what)]
    room = catalogue.data[catalogue.end : catalogue.end + 2 * _RECORD]
    if len(room) < 2 * _RECORD or any(room):
        raise FormatFailure(
            "the El Torito boot catalogue has no room for another entry",
            hint="build the ISO again with an EFI boot image: xorriso -as mkisofs ... -e",
        )
    header = struct.pack("<BBH28x", _LAST_HEADER, EFI, 1)
    patches = [Patch(catalogue.start + catalogue.end, header + record, what)]
    if catalogue.headers:
        last = catalogue.headers[-1]
        patches.append(Patch(catalogue.start + last, bytes((_MORE_HEADERS,)), what))
    return patches
