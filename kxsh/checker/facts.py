"""What a check may know of the world: the image's files, the ESP's, the initramfs's."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from kxsh.machine.protocol import Device, Root
from kxsh.record import record


@record
class InitrdContents:
    """What is in an initrd: the `machine` of its programs (``x86-64``, ``i386``,
    ``aarch64``...), the `releases` of its kernel modules (``6.1.0-50-amd64``), the
    names of the `modules`. Empty is unknown, or none. `damage` says what is surely wrong."""

    machine: str = ""
    releases: tuple[str, ...] = ()
    modules: frozenset[str] = frozenset()
    damage: str = ""


class Facts(Protocol):
    """Facts that the caller supplies; every method gives nothing where nothing is known.

    What was asked for and cannot be known (a filesystem that cannot be read, a missing
    program) is the supplier's to tell, once and not as a finding.
    """

    def devices(self) -> Sequence[Device]:
        """Return the disks and partitions of the images; none without an image."""

    def esp(self) -> Device | None:
        """Return the partition that the loader will be started from."""

    def root(self, device: Device) -> Root | None:
        """Return a device's files, or None where they cannot be read."""

    def is_plain_iso(self, device: Device) -> bool:
        """Tell whether a device holds ISO 9660 with neither Rock Ridge nor Joliet."""

    def note(self, text: str) -> None:
        """Take what a check found out that it cannot know, to tell it once."""

    def initrd(self, device: Device, path: str) -> InitrdContents:
        """Return what is in an initrd; what cannot be known is empty."""

    def framebuffer_drivers(self, device: Device, path: str) -> Collection[str] | None:
        """Return the drivers in a kernel that show the firmware's framebuffer."""

    def modules(self) -> Collection[str] | None:
        """Return the names of the initramfs's kernel modules, with ``_`` for ``-``."""

    def programs(self) -> Collection[str] | None:
        """Return the names and absolute paths of the initramfs's programs."""

    def loader_is_signed(self) -> bool:
        """Tell whether the loader on the ESP carries a signature for Secure Boot."""
