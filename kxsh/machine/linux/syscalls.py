"""System calls that Python's os module does not have, through the C library.

Every function raises OSError. Numbers: arch/x86/entry/syscalls/syscall_64.tbl; on
another processor they are ENOSYS, so that callers fall back as on an old kernel.
"""

from __future__ import annotations

import ctypes
import errno
import os

# include/uapi/linux/mount.h
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_SYNCHRONOUS, MS_REMOUNT, MS_NOATIME, MS_BIND = 16, 32, 1024, 4096
MNT_DETACH = 2

# include/uapi/linux/reboot.h
REBOOT_RESTART = 0x01234567
REBOOT_POWER_OFF = 0x4321FEDC
REBOOT_KEXEC = 0x45584543

# include/uapi/linux/kexec.h
KEXEC_FILE_UNLOAD = 1
KEXEC_FILE_NO_INITRAMFS = 4

# include/uapi/linux/module.h
MODULE_INIT_COMPRESSED_FILE = 4

_NUMBERS = {
    "init_module": 175,
    "finit_module": 313,
    "kexec_file_load": 320,
}

_libc = ctypes.CDLL(None, use_errno=True)


def mount(source: str, target: str, fstype: str, flags: int, data: str) -> None:
    _check(
        _libc.mount(
            os.fsencode(source),
            os.fsencode(target),
            os.fsencode(fstype),
            ctypes.c_ulong(flags),
            os.fsencode(data),
        )
    )


def umount(target: str, flags: int = 0) -> None:
    _check(_libc.umount2(os.fsencode(target), flags))


def reboot(command: int) -> None:
    """Call reboot(2); `command` is one of the REBOOT values."""
    _check(_libc.reboot(ctypes.c_int(command - (1 << 32) if command >> 31 else command)))


def finit_module(descriptor: int, arguments: str, flags: int = 0) -> None:
    _call("finit_module", descriptor, os.fsencode(arguments), flags)


def init_module(image: bytes, arguments: str) -> None:
    _call("init_module", image, ctypes.c_ulong(len(image)), os.fsencode(arguments))


def kexec_file_load(kernel: int, initrd: int, cmdline: bytes, flags: int) -> None:
    """Load a kernel; descriptors are -1 where there is none, `cmdline` has no NUL."""
    length = ctypes.c_ulong(len(cmdline) + 1)
    _call("kexec_file_load", kernel, initrd, length, cmdline, ctypes.c_ulong(flags))


def _call(name: str, *arguments: object) -> None:
    if os.uname().machine != "x86_64":
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    _check(_libc.syscall(ctypes.c_long(_NUMBERS[name]), *arguments))


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
