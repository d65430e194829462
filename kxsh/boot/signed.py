"""Whether an EFI program, a Linux kernel with EFI stub among them, carries a signature.

Only that there is one is told, not that it is good: that is the firmware's to judge.
Source: Microsoft, "PE Format" (data directory 4, the certificate table).
"""

from __future__ import annotations

import struct

# optional header magic -> where its data directories begin
_DIRECTORIES = {0x10B: 96, 0x20B: 112}
_CERTIFICATES = 4


def is_signed(head: bytes) -> bool:
    """Return whether the PE file with these first bytes has a certificate table."""
    if len(head) < 0x40 or not head.startswith(b"MZ"):
        return False
    start: int = struct.unpack_from("<I", head, 0x3C)[0]
    optional = start + 24
    if head[start : start + 4] != b"PE\0\0" or len(head) < optional + 2:
        return False
    directories = _DIRECTORIES.get(struct.unpack_from("<H", head, optional)[0])
    if directories is None:
        return False
    place = optional + directories + 8 * _CERTIFICATES
    if len(head) < place + 8:
        return False
    offset, size = struct.unpack_from("<II", head, place)
    return bool(offset and size)
