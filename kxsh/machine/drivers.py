"""Which driver of Linux mounts which filesystem."""

from __future__ import annotations

# Filesystems that one driver reads under several names.
_DRIVERS = {"ext2": "ext4", "ext3": "ext4", "msdos": "vfat", "ntfs3": "ntfs"}


def mounts_as(known: str, fstype: str) -> bool:
    """Tell whether what holds one filesystem is mounted as another (empty: any)."""
    if fstype in ("", "auto") or not known:
        return True
    return _DRIVERS.get(fstype, fstype) == _DRIVERS.get(known, known)
