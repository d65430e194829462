"""How large a filesystem says it is: an image that was cut off ends before that."""

from __future__ import annotations

import struct
from collections.abc import Callable

from kxsh.text import MIB

_Read = Callable[[int, int], bytes]
# Old authoring programs count padding that they did not write.
_SLACK = {"iso9660": MIB}


def filesystem_size(read: _Read, fstype: str) -> int:
    """Return the bytes that a filesystem takes by its superblock, or 0 where that is not
    known; `read(offset, size)` reads from its beginning.

    Kernel: Documentation/filesystems/ext4/super.rst and fs/squashfs/squashfs_fs.h;
    ECMA-119 8.4.8; Microsoft's FAT specification, the BPB.
    """
    look = _LOOKS.get(fstype)
    try:
        size = look(read) if look is not None else 0
    except struct.error:  # cut off within the superblock
        return 0
    return max(0, size - _SLACK.get(fstype, 0))


def _ext(read: _Read) -> int:
    block = read(1024, 1024)
    (blocks,) = struct.unpack_from("<I", block, 4)
    (shift,) = struct.unpack_from("<I", block, 24)
    (features,) = struct.unpack_from("<I", block, 96)
    if features & 0x80:  # 64bit
        blocks |= struct.unpack_from("<I", block, 0x150)[0] << 32
    return int(blocks) * (1024 << min(int(shift), 6))


def _squashfs(read: _Read) -> int:
    return int(struct.unpack_from("<Q", read(0, 96), 40)[0])


def _iso9660(read: _Read) -> int:
    blocks, _, size = struct.unpack_from("<I44sH", read(32768, 2048), 80)
    return int(blocks) * int(size)


def _fat(read: _Read) -> int:
    block = read(0, 512)
    (size,) = struct.unpack_from("<H", block, 11)
    small, large = struct.unpack_from("<H11xI", block, 19)
    return int(size) * int(small or large)


_LOOKS: dict[str, Callable[[_Read], int]] = {
    "ext2": _ext,
    "ext3": _ext,
    "ext4": _ext,
    "iso9660": _iso9660,
    "msdos": _fat,
    "squashfs": _squashfs,
    "vfat": _fat,
}
