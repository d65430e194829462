"""Looking into initramfs archives: which files are in them, for which machine.

An initramfs is one or more newc archives after one another, each plain or compressed,
zeros between them (kernel: Documentation/driver-api/early-userspace/buffer-format.rst).
gzip, xz and bzip2 are unpacked by Python, zstd and lz4 by their programs.
"""

from __future__ import annotations

import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kxsh.boot import magic
from kxsh.errors import FormatFailure
from kxsh.machine.image import programs
from kxsh.text import MIB, display

# An initramfs that unpacks to more than this is not looked into.
_UNPACKED = 512 * MIB
_MEMBERS = 200_000
_HEADER = 110
_FIELDS = re.compile(rb"07070[12][0-9a-fA-F]{104}")
# Compressed data inside of compressed data; an initramfs has one layer.
_DEPTH = 2
_STREAMS = 64
_TEXT = 8 * MIB
_MACHINES = {
    3: "i386", 8: "mips", 20: "powerpc", 21: "powerpc64", 22: "s390x", 40: "arm",
    62: "x86-64", 183: "aarch64", 243: "riscv", 258: "loongarch",
}  # fmt: skip
_PROGRAMS = ("bin/", "sbin/", "usr/bin/", "usr/sbin/", "usr/local/bin/", "usr/local/sbin/")
# Programs that are looked at for their machine.
_LOOKED_AT = 20


class CutOff(FormatFailure):
    """An archive, or what it is compressed with, ends before it is complete."""


@dataclass(frozen=True, slots=True)
class Found:
    """A member of an archive; `data` are its bytes, of a link its target."""

    name: str
    mode: int
    data: memoryview

    @property
    def text(self) -> str:
        return bytes(self.data[:_TEXT]).decode("utf-8", "replace")


def members(data: bytes, depth: int = _DEPTH) -> Iterator[Found]:
    """Yield the members of an initramfs; FormatFailure where it is none, or damaged."""
    count = 0
    place = _skip_zeros(data, 0)
    while place < len(data):
        kind = magic.kind(data[place : place + 65536])
        if kind in magic.COMPRESSED and depth:
            yield from members(unpack(data[place:], kind), depth - 1)
            return
        if kind != "cpio":
            raise FormatFailure(f"no initramfs archive at byte {place} ({kind or 'unknown'})")
        while True:
            found, place = _member(data, place)
            if found is None:
                break
            count += 1
            if count > _MEMBERS:
                raise FormatFailure(f"more than {_MEMBERS} files")
            yield found
        place = _skip_zeros(data, place)


def _skip_zeros(data: bytes, place: int) -> int:
    while place < len(data) and not data[place]:
        rest = data[place : place + MIB]
        place += len(rest) - len(rest.lstrip(b"\0"))
    return place


def _member(data: bytes, place: int) -> tuple[Found | None, int]:
    """Return the member at an offset (None: the trailer) and where the next one begins."""
    header = data[place : place + _HEADER]
    if len(header) < _HEADER:
        raise CutOff("the archive is cut off")
    if not _FIELDS.fullmatch(header):
        raise FormatFailure(f"a damaged archive at byte {place}")
    mode, size, name_size = (int(header[at : at + 8], 16) for at in (14, 54, 94))
    name = data[place + _HEADER : place + _HEADER + name_size].rstrip(b"\0")
    start = _round(place + _HEADER + name_size)
    end = start + size
    if end > len(data):
        raise CutOff("the archive is cut off")
    if name == b"TRAILER!!!":
        return None, _round(end)
    path = name.decode("utf-8", "surrogateescape").removeprefix("./").lstrip("/")
    return Found(path, mode, memoryview(data)[start:end]), _round(end)


def _round(offset: int) -> int:
    return -(-offset // 4) * 4


def unpack(data: bytes, kind: str) -> bytes:
    """Return what compressed data unpacks to; FormatFailure where it is damaged or huge."""
    if kind in ("zstd", "lz4"):
        unpacked = _program_unpack(data, kind)
    else:
        unpacked = _python_unpack(data, kind)
    if len(unpacked) > _UNPACKED:
        raise FormatFailure("it unpacks to far more than an initramfs has")
    return unpacked


def _program_unpack(data: bytes, program: str) -> bytes:
    with tempfile.TemporaryFile() as packed:
        packed.write(data)
        packed.flush()
        packed.seek(0)
        number = packed.fileno()
        argv = [program, "-dcfq", f"/dev/fd/{number}"]
        output = programs.run(argv, limit=_UNPACKED, pass_fds=(number,))
        with output.file as file:
            unpacked = file.read()
    if output.status:
        raise FormatFailure(f"damaged {program} data: {display(output.errors)}")
    return unpacked


def _python_unpack(data: bytes, kind: str) -> bytes:
    """Unpack streams of one kind, one after another, as the kernel does."""
    parts: list[bytes] = []
    room = _UNPACKED + 1
    while data and room > 0 and len(parts) < _STREAMS:
        part, data = _stream(data, kind, room)
        parts.append(part)
        room -= len(part)
        data = data.lstrip(b"\0")
        if magic.kind(data[:65536]) != kind:
            break
    # What follows in another format is looked at as it is.
    return b"".join([*parts, data])


def _stream(data: bytes, kind: str, room: int) -> tuple[bytes, bytes]:
    """Return what one stream unpacks to, and what follows it."""
    import bz2
    import lzma
    import zlib

    try:
        if kind == "gzip":
            gzip = zlib.decompressobj(wbits=31)
            return gzip.decompress(data, room), gzip.unused_data
        if kind in ("xz", "lzma"):
            xz = lzma.LZMADecompressor(memlimit=256 * MIB)
            return xz.decompress(data, room), xz.unused_data if xz.eof else b""
        if kind == "bzip2":
            bzip2 = bz2.BZ2Decompressor()
            return bzip2.decompress(data, room), bzip2.unused_data if bzip2.eof else b""
    except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
        raise FormatFailure(f"damaged {kind} data: {error}") from error
    raise FormatFailure(f"{kind} data cannot be unpacked here")


def machine_of(found: Iterable[Found]) -> str:
    """Return the machine of an initramfs's programs; empty: it has none, or of several."""
    seen: list[str] = []
    for member in found:
        head = bytes(member.data[:20])
        if head.startswith(b"\x7fELF") and len(head) == 20:
            number = int.from_bytes(head[18:20], "big" if head[5] == 2 else "little")
            seen.append(_MACHINES.get(number, f"machine {number}"))
            if len(seen) >= _LOOKED_AT:
                break
    return seen[0] if seen and len(set(seen)) == 1 else ""


def releases_of(found: Iterable[Found]) -> set[str]:
    """Return the kernel releases whose modules are there, as ``uname -r`` gives them."""
    parts = (member.name.removeprefix("usr/").split("/") for member in found)
    return {name[2] for name in parts if len(name) > 3 and name[:2] == ["lib", "modules"]}


def modules_of(found: Iterable[Found]) -> set[str]:
    """Return the names that modprobe takes: modules, built-in ones, aliases; ``_`` for ``-``."""
    names: set[str] = set()
    for member in found:
        folder, _, name = member.name.rpartition("/")
        if "lib/modules/" not in f"{folder}/":
            continue
        if ".ko" in name:
            names.add(name.partition(".ko")[0])
        elif name == "modules.builtin":
            names |= {line.rpartition("/")[2].partition(".ko")[0] for line in _lines(member)}
        elif name == "modules.alias":
            words = (line.split() for line in _lines(member))
            names |= {word[1] for word in words if len(word) == 3 and "*" not in word[1]}
    return {name.replace("-", "_") for name in names}


def _lines(member: Found) -> list[str]:
    return member.text.splitlines()


def programs_of(found: Iterable[Found]) -> set[str]:
    """Return the programs' names, and their absolute paths."""
    names = set()
    for member in found:
        if stat.S_ISLNK(member.mode) or (stat.S_ISREG(member.mode) and member.mode & 0o111):
            folder, _, name = member.name.rpartition("/")
            names.add("/" + member.name)
            if folder + "/" in _PROGRAMS:
                names.add(name)
    return names
