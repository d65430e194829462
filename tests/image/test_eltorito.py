"""El Torito catalogues: well-formed ones extended, hostile ones refused."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kxsh.errors import FormatFailure, KxshError
from kxsh.image import eltorito, iso9660
from kxsh.image.eltorito import EFI

BIOS_ENTRY = struct.pack("<BBHBBHI20x", 0x88, 0, 0, 0, 0, 4, 100)


def validation(platform: int = 0) -> bytes:
    record = bytearray(struct.pack("<BBH24sHH", 1, platform, 0, b"maker", 0, 0xAA55))
    total = sum(struct.unpack("<16H", record)) & 0xFFFF
    struct.pack_into("<H", record, 28, -total & 0xFFFF)
    return bytes(record)


def header(platform: int, count: int, *, last: bool = True) -> bytes:
    return struct.pack("<BBH28x", 0x91 if last else 0x90, platform, count)


@contextmanager
def opened(data: bytes) -> Iterator[int]:
    fd = os.memfd_create("image")
    try:
        os.write(fd, data)
        yield fd
    finally:
        os.close(fd)


def read(records: bytes) -> eltorito.Catalogue:
    with opened(bytes(2048) + records.ljust(2048, b"\0")) as fd:
        return eltorito.read_catalogue(fd, 1)


def extended(records: bytes, start: int = 1 << 20, size: int = 31 << 20) -> bytes:
    """The catalogue's sector with the patches applied."""
    catalogue = read(records)
    data = bytearray(catalogue.data)
    for patch in eltorito.add_efi_entry(catalogue, start, size):
        at = patch.offset - catalogue.start
        data[at : at + len(patch.data)] = patch.data
    return bytes(data)


def test_one_bios_entry() -> None:
    records = validation() + BIOS_ENTRY
    data = extended(records)
    assert data[:64] == records
    assert data[64:96] == header(EFI, 1)
    assert data[128:] == bytes(2048 - 128)
    entry = read(data).efi_entry
    assert entry is not None
    assert (entry.lba, entry.sectors, entry.offset) == (512, 31 * 2048, 96)


def test_after_other_sections() -> None:
    records = validation() + BIOS_ENTRY + header(0, 1) + BIOS_ENTRY
    data = extended(records)
    assert data[64] == 0x90, "the header that was the last says that another follows"
    assert data[65:128] == records[65:128]
    assert data[128:160] == header(EFI, 1)
    assert [entry.platform for entry in read(data).entries] == [0, 0, EFI]


def test_extension_records_are_stepped_over() -> None:
    entry = bytearray(BIOS_ENTRY)
    entry[1] = 0x20
    records = validation() + BIOS_ENTRY + header(0, 1) + bytes(entry)
    records += b"\x44\x20" + bytes(30) + b"\x44\x00" + bytes(30)
    assert extended(records)[192:224] == header(EFI, 1)


def test_an_efi_entry_is_pointed_elsewhere() -> None:
    efi = eltorito.efi_record(2048, 4096)
    records = validation() + BIOS_ENTRY + header(EFI, 1) + efi
    data = extended(records)
    assert data[:96] == records[:96]
    assert data[96:128] == eltorito.efi_record(1 << 20, 31 << 20)
    assert data[128:] == bytes(2048 - 128)


def test_an_entry_that_cannot_boot_is_no_efi_entry() -> None:
    efi = b"\0" + eltorito.efi_record(2048, 4096)[1:]
    assert read(validation() + BIOS_ENTRY + header(EFI, 1) + efi).efi_entry is None


def test_a_catalogue_of_efi_alone() -> None:
    assert read(validation(EFI) + BIOS_ENTRY).efi_entry is not None


@pytest.mark.parametrize(
    ("size", "sectors"), [(4 << 20, 8192), (65535 * 512, 65535), (64 << 20, 65535), (513, 2)]
)
def test_the_sector_count(size: int, sectors: int) -> None:
    assert struct.unpack_from("<H", eltorito.efi_record(2048, size), 6) == (sectors,)


def test_no_room() -> None:
    full = validation() + BIOS_ENTRY + header(0, 61) + BIOS_ENTRY * 61
    assert len(full) == 2048
    for records in (full, full[:-32], validation() + BIOS_ENTRY + bytes(40) + b"something else"):
        with pytest.raises(FormatFailure, match="no room"):
            extended(records)


@pytest.mark.parametrize(
    "records",
    [
        b"",
        b"\1" + bytes(63),
        validation()[:30] + b"\0\0" + BIOS_ENTRY,
        b"\2" + validation()[1:] + BIOS_ENTRY,
        validation()[:10] + b"!" + validation()[11:] + BIOS_ENTRY,
    ],
)
def test_what_is_no_catalogue(records: bytes) -> None:
    with pytest.raises(FormatFailure, match="is not one"):
        read(records)


def test_a_catalogue_beyond_the_end() -> None:
    with opened(bytes(4096)) as fd:
        for lba in (1 << 31, 0xFFFFFFFF, 2):
            with pytest.raises(FormatFailure, match="beyond the end"):
                eltorito.read_catalogue(fd, lba)


def test_hostile_catalogues_end() -> None:
    """Whatever follows a valid first record: an answer or a FormatFailure, at once."""
    dice = random.Random(7)
    for _ in range(3000):
        noise = bytearray(dice.randbytes(2048 - 64))
        for at in range(0, len(noise), 32):
            noise[at] = dice.choice((0x90, 0x91, 0x44, 0x88, 0, noise[at]))
        try:
            data = extended(validation() + BIOS_ENTRY + bytes(noise))
        except KxshError:
            continue
        assert read(data).efi_entry is not None


def test_volume_descriptors() -> None:
    primary = bytearray(2048)
    primary[:6] = b"\1CD001"
    primary[40:44] = b"LIVE"
    struct.pack_into("<I", primary, 80, 1000)
    struct.pack_into("<H", primary, 128, 2048)
    boot = b"\0CD001\1" + b"EL TORITO SPECIFICATION".ljust(64, b"\0") + struct.pack("<I", 33)
    end = b"\xffCD001\1"
    sectors = [bytes(primary), boot, end]
    image = bytes(16 * 2048) + b"".join(sector.ljust(2048, b"\0") for sector in sectors)
    with opened(image) as fd:
        assert iso9660.read_volume(fd) == iso9660.Volume("LIVE", 1000 * 2048, 33, False)
    with opened(image[: 16 * 2048 + 100]) as fd:
        assert iso9660.read_volume(fd) is None
    with opened(bytes(16 * 2048) + b"\0CD001\1".ljust(2048, b"\0") * 5000) as fd:
        assert iso9660.read_volume(fd) is None
