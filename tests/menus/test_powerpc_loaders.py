"""yaboot.conf, kboot.conf and petitboot.conf: the loaders of PowerPC machines and consoles."""

from __future__ import annotations

import pytest
from loaders import SDA1, SDA2, Tree, two_disks

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.fake import FakeMachine, MemoryRoot
from kxsh.machine.protocol import Device
from kxsh.menus import kboot, petitboot, yaboot
from kxsh.menus.disks import MachineDisks

FILES: Tree = {"/k": "k", "/i": "i"}


def read_yaboot(text: str) -> Menu:
    return yaboot.read(MemoryRoot({**FILES, "/etc/yaboot.conf": text}), "/etc/yaboot.conf")


def read_kboot(text: str) -> Menu:
    return kboot.read(MemoryRoot({**FILES, "/kboot.conf": text}), "/kboot.conf")


def read_native(text: str) -> Menu:
    return petitboot.read(MemoryRoot({**FILES, "/petitboot.conf": text}), "/petitboot.conf")


def only(menu: Menu) -> Entry:
    assert len(menu.entries) == 1, menu.problems
    return menu.entries[0]


# -- yaboot


def test_a_yaboot_entry_has_all_its_parts() -> None:
    menu = read_yaboot(
        '## x\ntimeout=50\ndefault=Debian old\ninit-message = "Hi"\nimage=/k\n'
        '\tlabel=Debian old\n\tinitrd=/i\n\troot=/dev/sda3\n\tread-only\n\tappend="a b"\n'
    )
    assert (menu.format, menu.title, menu.timeout) == ("yaboot", "Hi", 5.0)
    assert (menu.default, menu.problems) == ("Debian old", ())
    entry = only(menu)
    assert (entry.kernel, entry.initrds) == ("/k", ("/i",))
    assert entry.cmdline == entry.handover == "ro root=/dev/sda3 a b"


@pytest.mark.parametrize(
    ("general", "text", "cmdline"),
    [
        ("", 'append=" a "\nappend=b', "a  b"),
        ('append="a"', "", "a"),
        ('append="a"', "append=b", "b"),
        ("root=/dev/x", "root=/dev/y", "root=/dev/y"),
        ("root=/dev/x", "", "root=/dev/x"),
        ("", "read-only\nread-write", "rw"),
        ("", "initrd-size=8192\nramdisk=1", "ramdisk=1 ramdisk_size=8192"),
        ('literal="q"', "append=b", "q"),
        ("", "append=a # comment", "a"),
        ("", "append=root=a", "root=a"),
    ],
)
def test_yaboots_options(general: str, text: str, cmdline: str) -> None:
    assert only(read_yaboot(f"{general}\nimage=/k\n{text}\n")).cmdline == cmdline


def test_suses_images() -> None:
    menu = read_yaboot("image[64bit]=1\nlabel=a\nimage[32bit]=/x\nlabel=b\ninitrd=initrd\n")
    assert [(entry.kernel, entry.initrds) for entry in menu.entries] == [
        ("/suseboot/vmlinux64", ("/suseboot/initrd64",)),
        ("/x", ("/suseboot/initrd",)),
    ]


@pytest.mark.parametrize(
    ("general", "text", "kernel"),
    [
        ("device=/dev/sda\npartition=2", "image=/k", "/dev/sda2:/k"),
        ("device=/dev/sda1\npartition=2", "image=/k", "/dev/sda2:/k"),
        ("partition=2", "image=/k", "/dev/sda2:/k"),
        ("device=hd:\npartition=2", "image=/k", "/dev/sda2:/k"),
        ("partition=1", "image=/k", "/k"),
        ("partition=1", "image=/k\npartition=2", "/dev/sda2:/k"),
        ("", "image=/k\ndevice=/dev/sda2", "/dev/sda2:/k"),
        ("", "image=sda2:/k", "/dev/sda2:/k"),
        ("", "image=/dev/sda2:/k", "/dev/sda2:/k"),
        ("", "image=hd:2,/k", "/dev/sda2:/k"),
        ("device=/pci@80/@1:\npartition=2", "image=/k", "/dev/sda2:/k"),
        ("", "image=UUID=22-bb:/k", "/dev/sda2:/k"),
    ],
)
def test_devices_and_partitions(general: str, text: str, kernel: str) -> None:
    own: Tree = {"/y": f"{general}\n{text}\n", "/k": "k"}
    disks = two_disks(SDA1, {"/dev/sda1": own, "/dev/sda2": FILES})
    assert only(yaboot.read(MemoryRoot(own), "/y", disks=disks)).kernel == kernel


def test_folders_that_stand_for_partitions_are_told_apart_by_their_names() -> None:
    one, two = (Device(f"/dev/sda{n}", fstype="directory", disk=f"/dev/sda{n}") for n in (1, 2))
    own: Tree = {"/y": "partition=2\nimage=/k\n"}
    machine = FakeMachine([one, two], {one.path: own, two.path: FILES})
    disks = MachineDisks(machine).seen_from(one)
    assert only(yaboot.read(MemoryRoot(own), "/y", disks=disks)).kernel == "/dev/sda2:/k"


def test_a_device_that_is_not_there_and_the_network() -> None:
    own: Tree = {"/y": "device=/dev/sdq\npartition=1\nimage=/k\n"}
    menu = yaboot.read(MemoryRoot(own), "/y", disks=two_disks(SDA1, {"/dev/sda1": own}))
    assert only(menu).not_bootable == "its device /dev/sdq1 is not there"
    assert "network" in only(read_yaboot("device=enet:\nimage=/k\n")).not_bootable


def test_yaboots_passwords_and_default() -> None:
    menu = read_yaboot("password=x\nimage=/k\n")
    assert only(menu).protected and menu.passwords == {only(menu).id: "x"}
    assert not only(read_yaboot("password=x\nrestricted\nimage=/k\n")).protected
    menu = read_yaboot("default=none\nimage=/k\nlabel=a\n")
    assert menu.default == "" and "no such label" in str(menu.problems[0])
    assert read_yaboot("default=B\nimage=/k\nlabel=a\nimage=/k\nlabel=b\n").default == "b"


# -- kboot


def test_kboot() -> None:
    menu = read_kboot(
        "#KBOOTCONFIG\n; x\nroot=/dev/sda1\ndefault=b\ntimeout=10\nmessage=/etc/m\nip=10.0.0.1\n"
        "a='/k initrd=/i  x=1 y'\nb=\"/k root=/dev/sda2 dtb=/d \"\nbare\n"
    )
    assert (menu.default, menu.timeout) == ("b", 10)
    first, second = menu.entries
    assert (first.kernel, first.initrds, first.cmdline) == ("/k", ("/i",), "root=/dev/sda1 x=1 y")
    assert (second.initrds, second.cmdline, second.dtb) == ((), "root=/dev/sda2", "/d")


def test_kboots_devices() -> None:
    assert only(read_kboot("a='uda0:/k initrd=uda0:/i'")).initrds == ("/i",)
    assert "network" in only(read_kboot("a='http://h/k'")).not_bootable
    own: Tree = {"/c": "a='sda2:/k'\n"}
    disks = two_disks(SDA1, {"/dev/sda1": own, "/dev/sda2": FILES})
    assert only(kboot.read(MemoryRoot(own), "/c", disks=disks)).kernel == "/dev/sda2:/k"
    assert disks.here == SDA1 != SDA2


# -- petitboot


def test_petitboots_own_format() -> None:
    menu = read_native(
        "default B two\ndev_description The disk\n\nname A\nimage /k\nimage /x\nargs a\nargs b \n"
        "description some\ninitrd /i\ndtb /d\n\nname B two\n  image\t/k\nargs\nname C\nargs x\n"
    )
    first, second, third = menu.entries
    assert (menu.default, menu.title) == ("B two", "The disk")
    assert (first.kernel, first.initrds, first.dtb) == ("/k", ("/i",), "/d")
    assert (first.cmdline, first.help) == ("ab ", "some")
    assert (second.title, second.kernel, second.cmdline) == ("B two", "/k", "")
    assert "no image" in third.not_bootable
    assert any("the value is missing" in str(problem) for problem in menu.problems)
