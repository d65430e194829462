"""The firmware's variables, through efivarfs (UEFI specification 2.10, section 8.2).

A variable's file holds 4 bytes of attributes, then its data. Deleting the wrong ones has made
machines useless for ever: where nobody else has mounted efivarfs it is read-only, and
writable for the moment of a write.
"""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from kxsh.errors import Failure, IoFailure, from_os_error
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
_MOUNTED = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
# Why a variable cannot be set, by what the kernel says.
_WHY = {
    errno.EPERM: "only root may, and not where Secure Boot locks the kernel",
    errno.EACCES: "only root may, and not where Secure Boot locks the kernel",
    errno.EROFS: "this firmware lets no running system change its variables",
    errno.ENOSPC: "the firmware's memory for variables is full: its set-up's defaults often"
    " clear it, and so does deleting old crash logs (dump-* in /sys/firmware/efi/efivars)",
    errno.EINVAL: "the firmware refused it",
    errno.EIO: "the firmware could not write into its memory",
}


def reach(efivars: str = EFIVARS, hint: str = "") -> None:
    """Make the variables' files appear; `IoFailure` where the machine has no UEFI."""
    if not os.path.isdir(os.path.dirname(efivars)):
        raise IoFailure("this machine did not start by UEFI", hint=hint)
    unreachable = "this kernel does not reach the firmware's variables"
    if not os.path.isdir(efivars):
        raise IoFailure(f"{unreachable} (efi=noruntime?)", hint=hint)
    if not os.listdir(efivars):
        try:
            syscalls.mount("efivarfs", efivars, "efivarfs", syscalls.MS_RDONLY | _MOUNTED, "")
        except OSError as error:
            failure = from_os_error(error, f"{unreachable}: mounting efivarfs")
            failure.hint = hint
            raise failure from error


@contextmanager
def _writable(efivars: str) -> Iterator[None]:
    """Let variables be written meanwhile, where efivarfs is mounted read-only."""
    if not os.statvfs(efivars).f_flag & os.ST_RDONLY:
        yield
        return
    again = syscalls.MS_REMOUNT | _MOUNTED
    # Where that fails, writing will say why: the firmware does not let itself be written.
    with suppress(OSError):
        syscalls.mount("efivarfs", efivars, "efivarfs", again, "")
    try:
        yield
    finally:
        with suppress(OSError):
            syscalls.mount("efivarfs", efivars, "efivarfs", again | syscalls.MS_RDONLY, "")


def read(name: str, efivars: str = EFIVARS, guid: str = GLOBAL) -> bytes:
    """Return a variable's data; nothing where there is no such variable."""
    try:
        with open(f"{efivars}/{name}-{guid}", "rb") as file:
            return file.read(_LIMIT)[4:]
    except OSError:
        return b""


def write(
    name: str,
    data: bytes,
    doing: str,
    efivars: str = EFIVARS,
    guid: str = GLOBAL,
    hint: str = "",
) -> None:
    """Set a variable so that it lasts; `doing` is what fails where it cannot be set, `hint`
    how a person does the same by hand."""
    path = f"{efivars}/{name}-{guid}"
    try:
        with _writable(efivars):
            _make_changeable(path)
            with open(path, "wb", buffering=0) as file:
                file.write(struct.pack("<I", _ATTRIBUTES) + data)
    except OSError as error:
        raise _failure(error, doing, hint) from error
    if read(name, efivars, guid) != data:
        raise IoFailure(f"{doing}: the firmware took it, but did not keep it", hint=hint)


def delete(name: str, doing: str, efivars: str = EFIVARS, guid: str = GLOBAL) -> None:
    """Delete a variable; one that is not there is fine."""
    path = f"{efivars}/{name}-{guid}"
    try:
        with _writable(efivars):
            _make_changeable(path)
            os.unlink(path)
    except FileNotFoundError:
        return
    except OSError as error:
        raise _failure(error, doing, "") from error


def _failure(error: OSError, doing: str, hint: str) -> Failure:
    """Return what failed, with why, and what else can be tried."""
    failure = from_os_error(error, doing)
    failure.hint = "; ".join(filter(None, (_WHY.get(error.errno or 0, ""), hint)))
    return failure


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
