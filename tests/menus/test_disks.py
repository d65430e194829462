"""The other filesystems that a menu names, found on a machine and opened on demand."""

from __future__ import annotations

from kxsh.boot.entry import Entry, elsewhere
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Device
from kxsh.menus import disks
from kxsh.menus.disks import ALONE, MachineDisks

BOOT = Device("/dev/sdb1", label="boot", uuid="AB-12", fstype="ext4", disk="/dev/sdb", number=1)
ROOT = Device("/dev/sdb2", label="root", partuuid="7-02", fstype="xfs", disk="/dev/sdb", number=2)
SWAP = Device("/dev/sda1", label="swap", fstype="swap", disk="/dev/sda", number=1)
OTHER = Device("/dev/sda2", label="boot", fstype="ext4", disk="/dev/sda", number=2)
DEVICES = [
    Device("/dev/sr0", fstype="iso9660", disk="/dev/sr0"),
    Device("/dev/sda", disk="/dev/sda"),
    SWAP,
    OTHER,
    Device("/dev/sdb", disk="/dev/sdb"),
    BOOT,
    ROOT,
]


def machine() -> FakeMachine:
    return FakeMachine(DEVICES, {"/dev/sdb1": {"/k": "k"}, "/dev/sda2": {"/other": "o"}})


def test_the_menus_own_disk_is_the_first_of_the_bios() -> None:
    found = MachineDisks(machine())
    assert disks.bios_disks(found.seen_from(BOOT)) == ["/dev/sdb", "/dev/sda"]
    assert disks.bios_disks(found.seen_from(None)) == ["/dev/sda", "/dev/sdb"]
    assert disks.numbered(found.seen_from(BOOT), "/dev/sdb", 2) == ROOT
    assert disks.numbered(found.seen_from(BOOT), "/dev/sdb", 0) == DEVICES[4]
    assert disks.numbered(found.seen_from(BOOT), "/dev/sdb", 9) is None


def test_a_name_tells_the_disk_where_nothing_else_does() -> None:
    def place(path: str) -> tuple[str, int]:
        return disks.partition_of(Device(path, disk=path))

    assert place("/dev/sda2") == ("/dev/sda", 2)
    assert place("/dev/nvme0n1p12") == ("/dev/nvme0n1", 12)
    assert place("/dev/mmcblk0p1") == ("/dev/mmcblk0", 1)
    for whole in ("/dev/sda", "/dev/nvme0n1", "/dev/md0", "/dev/loop1", "/dev/sr0", "/dev/disk0"):
        assert place(whole) == (whole, 0)
    assert disks.partition_of(ROOT) == ("/dev/sdb", 2)
    assert disks.partition_of(Device("/dev/dm-1", disk="/dev/sda")) == ("/dev/sda", 0)


def test_devices_are_found_by_what_names_them() -> None:
    found = MachineDisks(machine()).seen_from(BOOT)
    assert disks.by_label(found, "boot") == BOOT, "the menu's own comes first"
    assert disks.by_uuid(found, "ab-12") == BOOT
    assert disks.by_partuuid(found, "7-02") == ROOT
    assert disks.by_node(found, "/dev/sda2") == disks.by_node(found, "sda2") == OTHER
    assert disks.by_node(found, "/dev/disk/by-uuid/AB-12") == BOOT
    assert disks.by_uuid(found, "") is disks.by_label(found, "") is None
    assert disks.by_node(found, "/dev/sdz") is None


def test_a_filesystem_is_opened_once_and_closed_at_the_end() -> None:
    pc = machine()
    found = MachineDisks(pc)
    assert pc.actions == []
    root = found.root(OTHER)
    assert root is not None and root.read("/other") == b"o"
    assert found.root(OTHER) is root
    assert found.root(SWAP) is None and found.root(ROOT) is None
    found.close()
    assert [str(action) for action in pc.actions] == [
        "mount /dev/sda2",
        "mount /dev/sdb2",
        "unmount /mnt/1",
    ]


def test_a_path_on_another_filesystem_is_spelled_as_scripts_spell_it() -> None:
    found = MachineDisks(machine()).seen_from(BOOT)
    assert disks.spell(found, OTHER, "/k") == "/dev/sda2:/k"
    assert disks.spell(found, BOOT, "/k") == disks.spell(ALONE, OTHER, "/k") == "/k"
    assert elsewhere("/dev/sda2:/k") == ("/dev/sda2", "/k")
    assert elsewhere("/dev/sda2") is elsewhere("/boot/a:/b") is None
    entry = Entry("x", "x", kernel="/dev/sda2:/k", initrds=("/i", "http://h/i")).rebased("/mnt/1")
    assert (entry.kernel, entry.initrds) == ("/dev/sda2:/k", ("/mnt/1/i", "http://h/i"))
