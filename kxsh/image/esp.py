"""The EFI system partition that is added to an image: a FAT filesystem made by
mkfs.vfat and mtools in memory, the same bytes for the same contents.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from kxsh.errors import KxshError
from kxsh.image import tools
from kxsh.image.tools import ImageError
from kxsh.text import MIB
from kxsh.text import size as shown

PROGRAMS = ("mkfs.vfat", "mmd", "mcopy", "mdir", "mtype")
LABEL = "KXSH"
FOLDER = "EFI/BOOT"
LOADER, SCRIPT, IDENTITY = "BOOTX64.EFI", "boot.kxs", "kxsh.id"

SMALLEST = 4 * MIB
LARGEST = 1024 * MIB
# What an El Torito entry can count is just under 32 MiB (65535 sectors): with 31 MiB the
# entry says the truth, whatever a firmware makes of a smaller count.
COUNTED = 31 * MIB
_FIRST_FAT32 = 34 * MIB
# FAT, root directory and the rounding of three files to clusters.
_OVERHEAD = 1 * MIB
_SECTOR = 512
_TIMEOUT = 60.0
# 1 January 2020: the time of every file, unless SOURCE_DATE_EPOCH says another.
_EPOCH = "1577836800"


def default_size(loader: int, script: int, *, counted: bool) -> int:
    """Return the size in bytes: the files, and room for one more loader beside.

    With `counted` (an image with El Torito) what El Torito can count comes first: a
    second loader has room as far as 31 MiB go.
    """
    needed = _OVERHEAD + loader + script
    if counted and needed <= COUNTED:
        return COUNTED
    return -(-max(needed + loader, SMALLEST) // MIB) * MIB


def check_size(size: int, loader: int, script: int) -> int:
    """Return `size`, rounded up to a MiB; raises ImageError when it cannot be."""
    size = -(-size // MIB) * MIB
    least = -(-max(_OVERHEAD + loader + script, SMALLEST) // MIB) * MIB
    if not least <= size <= LARGEST:
        raise ImageError(
            f"an EFI system partition of {shown(size)} does not do:"
            f" the loader and the script need {shown(least)}, and {shown(LARGEST)} is the most",
            hint="leave --esp-size out: a fitting size is chosen",
        )
    return size


def _format(size: int) -> tuple[int, int]:
    """Return the FAT type (16, 32) and sectors per cluster.

    The type follows from the number of clusters alone (Microsoft's FAT specification:
    4085 to 65524 are FAT16, more are FAT32), so both stay clear of the limits.
    """
    sectors = size // _SECTOR
    if size < _FIRST_FAT32:
        return 16, 1 if sectors < 4 * 8192 else 4
    cluster = 1
    while cluster < 8 and sectors // (2 * cluster) > 70000:
        cluster *= 2
    return 32, cluster


def build(size: int, start: int, identity: str, files: Mapping[str, bytes]) -> bytes:
    """Return a filesystem of `size` bytes with `files` (name -> content) in EFI/BOOT.

    `start` is its first byte on the disk (kept in the boot sector), `identity` 32 hex
    digits, of which the volume id is made. Files lie in the order given, from the
    first cluster on; a name may be a path below EFI/BOOT.
    """
    fat, cluster = _format(size)
    with _memory_file(b"") as (path, fd):
        os.ftruncate(fd, size)
        geometry = ["-F", str(fat), "-s", str(cluster), "-g", "255/63"]
        hidden = start // _SECTOR if start // _SECTOR < 1 << 32 else 0
        # --invariant sets a volume id too, so it comes first.
        names = ["--invariant", "-i", identity[:8], "-n", LABEL, "-h", str(hidden)]
        tools.run(["mkfs.vfat", *geometry, *names, path], env=_environment(), timeout=_TIMEOUT)
        for folder in _folders(files):
            _mtools("mmd", "-i", path, f"::/{folder}")
        for name, content in files.items():
            with _memory_file(content) as (source, _):
                _mtools("mcopy", "-m", "-o", "-i", path, source, f"::/{FOLDER}/{name}")
        return os.pread(fd, size, 0)


def _folders(files: Mapping[str, bytes]) -> list[str]:
    """Return the folders that the files need, each after the one it is in."""
    found: list[str] = []
    for name in files:
        parts = f"{FOLDER}/{name}".split("/")
        ways = ["/".join(parts[:count]) for count in range(1, len(parts))]
        # FAT knows no case.
        found += [way for way in ways if way.lower() not in map(str.lower, found)]
    return found


def read_file(image: str, start: int, name: str) -> bytes:
    """Return a file of the EFI/BOOT of the FAT filesystem at byte `start` of `image`.

    Raises ImageError with the words of mtype when it cannot be read.
    """
    return _mtools("mtype", "-i", f"{image}@@{start}", f"::/{FOLDER}/{name}")


def has_file(image: str, start: int, name: str) -> bool:
    """Whether the FAT filesystem at byte `start` has this file in EFI/BOOT. False too
    when it cannot be read, as for a firmware."""
    try:
        return bool(_mtools("mdir", "-b", "-i", f"{image}@@{start}", f"::/{FOLDER}/{name}"))
    except KxshError:
        return False


@contextmanager
def _memory_file(content: bytes) -> Iterator[tuple[str, int]]:
    """Give (path, descriptor) of a file in memory, which leaves nothing behind."""
    fd = os.memfd_create("kximage", os.MFD_CLOEXEC)
    try:
        with open(fd, "wb", closefd=False) as file:
            file.write(content)
        os.utime(fd, (int(_epoch()), int(_epoch())))
        yield f"/proc/{os.getpid()}/fd/{fd}", fd
    finally:
        os.close(fd)


def _mtools(program: str, *arguments: str) -> bytes:
    return tools.run([program, *arguments], env=_environment(), timeout=_TIMEOUT)


def _epoch() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    # FAT counts from 1980.
    return epoch if epoch.isascii() and epoch.isdigit() and int(epoch) >= 315532800 else _EPOCH


def _environment() -> dict[str, str]:
    """What keeps mkfs.vfat and mtools from looking at the clock and the user's settings."""
    return {
        "SOURCE_DATE_EPOCH": _epoch(),
        "TZ": "UTC",
        "MTOOLSRC": os.devnull,
        "MTOOLS_SKIP_CHECK": "1",
    }
