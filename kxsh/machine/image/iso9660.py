"""ISO 9660 by pycdlib, with the names that Linux's isofs shows.

Rock Ridge before Joliet before plain names; plain ones in lower case without ``;1``
(mount option ``map=normal``; Linux fs/isofs/inode.c, joliet.c, dir.c).
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, cast

from pycdlib import PyCdlib

from kxsh.errors import FormatFailure, IoFailure
from kxsh.machine.image.disk import DiskImage, Extents
from kxsh.machine.image.tree import Node, Tree
from kxsh.text import MIB, display

# Reading an ISO's directories is over by then, or the ISO is built to keep us busy.
_SECONDS = 60.0
_SYSTEM_AREA = 512
_READ_LIMIT = 16 * MIB
_FAR_END = 1 << 44


class IsoTree(Tree):
    """The files of an ISO 9660 filesystem at `offset` of an image.

    Raises FormatFailure where pycdlib does not accept it.
    """

    ignores_case = True

    def __init__(self, image: DiskImage, offset: int) -> None:
        self._image = image
        self._offset = offset
        self._iso = PyCdlib()
        try:
            self._iso.open_fp(cast(BinaryIO, _Window(image, offset)))
            self._joliet = not self._iso.has_rock_ridge() and self._iso.has_joliet()
            self.plain_names = not self._joliet and not self._iso.has_rock_ridge()
            volume: Any = self._iso.joliet_vd if self._joliet else self._iso.pvd
            self._top = Node("", "directory", 0, volume.root_directory_record())
        except IoFailure:
            raise
        except Exception as error:  # PyCdlibException, and what hostile bytes make of indexes
            raise FormatFailure(
                f"{display(image.path)}: not a sound ISO 9660 filesystem: {display(str(error))}"
            ) from error

    def top(self) -> Node:
        return self._top

    def children(self, directory: Node) -> Sequence[Node]:
        return list(self._nodes(directory.key))

    def target(self, link: Node) -> str:
        record: Any = link.key
        return _text(record.rock_ridge.symlink_path())

    def open(self, file: Node) -> BinaryIO:
        runs: list[tuple[int, int]] = []
        record: Any = file.key
        while record is not None:
            block = record.extent_location() + record.xattr_len
            start = block * self._iso.logical_block_size
            runs.append((self._offset + start, record.data_length))
            record = record.data_continuation
        return Extents(self._image, runs).buffered()

    def _nodes(self, directory: Any) -> Iterator[Node]:
        continued: set[int] = set()
        for record in directory.children:
            if record.is_dot() or record.is_dotdot() or record.is_associated_file():
                continue
            if id(record) in continued:
                continue  # a later run of a file larger than 4 GiB
            rock = record.rock_ridge
            if rock is not None and rock.relocated_record():
                continue
            if rock is not None and rock.child_link_record_exists():
                yield Node(self._name(record), "directory", 0, rock.cl_to_moved_dr)
            elif record.is_dir():
                yield Node(self._name(record), "directory", 0, record)
            elif record.is_symlink():
                yield Node(self._name(record), "link", 0, record)
            else:
                size, part = 0, record
                while part is not None:
                    continued.add(id(part))
                    size += part.data_length
                    part = part.data_continuation
                yield Node(self._name(record), "file", size, record)

    def _name(self, record: Any) -> str:
        if self._joliet:
            return joliet_name(record.file_identifier().decode("utf-16-be", "replace"))
        if record.rock_ridge is not None and record.rock_ridge.name():
            return _text(record.rock_ridge.name())
        return plain_name(record.file_identifier())


def plain_name(raw: bytes) -> str:
    """Return a name without extensions as isofs shows it (``isofs_name_translate``)."""
    name = raw.lower()
    if name.endswith(b".;1"):
        name = name[:-3]
    elif name.endswith(b";1"):
        name = name[:-2]
    return _text(name.replace(b";", b".").replace(b"/", b"."))


def joliet_name(name: str) -> str:
    """Return a Joliet name as isofs shows it (``get_joliet_filename``)."""
    if len(name) > 2 and name.endswith(";1"):
        name = name[:-2]
    while len(name) > 1 and name.endswith("."):
        name = name[:-1]
    return name


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


class _Window(io.RawIOBase):
    """The filesystem's part of the image, for pycdlib.

    The first 512 bytes read as zero: pycdlib refuses hybrid MBRs that it does not know.
    The end is far away: pycdlib shortens files that a truncated image does not hold, and
    they would look whole. Deadline and largest read bound what a hostile image can ask.
    """

    def __init__(self, image: DiskImage, offset: int) -> None:
        super().__init__()
        self._image = image
        self._offset = offset
        self._at = 0
        self._deadline = time.monotonic() + _SECONDS

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: _FAR_END}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        if time.monotonic() > self._deadline:
            raise IoFailure(f"{display(self._image.path)}: reading the ISO takes too long")
        wanted = _READ_LIMIT if size < 0 else min(size, _READ_LIMIT)
        data = self._image.read(self._offset + self._at, wanted)
        if self._at < _SYSTEM_AREA:
            zeroed = min(len(data), _SYSTEM_AREA - self._at)
            data = bytes(zeroed) + data[zeroed:]
        self._at += len(data)
        return data
