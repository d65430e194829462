"""Partition tables, numbered as Linux numbers them: MBR with logical partitions, GPT.

Sources: UEFI specification 2.10, chapter 5 (GPT), and Linux block/partitions (msdos.c,
efi.c, core.c), whose rules are kept: a GPT needs a protective MBR entry and wins over
a hybrid MBR; a partition that starts beyond the disk is left out, one that ends beyond
it is cut. Nested tables (BSD, Solaris, Minix slices) are not read.
"""

from __future__ import annotations

import struct
from binascii import crc32
from collections.abc import Callable, Iterator

from kxsh.record import record, replace

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Literal

Read = Callable[[int, int], bytes]

ESP_GUID = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
ESP_MBR_TYPE = "0xef"

_MBR_EXTENDED = frozenset((0x05, 0x0F, 0x85))
_MBR_PROTECTIVE = 0xEE
_LAST_NUMBER = 255  # DISK_MAX_PARTS - 1
_EBR_LIMIT = 256
_GPT_ENTRIES_LIMIT = 4 << 20  # Linux: KMALLOC_MAX_SIZE
_GPT_ENTRY_SIZE = 128
# signature, revision, header size, header crc, reserved, my LBA, alternate LBA, first and
# last usable LBA, disk GUID, entries LBA, entry count, entry size, entries crc
_GPT_HEADER = struct.Struct("<8s4I4Q16sQ3I")
_GPT_ENTRY = struct.Struct("<16s16s3Q72s")
_MBR_ENTRY = struct.Struct("<B3xB3xII")
_LEGACY_BOOTABLE = 1 << 2


@record
class Partition:
    """One partition: `start` and `size` in bytes; `type` is ``0xef`` or a GUID.

    An extended partition is listed with the 1 KiB that Linux gives its node.
    """

    number: int
    start: int
    size: int
    type: str
    uuid: str = ""
    name: str = ""
    active: bool = False


@record
class PartitionTable:
    """A disk's table; `kind` is empty where there is none. `problems` are for people."""

    kind: Literal["dos", "gpt", ""] = ""
    disk_id: str = ""
    sector_size: int = 512
    partitions: tuple[Partition, ...] = ()
    problems: tuple[str, ...] = ()


def read_table(read: Read, size: int, sector_size: int = 0) -> PartitionTable:
    """Return the table of a disk of `size` bytes; ``read(offset, size)`` gives its bytes.

    `sector_size` 0: 512, or 4096 where only that makes a GPT. A short read counts as
    missing bytes; only what `read` raises is raised.
    """
    mbr = read(0, 512) if size >= 512 else b""
    if len(mbr) < 512 or mbr[510:512] != b"\x55\xaa":
        return PartitionTable(sector_size=sector_size or 512)
    entries = _mbr_entries(mbr)
    if any(entry.type == _MBR_PROTECTIVE for entry in entries):
        if not any(entry.type == _MBR_PROTECTIVE and entry.start == 1 for entry in entries):
            return PartitionTable(
                sector_size=sector_size or 512,
                problems=("the MBR has a GPT entry (0xee) that does not start at sector 1",),
            )
        sector_size = sector_size or _gpt_sector_size(read)
        return _fit(_read_gpt(read, size, sector_size), size)
    if any(entry.flag not in (0, 0x80) for entry in entries):
        return PartitionTable(sector_size=sector_size or 512)  # a boot sector, not a table
    table = _read_dos(read, mbr, sector_size or 512)
    if not table.partitions and _is_fat(mbr):
        return PartitionTable(sector_size=sector_size or 512)
    return _fit(table, size)


def _is_fat(sector: bytes) -> bool:
    """Tell a FAT boot sector, which has the same signature (Linux: ``fat_valid_media``)."""
    reserved, fats, media = sector[14:16], sector[16], sector[21]
    return any(reserved) and fats > 0 and (media >= 0xF8 or media == 0xF0)


def _fit(table: PartitionTable, size: int) -> PartitionTable:
    """Leave out and cut what does not fit the disk, as Linux does, and say so."""
    kept: list[Partition] = []
    problems = list(table.problems)
    for partition in table.partitions:
        if partition.start >= size:
            problems.append(f"partition {partition.number} starts beyond the end of the disk")
            continue
        if partition.start + partition.size > size:
            problems.append(
                f"partition {partition.number} ends beyond the end of the disk"
                f" ({partition.start + partition.size} of {size} bytes)"
            )
            partition = replace(partition, size=size - partition.start)
        kept.append(partition)
    return replace(table, partitions=tuple(kept), problems=tuple(problems))


# -- MBR


# Plain classes: a dataclass costs the target's slow CPU a measurable time to define.
class _MbrEntry:
    __slots__ = ("count", "extended", "flag", "start", "type")

    def __init__(self, flag: int, type: int, start: int, count: int) -> None:
        self.flag = flag
        self.type = type
        self.start = start
        self.count = count
        self.extended = type in _MBR_EXTENDED


def _mbr_entries(sector: bytes) -> list[_MbrEntry]:
    return [_MbrEntry(*_MBR_ENTRY.unpack_from(sector, 446 + 16 * slot)) for slot in range(4)]


class _DosScan:
    def __init__(self, read: Read, sector_size: int, disk_id: str) -> None:
        self.read = read
        self.sector_size = sector_size
        self.disk_id = disk_id
        self.partitions: list[Partition] = []
        self.problems: list[str] = []

    def add(self, number: int, entry: _MbrEntry, start: int) -> None:
        size = entry.count * self.sector_size
        if entry.extended:
            size = min(size, max(self.sector_size, 1024))
        self.partitions.append(
            Partition(
                number,
                start * self.sector_size,
                size,
                f"0x{entry.type:02x}",
                f"{self.disk_id}-{number:02x}",
                active=entry.flag == 0x80,
            )
        )

    def add_logical(self, extended: _MbrEntry, number: int) -> int:
        """Follow the chain of `extended`, numbering from `number`; return the next one."""
        at, size = extended.start, extended.count
        seen: set[int] = set()
        while number <= _LAST_NUMBER:
            if at in seen or len(seen) >= _EBR_LIMIT:
                self.problems.append("the chain of logical partitions loops")
                break
            seen.add(at)
            sector = self.read(at * self.sector_size, 512)
            if len(sector) < 512 or sector[510:512] != b"\x55\xaa":
                self.problems.append(f"sector {at} is no extended boot record")
                break
            entries = _mbr_entries(sector)
            for entry in _logical(entries, at, size, extended):
                if number <= _LAST_NUMBER:
                    self.add(number, entry, at + entry.start)
                    number += 1
            link = next((entry for entry in entries if entry.extended and entry.count), None)
            if link is None:
                break
            at, size = extended.start + link.start, link.count
        return number


def _logical(
    entries: list[_MbrEntry], at: int, size: int, extended: _MbrEntry
) -> Iterator[_MbrEntry]:
    """Give the data partitions of one boot record; the last two slots are often garbage."""
    for slot, entry in enumerate(entries):
        if not entry.count or entry.extended:
            continue
        inside = (
            entry.start + entry.count <= size
            and at + entry.start + entry.count <= extended.start + extended.count
        )
        if slot < 2 or inside:
            yield entry


def _read_dos(read: Read, mbr: bytes, sector_size: int) -> PartitionTable:
    disk_id = f"{int.from_bytes(mbr[440:444], 'little'):08x}"
    scan = _DosScan(read, sector_size, disk_id)
    logical = 5
    for number, entry in enumerate(_mbr_entries(mbr), 1):
        if not entry.count:
            continue
        scan.add(number, entry, entry.start)
        if entry.extended:
            logical = scan.add_logical(entry, logical)
    partitions = tuple(sorted(scan.partitions, key=lambda partition: partition.number))
    return PartitionTable("dos", disk_id, sector_size, partitions, tuple(scan.problems))


# -- GPT


class _Gpt:
    def __init__(self, disk_id: str, entries: bytes, alternate: int) -> None:
        self.disk_id = disk_id
        self.entries = entries
        self.alternate = alternate


def _gpt_sector_size(read: Read) -> int:
    if read(512, 8) != b"EFI PART" and read(4096, 8) == b"EFI PART":
        return 4096
    return 512


def _read_gpt(read: Read, size: int, sector_size: int) -> PartitionTable:
    last = size // sector_size - 1
    problems: list[str] = []
    found = _gpt_at(read, 1, last, sector_size)
    if isinstance(found, str):
        problems.append(f"the primary GPT is broken: {found}")
        found = _gpt_at(read, last, last, sector_size)
        if isinstance(found, str):
            problems.append(f"the backup GPT is broken: {found}")
            return PartitionTable("", "", sector_size, (), tuple(problems))
        problems.append("the backup GPT is used; Linux does so only with `gpt` on its command line")
    else:
        backup = _gpt_at(read, found.alternate, last, sector_size)
        if isinstance(backup, str):
            problems.append(f"the backup GPT is broken: {backup}")
    partitions = tuple(_gpt_partitions(found.entries, last, sector_size, problems))
    return PartitionTable("gpt", found.disk_id, sector_size, partitions, tuple(problems))


def _gpt_at(read: Read, lba: int, last: int, sector_size: int) -> _Gpt | str:
    """Return the GPT whose header is at `lba`, or what is wrong with it."""
    if not 0 < lba <= last:
        return f"its header would be at sector {lba} of {last + 1}"
    sector = read(lba * sector_size, sector_size)
    if len(sector) < sector_size or sector[:8] != b"EFI PART":
        return f"no header at sector {lba}"
    fields = _GPT_HEADER.unpack_from(sector)
    _, _, header_size, header_crc, _, my_lba, alternate, first_usable, last_usable = fields[:9]
    guid, entries_lba, count, entry_size, entries_crc = fields[9:]
    if not _GPT_HEADER.size <= header_size <= sector_size:
        return f"a header of {header_size} bytes"
    if crc32(sector[:16] + bytes(4) + sector[20:header_size]) != header_crc:
        return "the header's checksum is wrong"
    if my_lba != lba:
        return f"the header at sector {lba} says that it is at {my_lba}"
    if not first_usable <= last_usable <= last:
        return f"its usable sectors {first_usable}-{last_usable} do not fit {last + 1} sectors"
    if entry_size != _GPT_ENTRY_SIZE or count * entry_size > _GPT_ENTRIES_LIMIT:
        return f"{count} entries of {entry_size} bytes"
    if not 0 < entries_lba <= last:
        return f"its entries would be at sector {entries_lba}"
    entries = read(entries_lba * sector_size, count * entry_size)
    if len(entries) < count * entry_size or crc32(entries) != entries_crc:
        return "the checksum of the entries is wrong"
    return _Gpt(_guid(guid), entries, alternate)


def _gpt_partitions(
    entries: bytes, last: int, sector_size: int, problems: list[str]
) -> Iterator[Partition]:
    for number, raw in enumerate(_GPT_ENTRY.iter_unpack(entries), 1):
        kind, guid, first, end, attributes, name = raw
        if number > _LAST_NUMBER:
            break
        if not any(kind):
            continue
        if not first <= end <= last:
            problems.append(f"partition {number} has impossible sectors {first}-{end}")
            continue
        yield Partition(
            number,
            first * sector_size,
            (end - first + 1) * sector_size,
            _guid(kind),
            _guid(guid),
            name.decode("utf-16-le", "replace").partition("\0")[0],
            bool(attributes & _LEGACY_BOOTABLE),
        )


def _guid(raw: bytes) -> str:
    first, second, third = struct.unpack_from("<IHH", raw)
    rest = raw[8:].hex()
    return f"{first:08x}-{second:04x}-{third:04x}-{rest[:4]}-{rest[4:]}"
