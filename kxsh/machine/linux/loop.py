"""Read-only loop devices over a file, or over a part of another device (loop(4))."""

from __future__ import annotations

import errno
import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager

# include/uapi/linux/loop.h
_LOOP_CONFIGURE = 0x4C0A
_LOOP_CTL_GET_FREE = 0x4C82
_READ_ONLY, _AUTOCLEAR, _SCAN_PARTITIONS = 1, 4, 8
# struct loop_config: fd, block size; struct loop_info64: device, inode, rdevice, offset,
# size limit, number, encryption type and key size, flags, names, key, init; reserved.
_CONFIG = struct.Struct("=II QQQQQ IIII 64s 64s 32s 2Q 64s")
_TRIES = 8


@contextmanager
def window(path: str, start: int, size: int) -> Iterator[str]:
    """Give the path of a loop device that shows `size` bytes at `start` of `path`.

    It frees itself (autoclear) when this ends and nothing has it mounted any more.
    Raises OSError.
    """
    backing = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        device, loop = _configure(backing, start, size, _READ_ONLY | _AUTOCLEAR)
    finally:
        os.close(backing)
    try:
        yield device
    finally:
        os.close(loop)


def attach(backing: int) -> tuple[str, int]:
    """Return the path of a loop device that shows an open file with its partitions, and
    its descriptor: it frees itself when that is closed and nothing has it mounted."""
    return _configure(backing, 0, 0, _READ_ONLY | _AUTOCLEAR | _SCAN_PARTITIONS)


def _configure(backing: int, start: int, size: int, flags: int) -> tuple[str, int]:
    config = _CONFIG.pack(
        backing, 0, 0, 0, 0, start, size, 0, 0, 0, flags, b"", b"", b"", 0, 0, b""
    )
    for attempt in range(_TRIES):
        device = f"/dev/loop{_free_number()}"
        loop = os.open(device, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.ioctl(loop, _LOOP_CONFIGURE, config)
            return device, loop
        except OSError as error:
            os.close(loop)
            if error.errno != errno.EBUSY or attempt == _TRIES - 1:
                raise  # EBUSY: someone else took this number first
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


def _free_number() -> int:
    control = os.open("/dev/loop-control", os.O_RDWR | os.O_CLOEXEC)
    try:
        return fcntl.ioctl(control, _LOOP_CTL_GET_FREE)
    finally:
        os.close(control)
