"""Copying an image: shared where the filesystem can (reflink), sparse where it is empty,
with a digest of its contents on the way.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator

from kxsh.errors import IoFailure
from kxsh.image.tools import ImageError
from kxsh.text import MIB, display

_CHUNK = 1 * MIB
_ZEROS = bytes(_CHUNK)
_FICLONE = 0x40049409  # linux/fs.h: _IOW(0x94, 9, int)


def clone(source: int, target: int) -> bool:
    """Make `target` share the blocks of `source`; False where that cannot be done."""
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def copy(source: int, target: int | None, size: int, report: Callable[[int, int], None]) -> str:
    """Copy `size` bytes to `target` (None: they are there) and return their digest.

    The digest is over the chunks of 1 MiB that hold anything but zeros, each with its
    place, so that it is the same however sparsely the file is stored.
    Raises IoFailure when the source ends early or cannot be read.
    """
    digest = hashlib.sha256(size.to_bytes(8, "little"))
    for offset in _filled_chunks(source, size):
        chunk = _read(source, offset, min(_CHUNK, size - offset))
        if chunk != _ZEROS[: len(chunk)]:
            digest.update(offset.to_bytes(8, "little"))
            digest.update(chunk)
            if target is not None:
                write(target, chunk, offset)
        report(offset + len(chunk), size)
    if target is not None:
        os.ftruncate(target, size)
    return digest.hexdigest()


def _filled_chunks(fd: int, size: int) -> Iterator[int]:
    """Yield the offsets of the chunks that are not wholly a hole of the file."""
    offset = 0
    while offset < size:
        try:
            data = os.lseek(fd, offset, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # only a hole follows
                return
            data = offset
        offset = max(offset, data - data % _CHUNK)
        if offset < size:
            yield offset
        offset += _CHUNK


def _read(fd: int, offset: int, count: int) -> bytes:
    parts = []
    while count:
        try:
            part = os.pread(fd, count, offset)
        except OSError as error:
            raise IoFailure(
                f"the image cannot be read at byte {offset}: {error.strerror}", errno=error.errno
            ) from error
        if not part:
            raise IoFailure("the image became shorter while it was read")
        parts.append(part)
        offset, count = offset + len(part), count - len(part)
    return b"".join(parts)


def write(fd: int, data: bytes, offset: int) -> None:
    """Write all of `data`. Raises ImageError, naming the cause, when it cannot."""
    view = memoryview(data)
    while view:
        try:
            done = os.pwrite(fd, view, offset)
        except OSError as error:
            causes = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "your quota is used up"}
            cause = causes.get(error.errno or 0, error.strerror or str(error))
            raise ImageError(
                f"the image could not be written: {display(cause)}",
                hint="give a place with more room with -o; nothing was left behind",
            ) from error
        view, offset = view[done:], offset + done


def write_sparse(fd: int, data: bytes, offset: int) -> None:
    """Write `data` to a part of a new file that is still a hole: only what is not zero."""
    for at in range(0, len(data), _CHUNK):
        chunk = data[at : at + _CHUNK]
        if chunk != _ZEROS[: len(chunk)]:
            write(fd, chunk, offset + at)
