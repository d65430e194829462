"""What a file's first bytes say it is: compressed data, archives, filesystems, text."""

from __future__ import annotations

from kxsh.errors import from_os_error

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO

# (offset, bytes, kind): the first that matches wins.
SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"070701", "cpio"),
    (0, b"070702", "cpio"),
    (0, b"070707", "cpio-odc"),
    (0, b"\xc7\x71", "cpio-binary"),
    (0, b"\x1f\x8b", "gzip"),
    (0, b"\xfd7zXZ\0", "xz"),
    (0, b"\x28\xb5\x2f\xfd", "zstd"),
    (0, b"\x02\x21\x4c\x18", "lz4"),
    (0, b"\x04\x22\x4d\x18", "lz4"),
    (0, b"BZh", "bzip2"),
    (0, b"\x89LZO\0\r\n\x1a\n", "lzo"),
    (0, b"\x5d\0\0", "lzma"),
    (0, b"hsqs", "squashfs"),
    (0, b"-rom1fs-", "romfs"),
    (0, b"\x45\x3d\xcd\x28", "cramfs"),
    (0x438, b"\x53\xef", "ext2"),
    (0x410, b"\x7f\x13", "minix"),
    (0x410, b"\x8f\x13", "minix"),
    (0x410, b"\x68\x24", "minix"),
    (0x8001, b"CD001", "iso9660"),
)
ARCHIVES = frozenset(("cpio", "cpio-odc", "cpio-binary"))
COMPRESSED = frozenset(("gzip", "xz", "zstd", "lz4", "bzip2", "lzo", "lzma"))
FILESYSTEMS = frozenset(("squashfs", "romfs", "cramfs", "ext2", "minix"))


def kind(head: bytes) -> str:
    """Return the kind of a file from its first bytes (empty: none of `SIGNATURES`)."""
    for offset, signature, name in SIGNATURES:
        if head.startswith(signature, offset):
            return name
    return ""


def is_text(head: bytes) -> bool:
    """Return whether the first bytes are those of a text file."""
    sample = head[:512]
    if not sample or any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in sample):
        return False
    try:
        sample.decode()
    except UnicodeDecodeError as error:
        return error.start >= len(sample) - 4 and error.start > 0
    return True


def read_at(stream: BinaryIO, offset: int, count: int) -> bytes:
    """Return up to `count` bytes from `offset`; an error is an `IoFailure`."""
    try:
        stream.seek(offset)
        parts: list[bytes] = []
        while count > 0:
            part = stream.read(count)
            if not part:
                break
            parts.append(part)
            count -= len(part)
        return b"".join(parts)
    except OSError as error:
        raise from_os_error(error, "reading the file's beginning") from error


def unpacked(head: bytes, compression: str, limit: int = 65536) -> bytes:
    """Return up to `limit` bytes of what gzip or xz data begins with (empty: unknown)."""
    try:
        if compression == "gzip":
            import zlib

            return zlib.decompressobj(wbits=31).decompress(head, limit)
        if compression in ("xz", "lzma"):
            import lzma

            return lzma.LZMADecompressor(memlimit=64 << 20).decompress(head, limit)
    except Exception:  # zlib.error, LZMAError, EOFError: damaged data unpacks to nothing
        return b""
    return b""
