"""PE32+ files: the headers and section table, read and checked.

Source: Microsoft, "PE Format" (the COFF file header, the optional header, the section
table); UEFI specification 2.10, section 2.1.1 (UEFI images).
"""

from __future__ import annotations

import struct
from array import array
from dataclasses import dataclass

from kxsh.boot.pe import FILE_HEADER, MAX_SECTIONS, SECTION_HEADER, read_section
from kxsh.boot.pe import Section as Section
from kxsh.errors import FormatFailure
from kxsh.text import display

_MACHINE_AMD64 = 0x8664
_MAGIC_PE32_PLUS = 0x20B
_SUBSYSTEM_EFI_APPLICATION = 10
SECTION_HEADER_SIZE = SECTION_HEADER.size

# Offsets inside the optional header of PE32+.
_SECTION_ALIGNMENT = 32
_FILE_ALIGNMENT = 36
_SIZE_OF_IMAGE = 56
_SIZE_OF_HEADERS = 60
_CHECKSUM = 64
_SUBSYSTEM = 68
_CERTIFICATES = 112 + 4 * 8  # data directory 4: file offset and size of the signatures
_OPTIONAL_HEADER_MINIMUM = 152


@dataclass(frozen=True, slots=True)
class Headers:
    """What a section appender needs of a PE file; offsets are file offsets."""

    file_header: int
    optional_header: int
    table: int
    machine: int
    subsystem: int
    section_alignment: int
    file_alignment: int
    headers_size: int
    image_size: int
    certificates: int
    sections: tuple[Section, ...]


def read_headers(data: bytes) -> Headers:
    """Return the headers of a PE32+ file.

    Raises FormatFailure when it is not one, or when a section lies outside the file.
    """
    try:
        return _read_headers(data)
    except struct.error:
        raise FormatFailure("not a PE file: it ends inside its headers") from None


def _read_headers(data: bytes) -> Headers:
    if data[:2] != b"MZ":
        raise FormatFailure("not a PE file: it does not begin with MZ")
    (pe,) = struct.unpack_from("<I", data, 0x3C)
    if data[pe : pe + 4] != b"PE\0\0":
        raise FormatFailure("not a PE file: no PE signature")
    machine, count, _, _, _, optional_size, _ = FILE_HEADER.unpack_from(data, pe + 4)
    optional = pe + 4 + FILE_HEADER.size
    (magic,) = struct.unpack_from("<H", data, optional)
    if magic != _MAGIC_PE32_PLUS or optional_size < _OPTIONAL_HEADER_MINIMUM:
        raise FormatFailure("not a 64-bit PE file (PE32+)")
    if count > MAX_SECTIONS:
        raise FormatFailure(f"a PE file with {count} sections: not believable")
    table = optional + optional_size
    return Headers(
        file_header=pe + 4,
        optional_header=optional,
        table=table,
        machine=machine,
        subsystem=struct.unpack_from("<H", data, optional + _SUBSYSTEM)[0],
        section_alignment=_alignment(data, optional + _SECTION_ALIGNMENT),
        file_alignment=_alignment(data, optional + _FILE_ALIGNMENT),
        headers_size=struct.unpack_from("<I", data, optional + _SIZE_OF_HEADERS)[0],
        image_size=struct.unpack_from("<I", data, optional + _SIZE_OF_IMAGE)[0],
        certificates=struct.unpack_from("<I", data, optional + _CERTIFICATES)[0],
        sections=tuple(_read_section(data, table + i * SECTION_HEADER.size) for i in range(count)),
    )


def _alignment(data: bytes, offset: int) -> int:
    value = int(struct.unpack_from("<I", data, offset)[0])
    if value == 0 or value & (value - 1) or value > 1 << 24:
        raise FormatFailure(f"a PE file with an alignment of {value}: not a power of two")
    return value


def _read_section(data: bytes, header: int) -> Section:
    section = read_section(data, header, header)
    if section.raw_size and section.offset + section.raw_size > len(data):
        raise FormatFailure(
            f"the PE section {display(section.name)} ends beyond the file: truncated?"
        )
    return section


def check_application(headers: Headers) -> None:
    """Raise FormatFailure unless the headers are those of an x86-64 EFI application."""
    if headers.machine != _MACHINE_AMD64:
        raise FormatFailure(f"a PE file for machine {headers.machine:#06x}, not x86-64")
    if headers.subsystem != _SUBSYSTEM_EFI_APPLICATION:
        raise FormatFailure(f"a PE file for subsystem {headers.subsystem}, not an EFI application")


def add_section(data: bytearray, section: Section, flags: int) -> None:
    """Write `section` as the next entry of the section table and count it."""
    name = section.name.encode("ascii")
    entry = (name, section.size, section.address, section.raw_size, section.offset, 0, 0, 0, 0)
    SECTION_HEADER.pack_into(data, section.header, *entry, flags)
    pe = struct.unpack_from("<I", data, 0x3C)[0]
    count = struct.unpack_from("<H", data, pe + 6)[0]
    struct.pack_into("<H", data, pe + 6, count + 1)


def set_section_size(data: bytearray, section: Section, size: int) -> None:
    """Change how many bytes of its room a section uses (VirtualSize)."""
    struct.pack_into("<I", data, section.header + 8, size)


def drop_certificates(data: bytearray, headers: Headers) -> None:
    """Cut the signatures off the end; a changed file would not match them."""
    if headers.certificates:
        del data[headers.certificates :]
        struct.pack_into("<II", data, headers.optional_header + _CERTIFICATES, 0, 0)


def set_image_size(data: bytearray, headers: Headers, size: int) -> None:
    """Write SizeOfImage."""
    struct.pack_into("<I", data, headers.optional_header + _SIZE_OF_IMAGE, size)


def set_checksum(data: bytearray, headers: Headers) -> None:
    """Write the checksum: 16-bit one's complement sum of the file, plus its length."""
    place = headers.optional_header + _CHECKSUM
    struct.pack_into("<I", data, place, 0)
    words = array("H", bytes(data) + b"\0" * (len(data) % 2))
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    struct.pack_into("<I", data, place, total + len(data))
