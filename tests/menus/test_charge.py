"""Several menus: which is in charge, which repeats another, and systems in subvolumes."""

from __future__ import annotations

import pytest

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.fake import FakeMachine, MemoryRoot
from kxsh.machine.protocol import Device
from kxsh.menus.bls import XBOOTLDR
from kxsh.menus.charge import ESP_TYPES, choose, distinct, installed
from kxsh.menus.search import find_menus, read_machine_menus

ISOLINUX = "DEFAULT x\nLABEL x\nKERNEL /k\n"
BLS = {"/loader/entries/a.conf": "linux /vmlinuz\n", "/loader/loader.conf": "timeout 3\n"}


def device(path: str, disk: str, parttype: str = "", fstype: str = "ext4") -> Device:
    number = int(path[-1])
    return Device(
        path, fstype=fstype, uuid=path, disk=disk, parttype=parttype, number=number, pttype="gpt"
    )


def menu(kind: str, *sources: str, source: str = "/menu", installed: bool = False) -> Menu:
    entries = tuple(Entry(str(n), "t", "/k", source=s) for n, s in enumerate(sources))
    return Menu(kind, source, entries, installed=installed)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (("/isolinux/isolinux.bin",), {"isolinux"}),
        (("/isolinux/isolinux.bin", "/ldlinux.sys"), {"syslinux", "extlinux"}),
        (("/boot/grub/i386-pc/normal.mod",), {"grub2"}),
        (("/EFI/debian/grubx64.efi",), {"grub2"}),
        (("/EFI/SYSTEMD/SYSTEMD-BOOTX64.EFI",), {"bls"}),
        (("/boot/grub/stage2",), {"grub-legacy"}),
        (("/boot/map",), {"lilo"}),
        (("/boot/grub/grub.cfg", "/isolinux/isolinux.cfg", "/boot/map/x"), set()),
    ],
)
def test_what_installing_a_loader_leaves_behind(files: tuple[str, ...], expected: set[str]) -> None:
    root = MemoryRoot(dict.fromkeys(files, "x"))
    kinds = ("isolinux", "syslinux", "extlinux", "grub2", "grub-legacy", "lilo", "bls", "yaboot")
    assert {kind for kind in kinds if installed(root, kind)} == expected


def test_the_installed_loaders_menu_comes_first() -> None:
    files = {"/isolinux/isolinux.cfg": ISOLINUX, **BLS}
    assert [m.format for m in find_menus(MemoryRoot(files))] == ["isolinux", "bls"]
    files["/EFI/systemd/systemd-bootx64.efi"] = "MZ"
    found = find_menus(MemoryRoot(files))
    assert [(m.format, m.installed) for m in found] == [("bls", True), ("isolinux", False)]


def test_one_menu_of_each_disk_is_in_charge() -> None:
    esp = device("/dev/sda1", "/dev/sda", ESP_TYPES[1].upper())
    root = device("/dev/sda2", "/dev/sda")
    other = device("/dev/sdb1", "/dev/sdb")
    found = [
        (esp, menu("esp-stub", "/x")),
        (root, menu("empty", installed=True)),
        (root, menu("first", "/a", installed=True)),
        (root, menu("second", "/b", installed=True)),
        (other, menu("plain", "/a")),
        (other, menu("proven", "/b", installed=True)),
    ]
    assert [m.format for _, m in choose(found) if m.in_charge] == ["first", "proven"]
    found[0] = (esp, menu("systemd-boot", "/x", installed=True))
    assert [m.format for _, m in choose(found) if m.in_charge] == ["systemd-boot", "proven"]


def test_a_menu_that_another_lists_as_well_is_left_out() -> None:
    esp, root = device("/dev/sda1", "/dev/sda"), device("/dev/sda2", "/dev/sda")
    snippets = ("/loader/entries/a.conf", "/loader/entries/b.conf")
    bls = (root, menu("bls", *snippets, source="/loader/entries"))
    grub = (root, menu("grub2", *snippets, source="/grub2/grub.cfg"))
    more = (root, menu("grub2", *snippets, "/grub2/grub.cfg", source="/grub2/grub.cfg"))
    stub = (esp, menu("grub2", "/dev/sda2:/grub2/grub.cfg", source="/EFI/x/grub.cfg"))
    own = (root, menu("grub2", "/grub2/grub.cfg", source="/grub2/grub.cfg"))
    none = (root, menu("lilo"))
    assert distinct([bls, grub]) == [grub]
    assert distinct([bls, more]) == [more]
    assert distinct([stub, own]) == [stub]
    assert distinct([own, stub]) == [stub]
    assert distinct([own, own]) == [own]
    assert distinct([none, bls, none]) == [none, bls, none]


@pytest.mark.parametrize("kind", [0, 1])
def test_an_extended_boot_partition_is_part_of_the_menu_on_the_esp(kind: int) -> None:
    esp = device("/dev/sda1", "/dev/sda", ESP_TYPES[1 - kind], "vfat")
    boot = device("/dev/sda2", "/dev/sda", XBOOTLDR[kind].upper(), "vfat")
    far = device("/dev/sdb1", "/dev/sdb", XBOOTLDR[0], "vfat")
    entry = "linux /vmlinuz\ninitrd /initrd\nversion 2\nsort-key b\n"
    machine = FakeMachine(
        [esp, boot, far],
        {
            "/dev/sda1": {**BLS, "/loader/loader.conf": "default b*\n"},
            "/dev/sda2": {"/loader/entries/b.conf": entry, "/initrd": ""},
            "/dev/sdb1": {"/loader/entries/c.conf": entry},
        },
    )
    found = read_machine_menus(machine)
    assert [(d.path, len(m.entries), m.in_charge) for d, m in found] == [
        ("/dev/sda1", 2, True),
        ("/dev/sdb1", 1, True),
    ]
    merged = found[0][1]
    assert [(e.id, e.kernel, e.initrds) for e in merged.entries] == [
        ("b.conf", "/dev/sda2:/vmlinuz", ("/dev/sda2:/initrd",)),
        ("a.conf", "/vmlinuz", ()),
    ]
    assert merged.default == "b.conf"
    assert merged.entries[0].source == "/dev/sda2:/loader/entries/b.conf"
    assert ("/dev/sda2:/loader/entries/b.conf", "no file /vmlinuz") in [
        (problem.file, problem.message) for problem in merged.problems
    ]
    assert machine.mounts() == []


def test_a_system_in_a_subvolume() -> None:
    files = {
        "/@/boot/extlinux/extlinux.conf": "LABEL x\nLINUX /boot/k\nINITRD ../i\n",
        "/@/boot/k": "",
        "/@/boot/i": "",
        "/@/etc/fstab": "",
        "/@home/x": "",
        "/rootfs/boot/loader/entries/y.conf": "linux /boot/k2",
        "/rootfs/boot/k2": "",
        "/rootfs/etc/fstab": "",
        "/root/.bashrc": "",
        "/root/boot/loader/entries/z.conf": "linux /k",
    }
    found = find_menus(MemoryRoot(files))
    assert [(m.source, m.entries[0].kernel) for m in found] == [
        ("/@/boot/extlinux/extlinux.conf", "/@/boot/k"),
        ("/rootfs/boot/loader/entries", "/rootfs/boot/k2"),
    ]
    entry = found[0].entries[0]
    assert (entry.initrds, entry.source) == (("/@/boot/i",), "/@/boot/extlinux/extlinux.conf")
    assert [m.problems for m in found] == [(), ()]


def test_a_stub_on_the_esp_leads_to_grubs_menu_of_entry_files() -> None:
    esp = device("/dev/sda1", "/dev/sda", ESP_TYPES[1], "vfat")
    boot = device("/dev/sda2", "/dev/sda")
    menu = "search --fs-uuid --set=root /dev/sda2\nload_env\nset timeout=5\nblscfg\n"
    stub = "search --fs-uuid --set=dev /dev/sda2\nset prefix=($dev)/grub2\n"
    snippet = "title Fedora\nlinux /vmlinuz-1\noptions $kernelopts\n"
    environment = "# GRUB Environment Block\nkernelopts=root=/dev/x ro\n".ljust(1024, "#")
    machine = FakeMachine(
        [esp, boot],
        {
            "/dev/sda1": {
                "/EFI/fedora/grub.cfg": stub + "configfile $prefix/grub.cfg\n",
                "/EFI/fedora/grubx64.efi": "MZ",
            },
            "/dev/sda2": {
                "/grub2/grub.cfg": menu,
                "/grub2/grubenv": environment,
                "/loader/entries/m-1.conf": snippet,
                "/vmlinuz-1": "",
            },
        },
    )
    ((where, found),) = read_machine_menus(machine)
    assert (where.path, found.format, found.in_charge, found.timeout) == (
        "/dev/sda1",
        "grub2",
        True,
        5.0,
    )
    (entry,) = found.entries
    assert (entry.kernel, entry.cmdline) == ("/dev/sda2:/vmlinuz-1", "root=/dev/x ro")
    assert entry.source == "/dev/sda2:/loader/entries/m-1.conf"
