"""Whether what a mount reads from is still plugged in."""

from __future__ import annotations

import os
from collections.abc import Callable

from kxsh.machine.protocol import Device

# Devices in devices in devices: more than this is no stack that a person made.
_DEEPEST = 8
_CLASS = "/sys/class/block"

# The device whose mount holds a path; None: it lies in memory.
Holder = Callable[[str], Device | None]


def is_gone(device: Device, holder: Holder, blocks: str = _CLASS, depth: int = 0) -> bool:
    """Tell whether a device, or one that it is made of, was pulled.

    An opened container and an image file as a disk outlive the disk that they lie on, so
    those are looked at, too. In doubt it is there.
    """
    if depth >= _DEEPEST or not os.path.isdir(blocks):
        return False
    name = os.path.basename(os.path.realpath(device.path))
    folder = f"{blocks}/{name}"
    if not os.path.isdir(folder):
        # The kernel makes no node for a partition of a CD: the disk tells.
        disk = os.path.basename(device.disk)
        if disk in ("", name):
            return True
        return not os.path.isdir(f"{blocks}/{disk}") and not os.path.exists(device.disk)
    if name.startswith("loop"):
        below = holder(_backing_file(blocks, name))
        return below is not None and is_gone(below, holder, blocks, depth + 1)
    return any(_slave_gone(blocks, name, slave, depth) for slave in _slaves(blocks, name))


def _slave_gone(blocks: str, name: str, slave: str, depth: int) -> bool:
    if not os.path.isdir(f"{blocks}/{slave}"):
        return True
    return depth < _DEEPEST and any(
        _slave_gone(blocks, slave, other, depth + 1) for other in _slaves(blocks, slave)
    )


def _slaves(blocks: str, name: str) -> list[str]:
    try:
        return os.listdir(f"{blocks}/{name}/slaves")
    except OSError:
        return []


def _backing_file(blocks: str, name: str) -> str:
    """Return the file that a loop device, or the one that a partition belongs to, shows."""
    for folder in (f"{blocks}/{name}", f"{os.path.realpath(f'{blocks}/{name}')}/.."):
        try:
            with open(f"{folder}/loop/backing_file", encoding="utf-8") as file:
                return file.read().rstrip("\n")
        except (OSError, UnicodeDecodeError):
            continue
    return ""
