"""How each filesystem is mounted without writing a byte to it, and what errors mean."""

from __future__ import annotations

import errno

from kxsh.errors import Denied, Failure, FormatFailure, IoFailure, NotFound, errno_name
from kxsh.machine.linux import syscalls
from kxsh.machine.protocol import Device
from kxsh.text import display

# A name matches in any case there, as their own loaders have it.
IGNORES_CASE = frozenset(("vfat", "msdos", "exfat", "iso9660", "ntfs", "ntfs3"))

# `ro` still replays a journal; these options do not (ext4(5), xfs(5), btrfs(5), f2fs).
_NO_REPLAY = {
    "ext3": "noload",
    "ext4": "noload",
    "xfs": "norecovery",
    "btrfs": "rescue=nologreplay",
    "f2fs": "norecovery",
}
# Tried in turn: names in UTF-8 where the kernel has the table for it.
_NAMES = {"vfat": ("utf8=1", ""), "iso9660": ("iocharset=utf8", "")}

# The character tables that vfat needs, and how libblkid's name differs from the kernel's.
TABLES = {"vfat": ("nls_cp437", "nls_ascii", "nls_iso8859-1", "nls_utf8"), "iso9660": ("nls_utf8",)}
KERNEL_NAMES = {"ntfs": "ntfs3"}

_FLAGS = {
    "noatime": syscalls.MS_NOATIME,
    "sync": syscalls.MS_SYNCHRONOUS,
    "nodev": syscalls.MS_NODEV,
    "nosuid": syscalls.MS_NOSUID,
    "noexec": syscalls.MS_NOEXEC,
}
_CLEARED = {
    "dev": syscalls.MS_NODEV,
    "suid": syscalls.MS_NOSUID,
    "exec": syscalls.MS_NOEXEC,
}
# What libblkid finds that is no filesystem, and what it takes to reach one.
_CONTAINERS = {
    "swap": "it is swap space",
    "crypto_LUKS": "it is encrypted (LUKS) and has to be opened first",
    "LVM2_member": "it is part of an LVM volume group, which has to be activated first",
    "linux_raid_member": "it is part of a RAID array, which has to be assembled first",
    "zfs_member": "it is part of a ZFS pool, which this kernel cannot read",
    "BitLocker": "it is encrypted (BitLocker)",
}

_CAUSES: dict[int, tuple[type[Failure], str, str]] = {
    errno.ENODEV: (
        IoFailure,
        "this kernel has no driver for {type}",
        "build the loader with the module for {type}, or give another --type",
    ),
    errno.EINVAL: (
        FormatFailure,
        "there is no sound {type} filesystem on it",
        "the image may be cut off or damaged: compare its size and checksum with the original's",
    ),
    errno.EUCLEAN: (FormatFailure, "its {type} filesystem is damaged", "check it with fsck"),
    errno.EBUSY: (IoFailure, "it is in use, or something is mounted there already", ""),
    errno.ENXIO: (NotFound, "the device is gone", "plug it in again and look at `devices`"),
    errno.ENOENT: (
        IoFailure,
        "something that it takes is not there",
        "the device, the directory, or a module that {type} needs: see the kernel's messages",
    ),
    errno.ENOMEDIUM: (NotFound, "there is no medium in the drive", ""),
    errno.ENOTBLK: (FormatFailure, "it is not a block device", ""),
    errno.EACCES: (Denied, "it is write-protected", "mount it read-only"),
    errno.EROFS: (Denied, "it is write-protected", "mount it read-only"),
    errno.EPERM: (Denied, "only root may mount", ""),
    errno.EIO: (IoFailure, "it cannot be read", "the medium may be failing, or cut off"),
    errno.ENOMEM: (IoFailure, "there is not enough memory", ""),
}


def mount_flags(options: list[str], writable: bool) -> tuple[int, list[str]]:
    """Return mount(2)'s flags, and the options that are the filesystem's own."""
    flags = syscalls.MS_NODEV | syscalls.MS_NOSUID | syscalls.MS_NOEXEC
    if not writable:
        flags |= syscalls.MS_RDONLY
    own: list[str] = []
    for option in options:
        if option in _FLAGS:
            flags |= _FLAGS[option]
        elif option in _CLEARED:
            flags &= ~_CLEARED[option]
        elif option not in ("ro", "rw", "defaults", "auto", "loop"):
            own.append(option)
    return flags, own


def mount_data(fstype: str, own: list[str], writable: bool) -> list[str]:
    """Return the option strings to try in turn for a filesystem."""
    fixed = list(own)
    if not writable and fstype in _NO_REPLAY:
        fixed.insert(0, _NO_REPLAY[fstype])
    names = ("",) if any("utf8" in option for option in own) else _NAMES.get(fstype, ("",))
    return [",".join([*fixed, name] if name else fixed) for name in names]


def check_mountable(device: Device, fstype: str) -> None:
    """Raise `FormatFailure` for what holds no filesystem directly."""
    if fstype in _CONTAINERS:
        raise FormatFailure(f"{device} cannot be mounted: {_CONTAINERS[fstype]}")


def mount_failure(device: Device, fstype: str, number: int, log: list[str]) -> Failure:
    """Return mount(2)'s error in words."""
    shown = display(fstype) or "its filesystem"
    failure, cause, hint = _CAUSES.get(number, (IoFailure, errno_name(number), ""))
    return failure(
        f"{device} cannot be mounted: {cause.format(type=shown)}",
        hint=hint.format(type=shown),
        errno=number,
        log=log,
    )
