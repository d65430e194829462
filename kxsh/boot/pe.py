"""The section table of a PE file, read with a limit and without trust.

Source: Microsoft, "PE Format" (the COFF file header, the section table).
"""

from __future__ import annotations

import struct

from kxsh.boot import magic
from kxsh.record import record

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO

FILE_HEADER = struct.Struct("<HHIIIHH")
SECTION_HEADER = struct.Struct("<8sIIIIIIHHI")
MAX_SECTIONS = 96  # the limit of the Windows loader; real files have about ten


@record
class Section:
    """One entry of the section table: sizes and offsets in bytes.

    `size` is what the section holds (VirtualSize), `raw_size` its room in the file.
    `header` is the file offset of the table entry itself.
    """

    name: str
    address: int
    size: int
    offset: int
    raw_size: int
    header: int

    @property
    def length(self) -> int:
        """How many bytes of the file are its content."""
        return min(self.size, self.raw_size)


def read_section(data: bytes, at: int, header: int) -> Section:
    """Return the table entry at `at` of `data`, which is at `header` in the file."""
    name, size, address, raw_size, offset, *_ = SECTION_HEADER.unpack_from(data, at)
    text = name.rstrip(b"\0").decode("ascii", "replace")
    return Section(text, address, size, offset, raw_size, header)


def read_sections(stream: BinaryIO) -> tuple[Section, ...]:
    """Return a PE file's sections in their order; none where it is no PE file.

    Whether they lie inside the file is not looked at. Raises only `IoFailure`.
    """
    head = magic.read_at(stream, 0, 0x40)
    if len(head) < 0x40 or not head.startswith(b"MZ"):
        return ()
    start: int = struct.unpack_from("<I", head, 0x3C)[0]
    header = magic.read_at(stream, start, 4 + FILE_HEADER.size)
    if len(header) < 4 + FILE_HEADER.size or not header.startswith(b"PE\0\0"):
        return ()
    _, count, _, _, _, optional, _ = FILE_HEADER.unpack_from(header, 4)
    table = start + len(header) + optional
    data = magic.read_at(stream, table, SECTION_HEADER.size * min(count, MAX_SECTIONS))
    ends = range(0, len(data) - SECTION_HEADER.size + 1, SECTION_HEADER.size)
    return tuple(read_section(data, at, table + at) for at in ends)
