"""A disk image, an ISO or a block device's file: its bytes, by offset."""

from __future__ import annotations

import errno
import io
import os
import stat
import tempfile
from collections.abc import Sequence
from typing import IO, BinaryIO, cast

from kxsh.errors import FormatFailure, IoFailure, NotFound, from_os_error
from kxsh.text import GIB, MIB, display
from kxsh.text import size as size_text

_CHUNK = 4 * MIB
_SLICE_LIMIT = 16 * GIB


class DiskImage:
    """An image that is open for reading; `size` in bytes, `path` absolute."""

    def __init__(self, path: str) -> None:
        self.path = os.path.abspath(path)
        self._slices: list[IO[bytes]] = []
        try:
            # Without O_NONBLOCK a FIFO would wait for its other end.
            self.descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as error:
            raise from_os_error(error, f"opening {display(path)}") from error
        except ValueError as error:  # a NUL
            raise NotFound(f"{display(path)} cannot be a file's name") from error
        mode = os.fstat(self.descriptor).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISBLK(mode):
            self.close()
            raise FormatFailure(f"{display(path)} is neither an image nor a block device")
        self.size = os.lseek(self.descriptor, 0, os.SEEK_END)

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes; fewer at the end of the image. Raises IoFailure."""
        try:
            size = min(size, self.size - offset)
            return os.pread(self.descriptor, size, offset) if size > 0 else b""
        except (OSError, OverflowError) as error:
            raise IoFailure(f"reading {display(self.path)} at {offset}: {error}") from error

    def slice(self, offset: int, size: int) -> str:
        """Return the path of a sparse copy of a part; it lives as long as the image."""
        if size > _SLICE_LIMIT:
            raise FormatFailure(
                f"{display(self.path)}: the filesystem at {offset} can only be read from a copy,"
                f" and is too large for one ({size_text(size)})"
            )
        copy = tempfile.NamedTemporaryFile(prefix="kxsh-slice-")  # noqa: SIM115
        self._slices.append(copy)
        end = min(offset + size, self.size)
        try:
            os.truncate(copy.fileno(), size)
            for at in range(offset, end, _CHUNK):
                data = os.pread(self.descriptor, min(_CHUNK, end - at), at)
                if data.count(0) != len(data):
                    os.pwrite(copy.fileno(), data, at - offset)
        except OSError as error:
            raise from_os_error(error, f"copying a part of {display(self.path)}") from error
        return copy.name

    def close(self) -> None:
        for copy in self._slices:
            copy.close()
        self._slices.clear()
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


class Extents(io.RawIOBase):
    """A file made of runs of an image, as (offset, length); EIO where the image is short."""

    def __init__(self, image: DiskImage, runs: Sequence[tuple[int, int]]) -> None:
        super().__init__()
        self._image = image
        self._runs = runs
        self._size = sum(length for _, length in runs)
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._at = base + offset
        return self._at

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        start = self._at
        for offset, length in self._runs:
            if start < length:
                wanted = min(len(buffer), length - start)
                data = os.pread(self._image.descriptor, wanted, offset + start)
                if not data and wanted:
                    raise OSError(errno.EIO, "input/output error (the image ends before it)")
                buffer[: len(data)] = data
                self._at += len(data)
                return len(data)
            start -= length
        return 0

    def buffered(self) -> BinaryIO:
        return cast(BinaryIO, io.BufferedReader(self, 128 * 1024))
