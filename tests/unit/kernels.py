"""Kernel files made for tests: the header is real, the kernel is not."""

from __future__ import annotations

import struct

SETUP_SECTS = 4


def bzimage(
    *,
    protocol: int = 0x020F,
    xloadflags: int = 0b0100011,
    loadflags: int = 1,
    payload: int = 65536,
    init_size: int = 1 << 20,
    cmdline_size: int = 2047,
    version: bytes = b"6.1.0-test (builder@host) #1",
) -> bytes:
    """Return a bzImage with this header and `payload` zeros."""
    setup = bytearray((SETUP_SECTS + 1) * 512)
    struct.pack_into("<BHI", setup, 0x1F1, SETUP_SECTS, 0, payload // 16)
    struct.pack_into("<H", setup, 0x1FE, 0xAA55)
    setup[0x202:0x206] = b"HdrS"
    struct.pack_into("<H", setup, 0x206, protocol)
    struct.pack_into("<H", setup, 0x20E, 0x200)
    setup[0x211] = loadflags
    setup[0x234] = 1
    struct.pack_into("<HI", setup, 0x236, xloadflags, cmdline_size)
    struct.pack_into("<QI", setup, 0x258, 1 << 24, init_size)
    setup[0x400 : 0x400 + len(version)] = version
    return bytes(setup) + bytes(payload)


def multiboot(version: int = 1) -> bytes:
    """Return a file with a Multiboot header of version 1 or 2."""
    words = (0x1BADB002, 3) if version == 1 else (0xE85250D6, 0, 24)
    checksum = -sum(words) & 0xFFFFFFFF
    return b"\x90" * 64 + struct.pack(f"<{len(words) + 1}I", *words, checksum) + bytes(4096)


def uki(*sections: tuple[str, bytes]) -> bytes:
    """Return a PE file with these sections, names may repeat: a unified kernel image."""
    table = 0x80 + 24 + 240
    header = bytearray(max(0x400, table + 40 * len(sections)))
    header[:2], header[0x80:0x84] = b"MZ", b"PE\0\0"
    struct.pack_into("<I", header, 0x3C, 0x80)
    struct.pack_into("<HHIIIHH", header, 0x84, 0x8664, len(sections), 0, 0, 0, 240, 0x22)
    content = b""
    for number, (name, data) in enumerate(sections):
        offset = len(header) + len(content)
        sizes = (len(data), 0x1000 * number, -(-len(data) // 512) * 512, offset)
        struct.pack_into("<8sIIII", header, table + 40 * number, name.encode(), *sizes)
        content += data.ljust(sizes[2], b"\0")
    return bytes(header) + content
