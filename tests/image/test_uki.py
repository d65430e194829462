"""Unified kernel images: appended sections, the command line, what is refused."""

from __future__ import annotations

import re
import struct
import subprocess
from pathlib import Path

import pytest

from kxsh.errors import FormatFailure, KxshError
from kxsh.image import pe, uki
from kxsh.image.tools import ImageError

STUB = Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub").read_bytes()
SECTIONS = {
    ".osrel": b"ID=kxsh\n",
    ".cmdline": b"quiet panic=30",
    ".linux": b"K" * 70_001,
    ".initrd": b"I" * 5000,
}


@pytest.fixture(scope="module")
def loader() -> bytes:
    return uki.build(STUB, SECTIONS)


def test_sections_come_back(loader: bytes) -> None:
    sections = uki.read_sections(loader)
    assert {name: sections[name] for name in SECTIONS} == SECTIONS
    assert sections[".text"] == uki.read_sections(STUB)[".text"]


def test_binutils_reads_the_same_sections(loader: bytes, tmp_path: Path) -> None:
    path = tmp_path / "loader.efi"
    path.write_bytes(loader)
    done = subprocess.run(["objdump", "-h", path], capture_output=True, text=True, check=True)
    seen = dict(re.findall(r"^ +\d+ (\.\w+) +([0-9a-f]{8})", done.stdout, re.MULTILINE))
    for name, content in SECTIONS.items():
        assert int(seen[name], 16) == len(content)
        target = tmp_path / "section"
        copy = ["objcopy", "-O", "binary", "-j", name, path, target]
        subprocess.run(copy, check=True)
        assert target.read_bytes()[: len(content)] == content


def test_layout_is_what_firmware_asks_for(loader: bytes) -> None:
    headers = pe.read_headers(loader)
    end = 0
    for section in headers.sections:
        assert section.address >= end, f"{section.name} overlaps the one before"
        assert section.offset % headers.file_alignment == 0
        assert section.name not in SECTIONS or section.address % 4096 == 0
        # The stub's own small sections lie closer together than their room in the file.
        room = section.raw_size if section.name in SECTIONS else section.size
        end = section.address + room
    assert headers.image_size >= end
    assert headers.image_size % headers.section_alignment == 0
    assert len(loader) % headers.file_alignment == 0


def test_checksum_is_right(loader: bytes) -> None:
    place = pe.read_headers(loader).optional_header + 64
    assert struct.unpack_from("<I", loader, place)[0] == _checksum(loader, place)


def _checksum(data: bytes, place: int) -> int:
    """The slow way: one word at a time, the checksum's own field left out."""
    total = 0
    for offset in range(0, len(data), 2):
        if offset not in (place, place + 2):
            total += int.from_bytes(data[offset : offset + 2], "little")
            total = (total & 0xFFFF) + (total >> 16)
    return total + len(data)


def test_signatures_of_the_stub_are_cut_off() -> None:
    signed = bytearray(STUB)
    place = pe.read_headers(STUB).optional_header + 112 + 4 * 8
    struct.pack_into("<II", signed, place, len(STUB), 16)
    signed += b"a signature here"
    assert uki.build(bytes(signed), SECTIONS) == uki.build(STUB, SECTIONS)


def test_option_is_added_and_replaced_in_place(loader: bytes) -> None:
    once = uki.with_option(loader, "kxsh.id", "1" * 32)
    twice = uki.with_option(once, "kxsh.id", "2" * 8)
    assert uki.read_cmdline(once) == f"quiet panic=30 kxsh.id={'1' * 32}"
    assert uki.read_cmdline(twice) == "quiet panic=30 kxsh.id=22222222"
    assert len(once) == len(twice) == len(loader)
    before, after = pe.read_headers(loader).sections, pe.read_headers(twice).sections
    assert [(s.name, s.address, s.offset) for s in before] == [
        (s.name, s.address, s.offset) for s in after
    ]
    for name in (".osrel", ".linux", ".initrd", ".text"):
        assert uki.read_sections(twice)[name] == uki.read_sections(loader)[name]
    place = pe.read_headers(twice).optional_header + 64
    assert struct.unpack_from("<I", twice, place)[0] == _checksum(twice, place)


def test_option_leaves_the_others_as_they_are(loader: bytes) -> None:
    assert uki.read_cmdline(uki.with_option(loader, "panic", "5")) == "quiet panic=5"
    assert uki.read_cmdline(uki.with_option(loader, "pan", "5")) == "quiet panic=30 pan=5"


@pytest.mark.parametrize("value", ["", "a b", "a\nb", 'a"b', "ä", "a\0"])
def test_values_that_would_be_other_options(loader: bytes, value: str) -> None:
    with pytest.raises(ImageError, match="not a value"):
        uki.with_option(loader, "kxsh.id", value)


def test_no_room_for_the_option(loader: bytes) -> None:
    with pytest.raises(ImageError, match="no room"):
        uki.with_option(loader, "kxsh.id", "1" * 2000)


def test_check_loader(loader: bytes) -> None:
    uki.check_loader(loader)
    with pytest.raises(FormatFailure, match=r"no section \.cmdline, \.linux, \.initrd"):
        uki.check_loader(STUB)


@pytest.mark.parametrize(
    ("offset", "change", "message"),
    [
        (0, b"ZM", "does not begin with MZ"),
        (0x3C, b"\xff\xff\xff\x7f", "no PE signature"),
        ("machine", struct.pack("<H", 0x014C), "not x86-64"),
        ("subsystem", struct.pack("<H", 3), "not an EFI application"),
        ("alignment", struct.pack("<I", 3), "not a power of two"),
        ("count", struct.pack("<H", 60000), "not believable"),
    ],
)
def test_other_files_are_refused(
    loader: bytes, offset: int | str, change: bytes, message: str
) -> None:
    headers = pe.read_headers(loader)
    places = {
        "machine": headers.file_header,
        "count": headers.file_header + 2,
        "subsystem": headers.optional_header + 68,
        "alignment": headers.optional_header + 36,
    }
    place = places[offset] if isinstance(offset, str) else offset
    broken = loader[:place] + change + loader[place + len(change) :]
    with pytest.raises(FormatFailure, match=message):
        uki.check_loader(broken)


def test_every_truncation_is_an_error_for_a_person(loader: bytes) -> None:
    lengths = [*range(0, 0x400), *range(0x400, len(loader), 4099), len(loader) - 1]
    for length in lengths:
        with pytest.raises(KxshError):
            uki.check_loader(loader[:length])


def test_a_stub_without_room_for_more_sections() -> None:
    many = {f".s{number}": b"x" for number in range(60)}
    with pytest.raises(ImageError, match="no room for 60 more sections"):
        uki.build(STUB, many)
