"""What libblkid says of a device or an image: filesystem, label, identifiers.

The library is loaded by its name (libblkid.so.1, util-linux): `find_library` needs
ldconfig or a compiler, and an initramfs has neither. API: libblkid's blkid.h.
"""

from __future__ import annotations

import ctypes
import os
from functools import lru_cache

from kxsh.errors import Failure, IoFailure, NotFound

# blkid.h: which values the superblock and the partition probers give.
_SUBLKS_LABEL = 1 << 1
_SUBLKS_UUID = 1 << 3
_SUBLKS_TYPE = 1 << 5
_SUBLKS_SECTYPE = 1 << 6
_SUBLKS_USAGE = 1 << 7
_SUBLKS = _SUBLKS_LABEL | _SUBLKS_UUID | _SUBLKS_TYPE | _SUBLKS_SECTYPE | _SUBLKS_USAGE
_PARTS_ENTRY_DETAILS = 1 << 2

_FOUND, _NOTHING, _AMBIVALENT = 0, 1, -2
# More results than this are not looked at when several formats claim a device.
_CLAIMS_LIMIT = 16


def probe(path: str, offset: int = 0, size: int = 0) -> dict[str, str]:
    """Return libblkid's values for `size` bytes at `offset` of `path` (0: to the end).

    Keys are libblkid's: ``TYPE``, ``LABEL``, ``UUID``, ``SEC_TYPE``, ``USAGE``,
    ``PTTYPE``, ``PTUUID``, and for a partition's node ``PART_ENTRY_UUID``,
    ``PART_ENTRY_NAME``, ``PART_ENTRY_TYPE``, ``PART_ENTRY_NUMBER``... Nothing known:
    an empty dict. Several formats claim the device: ``AMBIVALENT`` with their names.
    Raises `NotFound` when `path` is not there and `IoFailure` for everything else.
    """
    library = _library()
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise _open_failure(path, error) from error
    try:
        handle = library.blkid_new_probe()
        if not handle:
            raise IoFailure(f"{path}: libblkid has no memory for a probe")
        try:
            return _probe(library, handle, descriptor, path, offset, size)
        finally:
            library.blkid_free_probe(handle)
    finally:
        os.close(descriptor)


def _probe(
    library: ctypes.CDLL, handle: int, descriptor: int, path: str, offset: int, size: int
) -> dict[str, str]:
    ctypes.set_errno(0)
    if library.blkid_probe_set_device(handle, descriptor, offset, size) != 0:
        raise _io_failure(path, ctypes.get_errno())
    library.blkid_probe_enable_superblocks(handle, 1)
    library.blkid_probe_set_superblocks_flags(handle, _SUBLKS)
    library.blkid_probe_enable_partitions(handle, 1)
    library.blkid_probe_set_partitions_flags(handle, _PARTS_ENTRY_DETAILS)
    result = library.blkid_do_safeprobe(handle)
    if result == _FOUND:
        return _values(library, handle)
    if result == _NOTHING:
        return {}
    if result == _AMBIVALENT:
        return {"AMBIVALENT": _claims(library, handle)}
    raise _io_failure(path, ctypes.get_errno())


def _claims(library: ctypes.CDLL, handle: int) -> str:
    """Return the names of every format found, ``ext4, vfat``."""
    library.blkid_reset_probe(handle)
    names: list[str] = []
    for _ in range(_CLAIMS_LIMIT):
        if library.blkid_do_probe(handle) != _FOUND:
            break
        values = _values(library, handle)
        name = values.get("TYPE") or values.get("PTTYPE", "")
        if name and name not in names:
            names.append(name)
    return ", ".join(names) or "unknown"


def _values(library: ctypes.CDLL, handle: int) -> dict[str, str]:
    found: dict[str, str] = {}
    name, data, length = ctypes.c_char_p(), ctypes.c_void_p(), ctypes.c_size_t()
    for index in range(library.blkid_probe_numof_values(handle)):
        if library.blkid_probe_get_value(
            handle, index, ctypes.byref(name), ctypes.byref(data), ctypes.byref(length)
        ):
            continue
        raw = ctypes.string_at(data.value, length.value) if data.value else b""
        # Text values end in NUL, and a surrogate stands for a byte that is not UTF-8.
        text = raw.partition(b"\0")[0].decode("utf-8", "surrogateescape")
        found[(name.value or b"").decode("ascii", "replace")] = text
    return found


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    try:
        library = ctypes.CDLL("libblkid.so.1", use_errno=True)
    except OSError as error:
        raise IoFailure(
            f"libblkid.so.1 cannot be loaded: {error}", hint="install the package libblkid1"
        ) from error
    handle, number, pointer = ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p
    library.blkid_new_probe.restype = handle
    library.blkid_new_probe.argtypes = []
    library.blkid_free_probe.restype = None
    library.blkid_probe_set_device.argtypes = [handle, number, ctypes.c_int64, ctypes.c_int64]
    library.blkid_probe_get_value.argtypes = [handle, number, pointer, pointer, pointer]
    for function in (
        library.blkid_free_probe,
        library.blkid_reset_probe,
        library.blkid_do_probe,
        library.blkid_do_safeprobe,
        library.blkid_probe_numof_values,
    ):
        function.argtypes = [handle]
    for function in (
        library.blkid_probe_enable_superblocks,
        library.blkid_probe_set_superblocks_flags,
        library.blkid_probe_enable_partitions,
        library.blkid_probe_set_partitions_flags,
    ):
        function.argtypes = [handle, number]
    return library


def _open_failure(path: str, error: OSError | ValueError) -> Failure:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return NotFound(f"{path}: no such device", errno=error.errno)
    return _io_failure(path, error.errno or 0 if isinstance(error, OSError) else 0)


def _io_failure(path: str, number: int) -> IoFailure:
    cause = os.strerror(number) if number else "cannot be read"
    return IoFailure(f"{path}: {cause[:1].lower()}{cause[1:]}", errno=number or None)
