"""The firmware's variables, through efivarfs (UEFI specification 2.10, section 8.2).

A variable's file holds 4 bytes of attributes, then its data.
"""

from __future__ import annotations

import os
import struct
from contextlib import suppress

from kxsh.errors import IoFailure, from_os_error
from kxsh.machine.linux import syscalls

EFIVARS = "/sys/firmware/efi/efivars"
# EFI_GLOBAL_VARIABLE, section 3.3.
GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
# Non-volatile, and accessible while booting and while running.
_ATTRIBUTES = 7
# Longer ones than these are no variable that is read here.
_LIMIT = 64 * 1024
# include/uapi/linux/fs.h
_GET_FLAGS, _SET_FLAGS, _IMMUTABLE = 0x80086601, 0x40086602, 0x10


def reach(efivars: str = EFIVARS, hint: str = "") -> None:
    """Make the variables' files appear; `IoFailure` where the machine has no UEFI."""
    if not os.path.isdir(efivars):
        raise IoFailure("this machine did not start by UEFI", hint=hint)
    if not os.listdir(efivars):
        try:
            syscalls.mount("efivarfs", efivars, "efivarfs", 0, "")
        except OSError as error:
            raise from_os_error(error, "reaching the firmware's variables") from error


def read(name: str, efivars: str = EFIVARS, guid: str = GLOBAL) -> bytes:
    """Return a variable's data; nothing where there is no such variable."""
    try:
        with open(f"{efivars}/{name}-{guid}", "rb") as file:
            return file.read(_LIMIT)[4:]
    except OSError:
        return b""


def write(name: str, data: bytes, doing: str, efivars: str = EFIVARS, guid: str = GLOBAL) -> None:
    """Set a variable so that it lasts; `doing` is what fails where it cannot be set."""
    path = f"{efivars}/{name}-{guid}"
    try:
        _make_changeable(path)
        with open(path, "wb", buffering=0) as file:
            file.write(struct.pack("<I", _ATTRIBUTES) + data)
    except OSError as error:
        raise from_os_error(error, doing) from error


def delete(name: str, doing: str, efivars: str = EFIVARS, guid: str = GLOBAL) -> None:
    """Delete a variable; one that is not there is fine."""
    path = f"{efivars}/{name}-{guid}"
    try:
        _make_changeable(path)
        os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise from_os_error(error, doing) from error


def _make_changeable(path: str) -> None:
    """Take away the immutable flag that Linux gives variables it does not know to be safe.
    Where that fails, writing will say why."""
    import fcntl

    if not os.path.exists(path):
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):
            flags = struct.unpack("i", fcntl.ioctl(descriptor, _GET_FLAGS, bytes(4)))[0]
            fcntl.ioctl(descriptor, _SET_FLAGS, struct.pack("i", flags & ~_IMMUTABLE))
    finally:
        os.close(descriptor)
