"""stdlib/default.kxs: which entry is preselected, and how long it waits."""

from __future__ import annotations

from pathlib import Path

import pytest
from standard_machine import ESP, LineConsole, standard_machine
from unit.kernels import bzimage

from kxsh.errors import RecoveryRequest
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.protocol import Device, Ended
from kxsh.source import Source

SCRIPT = (Path(__file__).parent.parent / "stdlib" / "default.kxs").read_text()
OWN = Device("/dev/sda1", fstype="vfat", uuid="A", disk="/dev/sda", label="STICK")
OTHER = Device("/dev/nvme0n1p1", fstype="vfat", uuid="B", disk="/dev/nvme0n1")
LABELS = "LABEL a\nLINUX /k\nLABEL b\nLINUX /k\nMENU HIDE\nLABEL c\nLINUX /k\n"
KERNEL = {"/k": bzimage()}


def shown(
    files: dict[str, dict[str, str]], devices: tuple[Device, ...] = (OTHER, OWN)
) -> list[str]:
    """Return what the menu showed; the default was taken."""
    trees = {name: {**KERNEL, **tree} for name, tree in files.items()}
    machine = standard_machine(devices=list(devices), files=trees)
    console = LineConsole()
    with pytest.raises((Ended, RecoveryRequest)):
        Interpreter(machine, console, esp=ESP).run_script(Source("default.kxs", SCRIPT))
    return console.lines


@pytest.mark.parametrize(
    ("settings", "title"),
    [
        ("DEFAULT c\nPROMPT 1\nTIMEOUT 100\n", "default 3 after 10s"),
        ("DEFAULT c\nPROMPT 1\nTIMEOUT 10\n", "default 3 after 5s"),
        ("DEFAULT c\n", "default 3 after 5s"),
        ("DEFAULT c\nPROMPT 1\n", "default 3"),
        ("", "default 1 after 30s"),
    ],
)
def test_the_loaders_own_default_and_time(settings: str, title: str) -> None:
    lines = shown({"/dev/sda1": {"/syslinux.cfg": settings + LABELS}}, (OWN,))
    assert lines[0] == f"menu Boot entries found on this machine, {title}"
    assert lines[1:] == [
        '/dev/sda1 "STICK"',
        "  1: a",
        "  3: c",
        "kxsh",
        "  recovery: Recovery prompt [r]",
        f"chosen: {title.split()[1]}",
        "kxsh: starting k; the screen may stay dark for some seconds",
    ]


def test_the_disk_of_the_loader_comes_first() -> None:
    bls = {"/loader/loader.conf": "timeout 7", "/loader/entries/x.conf": "linux /k\n"}
    syslinux = {"/syslinux.cfg": "DEFAULT c\nPROMPT 1\nTIMEOUT 90\n" + LABELS}
    lines = shown({"/dev/sda1": bls, "/dev/nvme0n1p1": syslinux})
    assert lines[:5] == [
        "menu Boot entries found on this machine, default 1 after 7s",
        '/dev/sda1 "STICK"',
        "  1: x.conf",
        "/dev/nvme0n1p1",
        "  2: a",
    ]
    lines = shown({"/dev/sda1": {}, "/dev/nvme0n1p1": syslinux})
    assert lines[0].endswith("default 3 after 9s")


def test_nothing_is_found() -> None:
    assert shown({"/dev/sda1": {}}, (OWN,)) == [
        "menu Boot entries found on this machine, default recovery after 30s",
        "kxsh",
        "  recovery: Recovery prompt [r]",
        "chosen: recovery",
    ]


LILO = "password=secret\nrestricted\nprompt\ntimeout=70\nimage=/k\n label=a\n"
MASTER = "MENU MASTER PASSWD secret\nDEFAULT c\nPROMPT 1\nTIMEOUT 70\n" + LABELS
LEGACY = "password secret\ntimeout 7\ntitle a\nkernel /k\n"


@pytest.mark.parametrize(
    ("path", "config"),
    [("/etc/lilo.conf", LILO), ("/syslinux.cfg", MASTER), ("/boot/grub/menu.lst", LEGACY)],
)
def test_a_menu_with_a_password_locks_where_it_is_in_charge(path: str, config: str) -> None:
    own = {"/dev/sda1": {path: config}}
    lines = shown(own, (OWN,))
    assert lines[0] == "locked: password , 0 hashes, 30 s"
    assert lines[1].endswith("after 7s")
    other = shown({"/dev/sda1": {}, "/dev/nvme0n1p1": {path: config}})
    assert "locked" not in "".join(other)
