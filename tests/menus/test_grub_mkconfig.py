"""What grub-mkconfig's own scripts write for made-up systems, and what we make of it.

The scripts of /etc/grub.d are run as they are, but for their folder of kernels; what they
ask of grub-probe and grub-mkrelpath is answered for a disk that does not exist.
"""

from __future__ import annotations

import itertools
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from kxsh.boot.entry import Menu
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Device
from kxsh.menus.search import read_machine_menus

SCRIPTS = ("00_header", "10_linux", "20_linux_xen", "30_uefi-firmware", "40_custom", "41_custom")
UUID = "6f3c0ffe-0000-4000-8000-000000000001"
BOOT_UUID = "6f3c0ffe-0000-4000-8000-000000000002"
# Newest first, as the scripts sort them.
VERSIONS = ("6.1.0-10-amd64", "6.1.0-9-amd64", "5.10.0-20-amd64")
PROBE = """#!/bin/sh
for word; do
    case $word in
        --target=*) what=${{word#*=}};;
        fs|abstraction|drive) what=$word;;
    esac
done
case $what in
    partmap) echo {partmap};;
    fs) echo {fs};;
    fs_uuid) echo {uuid};;
    compatibility_hint) echo hd0,{partmap}{number};;
    hints_string) echo --hint-bios=hd0,{partmap}{number} --hint-efi=hd0,{partmap}{number};;
    device) echo /dev/sda{number};;
    drive) echo "(hd0,{partmap}{number})";;
esac
"""
RELATIVE = """#!/bin/sh
path={prefix}${{1#{top}}}
echo "${{path%/}}"
"""


@dataclass(frozen=True)
class System:
    """What is installed: one filesystem, or one with a /boot of its own."""

    partmap: str = "gpt"
    fs: str = "ext2"
    own_boot: bool = False
    submenu: bool = True
    recovery: bool = True
    microcode: bool = False
    xen: bool = False
    default: str = "0"

    @property
    def files(self) -> dict[str, str]:
        """Return the files of /boot."""
        found = {}
        for version in VERSIONS:
            found[f"vmlinuz-{version}"] = "k"
            found[f"config-{version}"] = "CONFIG_XEN_DOM0=y\nCONFIG_XEN_PRIVILEGED_GUEST=y\n"
            found[f"initrd.img-{version}"] = "i"
        if self.microcode:
            found["early.img"] = "m"
        if self.xen:
            found["xen-4.17-amd64.gz"] = "x"
        return found


def configuration(system: System, top: Path) -> str:
    """Return the grub.cfg that the scripts write for a system below `top`."""
    boot = top / "boot"
    (boot / "grub").mkdir(parents=True)
    for name, text in system.files.items():
        (boot / name).write_text(text)
    programs = top / "programs"
    programs.mkdir()
    number = 1 if system.own_boot else 2
    facts = {"partmap": system.partmap, "fs": system.fs, "number": number}
    facts["uuid"] = BOOT_UUID if system.own_boot else UUID
    gone = boot if system.own_boot else top
    prefix = "/@" if system.fs == "btrfs" else ""
    answers = (("probe", PROBE.format(**facts)), ("path", RELATIVE.format(top=gone, prefix=prefix)))
    for name, text in answers:
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C",
        "pkgdatadir": "/usr/share/grub",
        "grub_probe": str(programs / "probe"),
        "grub_mkrelpath": str(programs / "path"),
        "GRUB_DISTRIBUTOR": "Debian",
        "GRUB_RECOVERY_TITLE": "recovery mode",
        "GRUB_DEVICE": "/dev/sda2",
        "GRUB_DEVICE_UUID": UUID,
        "GRUB_DEVICE_BOOT": f"/dev/sda{number}",
        "GRUB_DEVICE_BOOT_UUID": str(facts["uuid"]),
        "GRUB_FS": system.fs,
        "GRUB_DEFAULT": system.default,
        "GRUB_TIMEOUT": "7",
        "GRUB_CMDLINE_LINUX": "console='tty 0'" if system.fs == "ext2" else "",
        "GRUB_CMDLINE_LINUX_DEFAULT": "quiet splash",
        "GRUB_DISABLE_SUBMENU": "" if system.submenu else "y",
        "GRUB_DISABLE_RECOVERY": "" if system.recovery else "true",
        "GRUB_EARLY_INITRD_LINUX_CUSTOM": "early.img",
    }
    parts = []
    for name in SCRIPTS:
        script = Path("/etc/grub.d") / name
        text = script.read_text().replace(" /boot/", f" {boot}/").replace(" /vmlinu", " /none")
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
        done = subprocess.run(
            [programs / name], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (name, done.stderr)
        parts.append(f"### BEGIN {script} ###\n{done.stdout}### END {script} ###\n")
    return "\n".join(parts)


def menu(system: System, text: str, grubenv: str = "") -> Menu:
    """Return the menu that is read from the system's disk."""
    kind = {"msdos": "dos"}.get(system.partmap, system.partmap)
    disk = Device("/dev/sda", disk="/dev/sda", pttype=kind)
    devices = [disk]
    for number, uuid in ((1, BOOT_UUID), (2, UUID)):
        fstype = {"ext2": "ext4"}.get(system.fs, system.fs)
        node = f"/dev/sda{number}"
        devices.append(
            Device(
                node,
                uuid=uuid,
                fstype=fstype,
                disk="/dev/sda",
                number=number,
                start=number,
                pttype=kind,
            )
        )
    below = "" if system.own_boot else "/@/boot" if system.fs == "btrfs" else "/boot"
    tree: dict[str, bytes | str] = {f"{below}/{name}": data for name, data in system.files.items()}
    tree[f"{below}/grub/grub.cfg"] = text
    if grubenv:
        block = f"# GRUB Environment Block\n{grubenv}"
        tree[f"{below}/grub/grubenv"] = block.ljust(1024, "#")
    if system.fs == "btrfs":
        tree["/@/etc/fstab"] = "x"
    node = "/dev/sda1" if system.own_boot else "/dev/sda2"
    other = "/dev/sda2" if system.own_boot else "/dev/sda1"
    machine = FakeMachine(devices, {node: tree, other: {"/notes": "x"}})
    ((device, found),) = read_machine_menus(machine)
    assert device.path == node
    return found


def expected(system: System) -> list[tuple[str, str, tuple[str, ...], str, tuple[str, ...]]]:
    """Return (title, kernel, initrds, command line, submenus) of each entry."""
    folder = "" if system.own_boot else "/@/boot" if system.fs == "btrfs" else "/boot"
    general = "root=/dev/sda2 ro"
    recovery = f"{general} single"
    if system.fs == "btrfs":
        general += " rootflags=subvol=@"
        recovery += " rootflags=subvol=@"
    words = ' "console=tty 0"' if system.fs == "ext2" else ""
    name = "Debian GNU/Linux"
    found = []

    def add(title: str, version: str, options: str, parents: tuple[str, ...]) -> None:
        initrds = [f"{folder}/early.img"] if system.microcode else []
        initrds.append(f"{folder}/initrd.img-{version}")
        kernel = f"{folder}/vmlinuz-{version}"
        found.append((title, kernel, tuple(initrds), options, parents))

    normal = f"{general}{words} quiet splash"
    parents: tuple[str, ...] = ()
    if system.submenu:
        add(name, VERSIONS[0], normal, ())
        parents = (f"Advanced options for {name}",)
    for version in VERSIONS:
        add(f"{name}, with Linux {version}", version, normal, parents)
        if system.recovery:
            title = f"{name}, with Linux {version} (recovery mode)"
            add(title, version, f"{recovery}{words}", parents)
    return found


CASES = [
    System(partmap, fs, own_boot, submenu, recovery)
    for partmap, fs, own_boot, submenu, recovery in itertools.product(
        ("gpt", "msdos"), ("ext2", "btrfs"), (False, True), (True, False), (True, False)
    )
    if not (fs == "btrfs" and own_boot)
]
CASES += [System(microcode=True), System(microcode=True, own_boot=True, submenu=False)]


@pytest.mark.parametrize("system", CASES, ids=str)
def test_what_is_written_is_read(system: System, tmp_path: Path) -> None:
    text = configuration(system, tmp_path)
    check = ["grub-script-check"]
    assert subprocess.run(check, input=text, text=True, check=False).returncode == 0
    found = menu(system, text)
    linux = [entry for entry in found.entries if not entry.not_bootable]
    seen = [
        (one.title, one.kernel, one.initrds, " ".join(one.cmdline.split()), one.parents)
        for one in linux
    ]
    assert seen == expected(system)
    assert (found.timeout, found.default) == (7, linux[0].id)
    others = [entry.title for entry in found.entries if entry.not_bootable]
    assert all("UEFI" in title for title in others)


@pytest.mark.parametrize(
    ("default", "grubenv", "number"),
    [
        ("1>2", "", 3),
        ("Advanced options for Debian GNU/Linux>Debian GNU/Linux, with Linux 6.1.0-9-amd64", "", 3),
        ("saved", "", 0),
        ("saved", "saved_entry=1>4\n", 5),
        ("saved", "saved_entry=1>4\nnext_entry=1>1\n", 2),
        (f"gnulinux-advanced-{UUID}>gnulinux-5.10.0-20-amd64-recovery-{UUID}", "", 6),
    ],
)
def test_what_starts_by_itself(default: str, grubenv: str, number: int, tmp_path: Path) -> None:
    system = System(default=default)
    found = menu(system, configuration(system, tmp_path), grubenv or "#")
    assert found.default == found.entries[number].id
    once = "next_entry" in grubenv
    assert [write.path for write in found.writes] == ["/boot/grub/grubenv"] * once


def test_xen_is_listed_with_its_modules(tmp_path: Path) -> None:
    system = System(xen=True, recovery=False)
    found = menu(system, configuration(system, tmp_path))
    xen = [entry for entry in found.entries if entry.modules]
    assert len(xen) == 4 and not any(entry.not_bootable for entry in xen)
    assert xen[0].title == "Debian GNU/Linux, with Xen hypervisor"
    assert xen[0].kernel == "/boot/xen-4.17-amd64.gz"
    kernel, initrd = xen[0].modules
    assert kernel.split()[0] == f"/boot/vmlinuz-{VERSIONS[0]}"
    assert kernel.split()[-2:] == ["quiet", "splash"] and "root=/dev/sda2" in kernel
    assert initrd == f"/boot/initrd.img-{VERSIONS[0]}"
