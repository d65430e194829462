"""The real PXELINUX 6 as judge: which configuration a machine is given, and what IPAPPEND adds.

One QEMU run under SeaBIOS, whose card boots from QEMU's own TFTP server (no network is
used); the rest is as in test_isolinux_oracle.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import legacy_images
import probe_kernel
import pytest

from kxsh.image import tools
from kxsh.image.guest import Guest
from kxsh.image.qemu import VirtualMachine
from kxsh.menus.syslinux.pxe import Client, read_client

SERVER = "tftp://10.0.2.2/"
# QEMU's own router, and the card that it makes.
CLIENT = Client(
    server="10.0.2.2",
    bootfile="pxelinux.0",
    mac="52:54:00:12:34:56",
    ip="10.0.2.15",
    gateway="10.0.2.2",
    netmask="255.255.255.0",
)
MENU = """\
serial 0 115200
prompt 1
timeout 0
append global  one
label inherited
  kernel probe
label address
  kernel probe
  append a
  ipappend 1
label card
  kernel ::sub/probe
  append a initrd=sub/small.img b
  ipappend 2
label both
  kernel sub/probe
  initrd ::sub/small.img
  append a
  ipappend 3
label server
  kernel 10.0.2.2::probe
  append -
  sysappend 2
"""
LABELS = [line.split()[1] for line in MENU.splitlines() if line.startswith("label")]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("pxelinux")
    for name in ("pxelinux.cfg", "sub"):
        (top / name).mkdir()
    shutil.copy(tools.require_file("/usr/lib/PXELINUX/pxelinux.0"), top)
    shutil.copy(legacy_images.MODULES / "ldlinux.c32", top)
    (top / "pxelinux.cfg/01-52-54-00-12-34-56").write_text(MENU)
    for wrong in ("default", "0A00020F", "0A"):
        (top / "pxelinux.cfg" / wrong).write_text("default wrong\nlabel wrong\nkernel none\n")
    for name in ("probe", "sub/probe"):
        (top / name).write_bytes(probe_kernel.build())
    (top / "sub/small.img").write_bytes(b"\1" * 1000)
    return top


@pytest.fixture(scope="module")
def guest(served: Path) -> Iterator[Guest]:
    netboot = served / "pxelinux.0"
    machine = VirtualMachine(firmware="seabios", netboot=netboot, restarts=True)
    with Guest(machine) as running:
        yield running


@pytest.mark.parametrize("label", LABELS)
def test_a_label_is_what_the_real_loader_starts(label: str, served: Path, guest: Guest) -> None:
    def fetch(url: str) -> bytes | None:
        path = served / url.removeprefix(SERVER)
        return path.read_bytes() if path.is_file() else None

    entry = read_client(CLIENT, fetch).entry(label)
    assert entry is not None and not entry.not_bootable
    size = sum(len(fetch(url) or b"") for url in entry.initrds)
    got = probe_kernel.started_by(guest, "boot: ", label)
    assert (size, entry.handover) == got
