"""Writing into a master boot record: one more partition, everything else as it was.

The layout is the one that every BIOS and UEFI 2.10 section 5.2 use: boot code in bytes
0-439, disk id in 440-443, four entries of 16 bytes from 446, the signature at 510.
Logical partitions hang in a chain of extended boot records inside one primary entry.
Reading for use is `kxsh.machine.partitions`; here are the slots to write to.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

from kxsh.errors import FormatFailure
from kxsh.image.patch import Patch

SECTOR = 512
ESP_TYPE = 0xEF
ISO_TYPE = 0x17  # what isohybrid gives the ISO's own partition ("hidden NTFS")
# How far before a logical partition its own table stands: the next alignment below.
LOGICAL_GAP = 2048

_PROTECTIVE = 0xEE
_EXTENDED = (0x05, 0x0F, 0x85)
_TABLE, _SIGNATURE = 446, b"\x55\xaa"
_MOST_SECTORS = 0xFFFFFFFF
_MOST_LOGICAL = 250
# Cylinder, head and sector for "beyond what CHS can say": every reader uses the LBA.
_NO_CHS = b"\xfe\xff\xff"
_WHAT = "the partition table"


@dataclass(frozen=True, slots=True)
class Slot:
    """One of the four entries: `start` and `count` in sectors, `record` its byte offset."""

    number: int
    type: int
    start: int
    count: int
    record: int


@dataclass(frozen=True, slots=True)
class Mbr:
    """The four primary slots, and the sectors of the extended boot records in order."""

    slots: tuple[Slot, ...]
    chain: tuple[int, ...] = ()

    @property
    def free(self) -> Slot | None:
        return next((slot for slot in self.slots if not slot.type and not slot.count), None)

    @property
    def extended(self) -> Slot | None:
        return next((slot for slot in self.slots if slot.type in _EXTENDED), None)

    @property
    def protective(self) -> Slot | None:
        return next((slot for slot in self.slots if slot.type == _PROTECTIVE), None)


def read_mbr(fd: int) -> Mbr | None:
    """Return the slots of the image open as `fd`; None without a signature and in a
    filesystem's boot sector, which has the signature but other flags than 00 and 80."""
    sector = os.pread(fd, SECTOR, 0)
    if not _signed(sector) or any(sector[_TABLE + 16 * i] & 0x7F for i in range(4)):
        return None
    mbr = Mbr(_slots(sector))
    return Mbr(mbr.slots, _chain(fd, mbr.extended.start)) if mbr.extended else mbr


def _signed(sector: bytes) -> bool:
    return len(sector) == SECTOR and sector[510:] == _SIGNATURE


def _slots(sector: bytes) -> tuple[Slot, ...]:
    slots = []
    for index in range(4):
        record = _TABLE + 16 * index
        start, count = struct.unpack_from("<II", sector, record + 8)
        slots.append(Slot(index + 1, sector[record + 4], start, count, record))
    return tuple(slots)


def _chain(fd: int, first: int) -> tuple[int, ...]:
    """Return the sectors of the extended boot records; empty when the chain is broken."""
    chain: list[int] = []
    table = first
    while True:
        sector = os.pread(fd, SECTOR, table * SECTOR)
        if table in chain or len(chain) == _MOST_LOGICAL or not _signed(sector):
            return ()
        chain.append(table)
        link = _slots(sector)[1]
        if link.type not in _EXTENDED or not link.count:
            return tuple(chain)
        table = first + link.start


def _record(kind: int, start: int, count: int) -> bytes:
    if start + count > _MOST_SECTORS:
        raise FormatFailure(
            "an MBR cannot describe a partition beyond 2 TiB",
            hint="convert a copy of the image to GPT first: sgdisk --mbrtogpt COPY",
        )
    return struct.pack("<B3sB3sII", 0, _NO_CHS, kind, _NO_CHS, start, count)


def new_table(iso_sectors: int, start: int, count: int) -> list[Patch]:
    """Return a table for an ISO that had none: partition 1 the ISO from sector 0, as
    isohybrid makes it, partition 2 the ESP. Boot code (0-439) stays; none is active."""
    entries = _record(ISO_TYPE, 0, iso_sectors) + _record(ESP_TYPE, start, count)
    return [Patch(_TABLE, entries + bytes(32) + _SIGNATURE, _WHAT)]


def name_disk(disk_id: int) -> Patch:
    """Return the patch that gives a disk its id, from which Linux makes PARTUUIDs."""
    return Patch(440, struct.pack("<I", disk_id), _WHAT)


def add_partition(mbr: Mbr, start: int, count: int) -> list[Patch]:
    """Return the patches for an ESP in the first free primary slot, else as a logical
    partition (whose table needs the `LOGICAL_GAP` sectors before `start`).

    Raises FormatFailure when neither is possible, or beyond 2 TiB.
    """
    if mbr.free is not None:
        return [Patch(mbr.free.record, _record(ESP_TYPE, start, count), _WHAT)]
    return _add_logical(mbr, _extended_at_the_end(mbr), start, count)


def _extended_at_the_end(mbr: Mbr) -> Slot:
    extended = mbr.extended
    if extended is None:
        reason = "none of them is an extended one"
    elif any(slot.start > extended.start for slot in mbr.slots):
        reason = "the extended one is not the last, so it cannot grow"
    elif not mbr.chain:
        reason = "the chain of logical partitions in the extended one is damaged"
    else:
        return extended
    raise FormatFailure(
        f"no place for an EFI system partition: all four primary ones are in use, and {reason}",
        hint="free one in a copy of the image (sfdisk --delete COPY N),"
        " or convert the copy to GPT (sgdisk --mbrtogpt COPY)",
    )


def _add_logical(mbr: Mbr, extended: Slot, start: int, count: int) -> list[Patch]:
    """Chain one more boot record; the container grows to the new partition's end."""
    table, end = start - LOGICAL_GAP, start + count
    here = _record(ESP_TYPE, LOGICAL_GAP, count)
    link = _record(0x05, table - extended.start, end - table)
    return [
        Patch(table * SECTOR + _TABLE, here + bytes(48) + _SIGNATURE, _WHAT),
        Patch(mbr.chain[-1] * SECTOR + _TABLE + 16, link, _WHAT),
        # Only the container's length changes: its type, flag and start stay.
        Patch(extended.record + 12, struct.pack("<I", end - extended.start), _WHAT),
    ]


def widen_protective(mbr: Mbr, old_total: int, new_total: int) -> list[Patch]:
    """Return the patch that lets a protective entry span the longer disk, if it spanned
    the old one; a hybrid's shorter entry is somebody's decision and stays. In sectors."""
    slot = mbr.protective
    if slot is None or slot.start != 1 or slot.start + slot.count < old_total:
        return []
    count = min(new_total - 1, _MOST_SECTORS)
    return [Patch(slot.record + 12, struct.pack("<I", count), _WHAT)]
