"""Initramfs archives in the kernel's "newc" format, the same bytes for the same files.

Source: the kernel's Documentation/driver-api/early-userspace/buffer-format.rst.
"""

from __future__ import annotations

import stat
from collections.abc import Iterable
from dataclasses import dataclass

_BLOCK = 512
_TRAILER = "TRAILER!!!"


@dataclass(frozen=True, slots=True)
class Member:
    """A file, directory, symlink (`data` is its target) or device of an archive.

    `name` has no leading slash; `mode` is st_mode with the file type; `device` is
    (major, minor) of a device node.
    """

    name: str
    mode: int
    data: bytes = b""
    device: tuple[int, int] = (0, 0)


def file(name: str, data: bytes, *, executable: bool = False) -> Member:
    """Return a regular file, mode 0755 or 0644."""
    return Member(name, stat.S_IFREG | (0o755 if executable else 0o644), data)


def symlink(name: str, target: str) -> Member:
    """Return a symbolic link to `target`."""
    return Member(name, stat.S_IFLNK | 0o777, target.encode())


def directory(name: str, mode: int = 0o755) -> Member:
    """Return a directory."""
    return Member(name, stat.S_IFDIR | mode)


def character_device(name: str, major: int, minor: int) -> Member:
    """Return a character device node, mode 0600."""
    return Member(name, stat.S_IFCHR | 0o600, b"", (major, minor))


def pack(members: Iterable[Member], mtime: int = 0) -> bytes:
    """Return the archive: members in order of name, missing parent directories added.

    Everything is owned by root, dated `mtime` (seconds since 1970), with link count 1.
    """
    by_name = {member.name: member for member in members}
    for name in list(by_name):
        for parent in _parents(name):
            by_name.setdefault(parent, directory(parent))
    archive = bytearray()
    for number, name in enumerate(sorted(by_name), 1):
        _append(archive, by_name[name], number, mtime)
    _append(archive, Member(_TRAILER, 0), 0, 0)
    archive.extend(bytes(-len(archive) % _BLOCK))
    return bytes(archive)


def _parents(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]


def _append(archive: bytearray, member: Member, inode: int, mtime: int) -> None:
    name = member.name.encode() + b"\0"
    major, minor = member.device
    fields = (inode, member.mode, 0, 0, 1, mtime, len(member.data), 0, 0, major, minor)
    archive += b"070701" + b"".join(b"%08x" % field for field in (*fields, len(name), 0))
    archive += name
    archive += bytes(-len(archive) % 4)
    archive += member.data
    archive += bytes(-len(archive) % 4)
