"""Partition tables against sfdisk and partx, and against hostile bytes."""

from __future__ import annotations

import json
import struct
from binascii import crc32
from collections.abc import Iterator
from pathlib import Path

import pytest
from disk_images import MIB, blank, make_disk, make_fat, make_isohybrid, run, sample_tree
from hypothesis import given, settings
from hypothesis import strategies as st

from kxsh.machine.partitions import ESP_GUID, PartitionTable, Read, read_table

LOGICAL = """label: dos
label-id: 0xcafe0001
start=2048, size=4096, type=ef, bootable
start=6144, size=40960, type=5
start=8192, size=2048, type=83
start=12288, size=2048, type=82
start=16384, size=8192, type=7
"""
GPT = """label: gpt
label-id: 11111111-2222-3333-4444-555555555555
start=2048, size=4096, type=uefi, name="my esp", uuid=AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE
start=8192, size=4096, type=linux, name="größe"
"""


def read_bytes(data: bytes, size: int = 0) -> PartitionTable:
    return read_table(lambda offset, count: data[offset : offset + count], size or len(data))


def read_path(path: Path) -> PartitionTable:
    return read_bytes(path.read_bytes())


def partx(path: Path) -> list[tuple[int, int, int, str]]:
    """Number, first byte, size, UUID: util-linux's view, numbered as Linux does."""
    columns = "NR,START,SECTORS,UUID"
    output = run("partx", "--raw", "--noheadings", "--output", columns, path)
    rows = [line.split() for line in output.splitlines()]
    return [(int(row[0]), int(row[1]) * 512, int(row[2]) * 512, row[3]) for row in rows]


def test_mbr_with_logical_partitions(tmp_path: Path) -> None:
    disk = make_disk(tmp_path / "disk.img", 32, LOGICAL)
    table = read_path(disk)
    assert (table.kind, table.disk_id, table.problems) == ("dos", "cafe0001", ())
    assert [part.number for part in table.partitions] == [1, 2, 5, 6, 7]
    seen = [(p.number, p.start, p.size, p.uuid) for p in table.partitions if p.type != "0x05"]
    assert seen == [row for row in partx(disk) if row[0] != 2]
    assert [p.active for p in table.partitions] == [True, False, False, False, False]
    extended = table.partitions[1]
    assert (extended.type, extended.size, extended.uuid) == ("0x05", 1024, "cafe0001-02")


def test_gpt(tmp_path: Path) -> None:
    disk = make_disk(tmp_path / "disk.img", 32, GPT)
    table = read_path(disk)
    assert (table.kind, table.problems) == ("gpt", ())
    assert table.disk_id == "11111111-2222-3333-4444-555555555555"
    assert [(p.number, p.start, p.size, p.uuid) for p in table.partitions] == partx(disk)
    esp, linux = table.partitions
    assert (esp.type, esp.name) == (ESP_GUID, "my esp")
    assert esp.uuid == "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"
    assert linux.name == "größe"


def test_gpt_with_4096_byte_sectors() -> None:
    entry = struct.pack("<16s16sQQQ72s", b"t" * 16, b"u" * 16, 10, 19, 0, "x".encode("utf-16-le"))
    entries = entry.ljust(4096 * 4, b"\0")
    sectors = 100
    data = bytearray(4096 * sectors)
    data[446:462] = struct.pack("<B3xB3xII", 0, 0xEE, 1, sectors - 1)
    data[510:512] = b"\x55\xaa"
    for lba, other, at in ((1, sectors - 1, 2), (sectors - 1, 1, sectors - 5)):
        fields = [lba, other, 6, sectors - 6, b"g" * 16, at, 128, 128, crc32(entries)]
        header = struct.pack("<8s4I4Q16sQ3I", b"EFI PART", 0x10000, 92, 0, 0, *fields)
        checked = header[:16] + struct.pack("<I", crc32(header)) + header[20:]
        data[lba * 4096 : lba * 4096 + 92] = checked
        data[at * 4096 : at * 4096 + len(entries)] = entries
    table = read_bytes(bytes(data))
    assert (table.kind, table.sector_size, table.problems) == ("gpt", 4096, ())
    assert [(p.start, p.size, p.name) for p in table.partitions] == [(40960, 40960, "x")]


@pytest.mark.parametrize("what", ["header", "entries"])
def test_broken_primary_gpt_leaves_the_backup(tmp_path: Path, what: str) -> None:
    data = bytearray(make_disk(tmp_path / "disk.img", 32, GPT).read_bytes())
    data[512 + 40 if what == "header" else 1024 + 60] ^= 0xFF
    table = read_bytes(bytes(data))
    assert len(table.partitions) == 2
    assert "primary GPT is broken" in table.problems[0]
    assert "checksum" in table.problems[0]
    assert "backup GPT is used" in table.problems[1]
    data[-512 + 40] ^= 0xFF
    table = read_bytes(bytes(data))
    assert (table.kind, table.partitions) == ("", ())
    assert "backup GPT is broken" in table.problems[-1]


def test_grown_disk_keeps_its_gpt_and_a_cut_one_does_not(tmp_path: Path) -> None:
    data = make_disk(tmp_path / "disk.img", 32, GPT).read_bytes()
    assert len(read_bytes(data + bytes(8 * MIB)).partitions) == 2
    table = read_bytes(data[: 16 * MIB])
    assert table.partitions == ()
    assert "usable sectors" in table.problems[0]


def test_gpt_wins_over_a_hybrid_mbr(tmp_path: Path) -> None:
    disk = make_disk(tmp_path / "disk.img", 32, GPT)
    run("sgdisk", "-h", "2", disk)
    assert read_path(disk).kind == "gpt"
    assert [p.number for p in read_path(disk).partitions] == [1, 2]


def test_protective_entry_in_the_wrong_place() -> None:
    data = bytearray(MIB)
    data[446:462] = struct.pack("<B3xB3xII", 0, 0xEE, 7, 9)
    data[510:512] = b"\x55\xaa"
    table = read_bytes(bytes(data))
    assert (table.kind, table.partitions) == ("", ())
    assert "0xee" in table.problems[0]


def test_isohybrid_partition_begins_at_sector_0(tmp_path: Path) -> None:
    image = make_isohybrid(tmp_path / "cd.iso", sample_tree(tmp_path / "tree"))
    table = read_path(image)
    (part,) = table.partitions
    assert (part.number, part.start, part.type, part.active) == (1, 0, "0x17", True)
    described = json.loads(run("sfdisk", "-J", image))["partitiontable"]
    assert part.size == described["partitions"][0]["size"] * 512
    assert part.uuid == f"{int(described['id'], 16):08x}-01"


def test_what_is_beyond_the_end(tmp_path: Path) -> None:
    data = make_disk(tmp_path / "disk.img", 32, LOGICAL).read_bytes()
    table = read_bytes(data[: 12289 * 512])
    assert [(p.number, p.size) for p in table.partitions][-1] == (6, 512)
    assert any("partition 6 ends beyond" in problem for problem in table.problems)
    table = read_bytes(data, size=10 * MIB)
    assert [p.number for p in table.partitions] == [1, 2, 5, 6, 7]
    assert "partition 7 ends beyond" in table.problems[-1]
    table = read_bytes(data, size=7 * MIB)
    assert [p.number for p in table.partitions] == [1, 2, 5, 6]
    assert "partition 7 starts beyond" in table.problems[-1]


def test_loop_of_logical_partitions() -> None:
    data = bytearray(MIB)
    data[446:462] = struct.pack("<B3xB3xII", 0, 0x05, 8, 100)
    ebr = struct.pack("<B3xB3xII", 0, 0x83, 1, 4) + struct.pack("<B3xB3xII", 0, 0x05, 0, 100)
    data[8 * 512 + 446 : 8 * 512 + 478] = ebr
    for sector in (0, 8):
        data[sector * 512 + 510 : sector * 512 + 512] = b"\x55\xaa"
    table = read_bytes(bytes(data))
    assert [p.number for p in table.partitions] == [1, 5]
    assert table.problems == ("the chain of logical partitions loops",)


def test_endless_chain_of_logical_partitions_ends() -> None:
    reads = 0

    def read(offset: int, size: int) -> bytes:
        nonlocal reads
        reads += 1
        sector = bytearray(512)
        link = struct.pack("<B3xB3xII", 0, 0x05, offset // 512 + 1, 1 << 20)
        sector[446:462] = link
        sector[510:512] = b"\x55\xaa"
        return bytes(sector)[:size]

    table = read_table(read, 1 << 40)
    assert reads < 600
    assert any("loops" in problem for problem in table.problems)


def test_no_table(tmp_path: Path) -> None:
    assert read_bytes(b"").kind == ""
    assert read_bytes(bytes(511)).kind == ""
    assert read_path(blank(tmp_path / "zero.img", 1)) == PartitionTable()


def test_fat_boot_sector_is_no_table(tmp_path: Path) -> None:
    image = make_fat(tmp_path / "fat.img", sample_tree(tmp_path / "tree", links=False), 16)
    assert read_path(image) == PartitionTable()


@pytest.fixture(scope="module")
def disks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[bytes]]:
    folder = tmp_path_factory.mktemp("disks")
    yield [
        make_disk(folder / f"{number}.img", 24, script).read_bytes()
        for number, script in enumerate((LOGICAL, GPT))
    ]


@given(st.data())
@settings(deadline=None, max_examples=400)
def test_mutated_tables(disks: list[bytes], data: st.DataObject) -> None:
    disk = data.draw(st.sampled_from(disks))
    size = len(disk)
    places = [0, 512, 1024, 6144 * 512, size - 512, size - 33 * 512]
    sectors = {at: bytearray(disk[at : at + 512]) for at in places}
    for _ in range(data.draw(st.integers(1, 12))):
        at = data.draw(st.sampled_from(places))
        sectors[at][data.draw(st.integers(0, 511))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        repair(sectors[512])

    def read(offset: int, count: int) -> bytes:
        raw = bytearray(disk[offset : offset + count])
        for at, sector in sectors.items():
            for index in range(max(at, offset), min(at + 512, offset + len(raw))):
                raw[index - offset] = sector[index - at]
        return bytes(raw)

    sound(read, size)


@given(st.binary(min_size=66, max_size=66), st.binary(max_size=2048), st.integers(0, 1 << 45))
@settings(deadline=None, max_examples=400)
def test_random_tables(table: bytes, rest: bytes, size: int) -> None:
    flags = bytearray(table[:64] + b"\x55\xaa")
    for slot in range(4):
        flags[16 * slot] &= 0x80
    data = bytes(446) + bytes(flags) + rest
    sound(lambda offset, count: data[offset : offset + count], size)


def repair(header: bytearray) -> None:
    """Make a GPT header's checksum right, so that its fields are looked at."""
    size = int.from_bytes(header[12:16], "little")
    if size <= 512:
        checked = bytes(header[:16]) + bytes(4) + bytes(header[20:size])
        header[16:20] = struct.pack("<I", crc32(checked))


def sound(read: Read, size: int) -> None:
    """Read a table, counting what that costs, and check that it fits the disk."""
    asked: list[int] = []

    def counted(offset: int, count: int) -> bytes:
        assert offset >= 0
        asked.append(count)
        return read(offset, count)

    table = read_table(counted, size)
    assert len(asked) < 1100
    assert max(asked, default=0) <= 4 * MIB
    numbers = [part.number for part in table.partitions]
    assert len(set(numbers)) == len(numbers)
    for part in table.partitions:
        assert 1 <= part.number <= 255
        assert 0 <= part.start < size
        assert 0 < part.size <= size - part.start


def test_partx_agrees_on_odd_slots(tmp_path: Path) -> None:
    script = "label: dos\nlabel-id: 0x7\n3: start=2048, size=2048\n1: start=8192, size=2048\n"
    disk = make_disk(tmp_path / "disk.img", 16, script)
    assert [(p.number, p.start, p.size, p.uuid) for p in read_path(disk).partitions] == partx(disk)
