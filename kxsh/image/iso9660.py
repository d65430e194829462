"""The volume descriptors of an ISO 9660 image: its size, and where its boot catalogue is.

ECMA-119 section 8 (descriptors from sector 16, 2048 bytes each, ended by type 255);
El Torito 1.0 section 2.0 (the boot record, type 0).
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

SECTOR = 2048
_FIRST = 16
_MOST_DESCRIPTORS = 64
_BOOT_SYSTEM = b"EL TORITO SPECIFICATION".ljust(32, b"\0")


@dataclass(frozen=True, slots=True)
class Volume:
    """The primary volume: `size` in bytes as it says itself, `name` as written.

    `catalogue` is the sector of the El Torito boot catalogue, None without one;
    `checksummed` holds when a media check (implantisomd5) left its sum in it.
    """

    name: str
    size: int
    catalogue: int | None
    checksummed: bool


def read_volume(fd: int) -> Volume | None:
    """Return the primary volume of the image open as `fd`; None when it is not ISO 9660."""
    primary: bytes | None = None
    catalogue: int | None = None
    for number in range(_FIRST, _FIRST + _MOST_DESCRIPTORS):
        sector = os.pread(fd, SECTOR, number * SECTOR)
        if len(sector) < SECTOR or sector[1:6] != b"CD001" or sector[0] == 255:
            break
        if sector[0] == 1 and primary is None:
            primary = sector
        elif sector[0] == 0 and sector[7:39] == _BOOT_SYSTEM and catalogue is None:
            catalogue = struct.unpack_from("<I", sector, 0x47)[0]
    if primary is None:
        return None
    blocks, block_size = struct.unpack_from("<I", primary, 80)[0], 0
    block_size = struct.unpack_from("<H", primary, 128)[0]
    return Volume(
        name=primary[40:72].decode("latin-1").rstrip(" \0"),
        size=blocks * (block_size if block_size in (512, 1024, 2048) else SECTOR),
        catalogue=catalogue,
        checksummed=b"ISO MD5SUM = " in primary[883:1395],
    )
