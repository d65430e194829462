"""What the tests of the old loaders' readers share: a machine with two disks."""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Device
from kxsh.menus.disks import Disks, MachineDisks

Tree = Mapping[str, bytes | str]

SDA1 = Device(
    "/dev/sda1", label="boot", uuid="11-AA", fstype="ext4", disk="/dev/sda", number=1, start=1
)
SDA2 = Device(
    "/dev/sda2", label="root", uuid="22-BB", fstype="ext4", disk="/dev/sda", number=2, start=2
)
SDB1 = Device(
    "/dev/sdb1", label="stick", uuid="33-CC", fstype="vfat", disk="/dev/sdb", number=1, start=3
)
DEVICES = (
    Device("/dev/sda", disk="/dev/sda"),
    SDA1,
    SDA2,
    Device("/dev/sdb", disk="/dev/sdb"),
    SDB1,
)


def two_disks(here: Device, files: Mapping[str, Tree]) -> Disks:
    """Return the disks of a machine as a menu on `here` sees them."""
    return MachineDisks(FakeMachine(DEVICES, files)).seen_from(here)
