"""Disk images, ISOs and directories as if they were a machine's disks."""

from __future__ import annotations

from kxsh.machine.image.machine import ImageMachine
from kxsh.machine.image.volume import ImageSpec

__all__ = ["ImageMachine", "ImageSpec"]
