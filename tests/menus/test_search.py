"""Where menus are looked for, on a filesystem and on a machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from standard_machine import LineConsole

from kxsh.errors import IoFailure
from kxsh.image import tools
from kxsh.image.cli import main
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine, MemoryRoot
from kxsh.machine.protocol import Device
from kxsh.menus.search import find_menus, read_machine_menus
from kxsh.source import Source

MENU = "DEFAULT x\nLABEL x\nKERNEL /k\nAPPEND a  b\n"


def sources(*paths: str, ignores_case: bool = False) -> list[str]:
    tree = {
        path: MENU if path.endswith(("cfg", "conf", "CFG", "default")) else "" for path in paths
    }
    return [menu.source for menu in find_menus(MemoryRoot(tree, ignores_case))]


@pytest.mark.parametrize(
    "path",
    [
        "/boot/isolinux/isolinux.cfg",
        "/isolinux.cfg",
        "/boot/x86_64/loader/isolinux.cfg",
        "/boot/syslinux/syslinux.cfg",
        "/syslinux.cfg",
        "/boot/extlinux/extlinux.conf",
        "/extlinux.conf",
        "/boot/extlinux.conf",
        "/pxelinux.cfg/default",
        "/ISOLINUX/ISOLINUX.CFG",
    ],
)
def test_each_place_is_found(path: str) -> None:
    assert sources(path) == [path]


def test_the_first_place_of_a_loader_counts() -> None:
    assert sources("/isolinux.cfg", "/isolinux/isolinux.cfg", "/boot/isolinux/isolinux.cfg") == [
        "/boot/isolinux/isolinux.cfg"
    ]


def test_upper_case_on_a_cd() -> None:
    assert sources("/ISOLINUX/ISOLINUX.CFG", ignores_case=True) == ["/ISOLINUX/ISOLINUX.CFG"]


def test_the_installed_loader_is_in_charge() -> None:
    both = ("/isolinux/isolinux.cfg", "/syslinux.cfg")
    assert sources(*both) == list(both)
    assert sources(*both, "/ldlinux.sys") == ["/syslinux.cfg", "/isolinux/isolinux.cfg"]


def test_a_menu_without_entries_comes_last() -> None:
    root = MemoryRoot({"/isolinux/isolinux.cfg": "# nothing", "/syslinux.cfg": MENU})
    assert [menu.format for menu in find_menus(root)] == ["syslinux", "isolinux"]


def test_nothing_is_found_where_there_is_nothing() -> None:
    assert find_menus(MemoryRoot({"/etc/hosts": "x"})) == []


def test_a_machines_devices_are_mounted_read_and_let_go() -> None:
    disk = Device("/dev/sda", fstype="iso9660", uuid="1", disk="/dev/sda")
    same = Device("/dev/sda1", fstype="iso9660", uuid="1", disk="/dev/sda")
    swap = Device("/dev/sdb1", fstype="swap")
    raid = Device("/dev/sdb2", fstype="linux_raid_member")
    bare = Device("/dev/sdb3")
    broken = Device("/dev/sdb4", fstype="ext4")
    tree = {"/isolinux/isolinux.cfg": MENU}
    machine = FakeMachine(
        [disk, same, swap, raid, bare, broken],
        {"/dev/sda": tree, "/dev/sda1": tree, "/dev/sdb4": {}},
        fail={"mount /dev/sdb4": IoFailure("cannot read the superblock")},
    )
    found = read_machine_menus(machine)
    assert [(device.path, menu.format) for device, menu in found] == [
        ("/dev/sda", "isolinux"),
        ("/dev/sdb4", ""),
    ]
    assert found[1][1].problems[0].message == "cannot read the superblock"
    assert machine.mounts() == []


def test_a_copy_of_a_disk_is_a_disk_of_its_own() -> None:
    """Both are shown, each says of which it is a copy, and what it names lies on itself."""
    stub = "search --fs-uuid --set=root bbbb\nset prefix=($root)/boot/grub\n"
    stub += "configfile $prefix/grub.cfg\n"
    tree = {"/boot/grub/grub.cfg": "menuentry x { linux /k }\n", "/k": ""}
    devices, files = [], {}
    for name in ("/dev/sda", "/dev/sdb"):
        devices += [
            Device(name, disk=name, model=f"Stick {name[-1]}"),
            Device(f"{name}1", fstype="vfat", uuid="AAAA", disk=name, number=1, start=1),
            Device(f"{name}2", fstype="ext4", uuid="bbbb", disk=name, number=2, start=2),
        ]
        files |= {f"{name}1": {"/EFI/debian/grub.cfg": stub}, f"{name}2": tree}
    machine = FakeMachine(devices, files)
    found = read_machine_menus(machine)
    assert [(device.path, menu.entries[0].kernel) for device, menu in found] == [
        ("/dev/sda1", "/dev/sda2:/k"),
        ("/dev/sdb1", "/dev/sdb2:/k"),
    ]
    console = LineConsole()
    script = "kxs 1\nfor m in boot-menus { say ${m.place} }\n"
    Interpreter(machine, console).run_script(Source("boot.kxs", script))
    assert console.lines == [
        "/dev/sda1 (Stick a; same UUID as /dev/sdb1)",
        "/dev/sdb1 (Stick b; same UUID as /dev/sda1)",
    ]


def test_the_disks_of_one_btrfs_are_one_filesystem() -> None:
    devices = [
        Device(f"/dev/sd{x}1", fstype="btrfs", uuid="1", disk=f"/dev/sd{x}", number=1, start=start)
        for x, start in (("a", 1), ("b", 2))
    ]
    machine = FakeMachine(devices, {one.path: {"/syslinux.cfg": MENU} for one in devices})
    assert [device.path for device, _ in read_machine_menus(machine)] == ["/dev/sda1"]


def test_entries_of_a_directory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "ISOLINUX").mkdir()
    (tmp_path / "ISOLINUX" / "ISOLINUX.CFG").write_text(MENU + "LABEL hd\nLOCALBOOT 0x80\n")
    assert main(["entries", str(tmp_path), "--format", "json"]) == 0
    got = json.loads(capsys.readouterr().out)
    (menu,) = got["menus"]
    assert (menu["format"], menu["source"], menu["default"], menu["timeout"]) == (
        "isolinux",
        "/ISOLINUX/ISOLINUX.CFG",
        "x",
        0.0,
    )
    first, second = menu["entries"]
    assert first == {
        "id": "x",
        "title": "x",
        "kernel": "/k",
        "initrds": [],
        "cmdline": "a  b",
        "boot_image": "/k",
        "handover": "BOOT_IMAGE=/k a  b",
        "modules": [],
        "dtb": "",
        "default": True,
        "not_bootable": "",
        "protected": False,
    }
    assert "LOCALBOOT" in second["not_bootable"]
    assert [problem["message"] for problem in got["problems"]] == ["x: no file /k"]
    assert main(["entries", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert "* x   /k a  b\n- hd  not bootable: boots the next BIOS device" in text
    assert "problems:\n  /ISOLINUX/ISOLINUX.CFG:2: x: no file /k" in text


@pytest.mark.parametrize("rock_ridge", [True, False])
def test_entries_of_an_iso(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rock_ridge: bool
) -> None:
    folder = tmp_path / "cd" / "isolinux"
    folder.mkdir(parents=True)
    (folder / "isolinux.cfg").write_text("DEFAULT x\nLABEL x\nKERNEL vmlinuz\nINITRD i.gz\n")
    (folder / "vmlinuz").write_bytes(b"kernel")
    (folder / "i.gz").write_bytes(b"initrd")
    iso = tmp_path / "cd.iso"
    words = ["-R"] if rock_ridge else ["--norock"]
    tools.run(["xorriso", "-as", "mkisofs", "-quiet", *words, "-o", iso, tmp_path / "cd"])
    assert main(["entries", str(iso), "--format", "json"]) == 0
    got = json.loads(capsys.readouterr().out)
    entry = got["menus"][0]["entries"][0]
    kernel, initrd = "/isolinux/vmlinuz", "/isolinux/i.gz"
    assert (entry["kernel"].lower(), entry["initrds"][0].lower()) == (kernel, initrd)
    assert entry["handover"] == "BOOT_IMAGE=vmlinuz initrd=i.gz"
    assert got["problems"] == []


def test_entries_of_several_devices(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "syslinux.cfg").write_text(MENU.replace("x", name))
    words = [f"--device=sd{name}1={tmp_path / name},label=L{name},uuid=1-{name}" for name in "ab"]
    assert main(["entries", *words, "--format=json"]) == 0
    menus = json.loads(capsys.readouterr().out)["menus"]
    assert [(menu["device"], menu["default"]) for menu in menus] == [
        ("/dev/sda1", "a"),
        ("/dev/sdb1", "b"),
    ]


def test_the_menu_in_charge_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "syslinux.cfg").write_text(MENU)
    (tmp_path / "ldlinux.sys").write_text("")
    (tmp_path / "isolinux.cfg").write_text(MENU)
    assert main(["entries", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    heads = [line.partition("; ")[2] for line in lines if line.startswith("/")]
    assert heads == ["at once; in charge)", "at once)"]
    assert main(["entries", str(tmp_path), "--format=json"]) == 0
    menus = json.loads(capsys.readouterr().out)["menus"]
    assert [(menu["format"], menu["in_charge"]) for menu in menus] == [
        ("syslinux", True),
        ("isolinux", False),
    ]


def test_entries_says_when_there_are_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["entries", str(tmp_path)]) == 1
    assert "no boot menu found" in capsys.readouterr().out
    assert main(["entries", str(tmp_path / "gone")]) == 1
    assert "no such file" in capsys.readouterr().err
    assert main(["entries"]) == 2
    with pytest.raises(SystemExit) as caught:
        main(["entries", "--device", "x"])
    assert caught.value.code == 2


def test_a_hostile_title_does_not_reach_the_terminal_raw(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "syslinux.cfg").write_text("LABEL \x1b]0;x\x07\x9b31m\nKERNEL \x1b[2Jk\n")
    main(["entries", str(tmp_path)])
    out = capsys.readouterr().out
    assert "\x1b" not in out and "\x9b" not in out and "\x07" not in out


def test_what_asks_for_a_password_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    menu = tmp_path / "boot/grub/menu.lst"
    menu.parent.mkdir(parents=True)
    menu.write_text("password x\ntitle A\nlock\nkernel /k a\n")
    assert main(["entries", str(tmp_path)]) == 0
    assert "* A  /k a  (its loader asks for a password)" in capsys.readouterr().out


def test_a_boot_cfg_is_esxis_unless_it_is_a_script() -> None:
    script = MemoryRoot({"/boot.cfg": "#!ipxe\nkernel k\nboot\n", "/k": "k"})
    assert [menu.format for menu in find_menus(script)] == ["ipxe"]
    esxi = MemoryRoot({"/boot.cfg": "kernel=/k\nmodules=/m\n", "/k": "k"})
    assert [menu.format for menu in find_menus(esxi)] == ["esxi-boot.cfg"]


def test_grub_2_in_a_file_of_grub_legacys_name() -> None:
    script = MemoryRoot({"/boot/grub/menu.lst": "set x=1\nmenuentry a { linux /k }\n", "/k": "k"})
    assert [(menu.format, menu.source) for menu in find_menus(script)] == [
        ("grub2", "/boot/grub/menu.lst")
    ]
    old = MemoryRoot({"/boot/grub/menu.lst": "timeout 1\ntitle a\nkernel /k\n", "/k": "k"})
    assert [menu.format for menu in find_menus(old)] == ["grub-legacy"]
