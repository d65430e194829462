"""Writing into a GUID partition table: one more partition on a disk that grew.

UEFI specification 2.10, section 5.3: a header in sector 1 and its mirror in the last
sector, each with a checksum, and an array of entries for each. Only what must change
does: the two headers, one free entry, the place of the mirror.
"""

from __future__ import annotations

import os
import struct
import uuid
from binascii import crc32
from dataclasses import dataclass

from kxsh.errors import FormatFailure
from kxsh.image.patch import Patch
from kxsh.machine.partitions import ESP_GUID

SECTOR = 512

_HEADER = struct.Struct("<8s4I4Q16sQ3I")
_ENTRY_SIZE = 128
_MOST_ENTRIES = 1024
_NAME = "EFI system partition"
_WHAT = "the GUID partition table"


@dataclass(frozen=True, slots=True)
class Gpt:
    """The primary header's sector, the array of entries and where it stands; the
    unit is a sector of 512 bytes."""

    header: bytes
    entries: bytes
    entries_lba: int
    entry_count: int

    @property
    def entry_sectors(self) -> int:
        return -(-len(self.entries) // SECTOR)


def read_gpt(fd: int) -> Gpt | None:
    """Return the primary GPT of the image open as `fd`; None when sector 1 has none.

    Raises FormatFailure when it is damaged: a damaged table is not built upon.
    """
    header = os.pread(fd, SECTOR, SECTOR)
    if len(header) < SECTOR or header[:8] != b"EFI PART":
        return None
    fields = _HEADER.unpack_from(header)
    header_size, checksum, my_lba = fields[2], fields[3], fields[5]
    entries_lba, count, entry_size, entries_crc = fields[10:]
    if not _HEADER.size <= header_size <= SECTOR or my_lba != 1:
        raise _damaged("its header is not possible")
    if crc32(header[:16] + bytes(4) + header[20:header_size]) != checksum:
        raise _damaged("its header's checksum is wrong")
    if entry_size != _ENTRY_SIZE or not 0 < count <= _MOST_ENTRIES:
        raise _damaged(f"{count} entries of {entry_size} bytes")
    entries = os.pread(fd, count * entry_size, min(entries_lba, 1 << 50) * SECTOR)
    if len(entries) < count * entry_size or crc32(entries) != entries_crc:
        raise _damaged("the checksum of its entries is wrong")
    return Gpt(header, entries, entries_lba, count)


def _damaged(why: str) -> FormatFailure:
    return FormatFailure(
        f"the GUID partition table is damaged: {why}",
        hint="repair a copy of the image first: sgdisk --verify COPY, gdisk COPY",
    )


def add_partition(gpt: Gpt, start: int, count: int, total: int, identity: uuid.UUID) -> list[Patch]:
    """Return the patches for an ESP of `count` sectors at `start` on a disk that now has
    `total` sectors, both headers and both arrays included.

    Raises FormatFailure when no entry is free.
    """
    entries = bytearray(gpt.entries)
    offset = _free_entry(gpt) * _ENTRY_SIZE
    entries[offset : offset + _ENTRY_SIZE] = _entry(start, count, identity)
    last = total - 1
    mirror = last - gpt.entry_sectors
    primary = _header(gpt, bytes(entries), (1, last), mirror - 1, gpt.entries_lba)
    backup = _header(gpt, bytes(entries), (last, 1), mirror - 1, mirror)
    return [
        Patch(gpt.entries_lba * SECTOR + offset, bytes(entries[offset:][:_ENTRY_SIZE]), _WHAT),
        Patch(SECTOR, primary, _WHAT),
        Patch(mirror * SECTOR, bytes(entries), _WHAT),
        Patch(last * SECTOR, backup, _WHAT),
    ]


def _free_entry(gpt: Gpt) -> int:
    for index in range(gpt.entry_count):
        if not any(gpt.entries[index * _ENTRY_SIZE :][:16]):
            return index
    raise FormatFailure(
        f"all {gpt.entry_count} entries of the GUID partition table are in use",
        hint="free one in a copy of the image: sgdisk --delete=N COPY",
    )


def _entry(start: int, count: int, identity: uuid.UUID) -> bytes:
    name = _NAME.encode("utf-16-le").ljust(72, b"\0")
    kind = uuid.UUID(ESP_GUID).bytes_le
    return kind + identity.bytes_le + struct.pack("<3Q", start, start + count - 1, 0) + name


def _header(
    gpt: Gpt, entries: bytes, places: tuple[int, int], last_usable: int, entries_lba: int
) -> bytes:
    """Return a header's sector: `places` are its own sector and the other header's."""
    fields = list(_HEADER.unpack_from(gpt.header))
    fields[3] = 0
    fields[5:7] = places
    fields[8] = last_usable
    fields[10] = entries_lba
    fields[13] = crc32(entries)
    sector = bytearray(gpt.header)
    _HEADER.pack_into(sector, 0, *fields)
    struct.pack_into("<I", sector, 16, crc32(sector[: fields[2]]))
    return bytes(sector)
