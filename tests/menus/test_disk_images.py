"""Menus on real filesystems in disk images: an ESP, a /boot of its own, a btrfs root."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from unit.disk_images import blank, make_btrfs, make_disk, make_ext, make_fat
from unit.kernels import bzimage, uki

from kxsh.image.cli import main
from kxsh.machine.image import ImageMachine, ImageSpec
from kxsh.menus.search import read_machine_menus

LAYOUT = """label: gpt
start=2MiB, size=40MiB, type=uefi
start=44MiB, size=24MiB, type=linux, name="boot"
start=70MiB, size=128MiB, type=linux
"""
EXTLINUX = "DEFAULT x\nLABEL x\nLINUX /vmlinuz\nINITRD /initrd.img\nAPPEND ro\n"


def write(top: Path, files: dict[str, bytes | str]) -> Path:
    for name, text in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return top


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("menus")
    image = uki((".osrel", b"ID=one\nNAME=One\n"), (".cmdline", b"quiet"), (".linux", bzimage()))
    esp: dict[str, bytes | str] = {
        "loader/loader.conf": "default one.efi\ntimeout 4\n",
        "loader/entries/a.conf": "title A\nlinux /vmlinuz\n",
        "vmlinuz": bzimage(),
        "EFI/Linux/one.efi": image,
        "EFI/systemd/systemd-bootx64.efi": b"MZ",
    }
    boot: dict[str, bytes | str] = {
        "extlinux/extlinux.conf": EXTLINUX,
        "extlinux/ldlinux.sys": b"x",
        "vmlinuz": bzimage(),
        "initrd.img": b"070701",
    }
    root: dict[str, bytes | str] = {
        "@/boot/extlinux/extlinux.conf": EXTLINUX.replace("LINUX /", "LINUX /boot/"),
        "@/boot/vmlinuz": bzimage(),
        "@/etc/fstab": "x",
        "@home/notes": "x",
    }
    parts = [
        (2, make_fat(top / "esp.img", write(top / "esp", esp), 32)),
        (44, make_ext(top / "boot.img", write(top / "boot", boot))),
        (70, make_btrfs(top / "root.img", write(top / "root", root))),
    ]
    return make_disk(top / "disk.img", 200, LAYOUT, parts)


def test_every_partition_is_looked_at(disk: Path) -> None:
    with ImageMachine([ImageSpec(str(disk))]) as machine:
        found = read_machine_menus(machine)
        assert machine.mounts() == []
    assert [(d.number, m.format, m.source, m.installed, m.in_charge) for d, m in found] == [
        (1, "bls", "/loader/loader.conf", True, True),
        (2, "extlinux", "/extlinux/extlinux.conf", True, False),
        (3, "extlinux", "/@/boot/extlinux/extlinux.conf", False, False),
    ]
    assert [entry.kernel for entry in found[0][1].entries] == ["/EFI/Linux/one.efi", "/vmlinuz"]
    assert (found[0][1].default, found[0][1].timeout) == ("one.efi", 4.0)
    assert found[2][1].entries[0].kernel == "/@/boot/vmlinuz"
    assert found[2][1].entries[0].not_bootable == ""


def test_the_list_says_which_is_in_charge(disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["entries", str(disk)]) == 0
    out = capsys.readouterr().out
    assert "/loader/loader.conf on /dev/disk0p1 (bls; after 4s; in charge)" in out
    assert "/extlinux/extlinux.conf on /dev/disk0p2 (extlinux; at once)" in out
    assert "* One  /EFI/Linux/one.efi quiet" in out
    assert main(["entries", str(disk), "--format=json"]) == 0
    menus = json.loads(capsys.readouterr().out)["menus"]
    assert [menu["in_charge"] for menu in menus] == [True, False, False]


def test_blank_disks_have_no_menus(tmp_path: Path) -> None:
    with ImageMachine([ImageSpec(str(blank(tmp_path / "x.img", 4)))]) as machine:
        assert read_machine_menus(machine) == []
