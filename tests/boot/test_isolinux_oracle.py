"""The real ISOLINUX 6 as judge: what it hands a kernel, and what the reader says.

One QEMU run under SeaBIOS: each label is typed at the prompt on the serial line, a
probe kernel shows what it got and resets the machine. At the end Debian's installer
kernel is booted the same way, which shows that the probe tells what Linux is told.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import probe_kernel
import pytest

from kxsh.image.guest import Guest
from kxsh.image.qemu import Disk, VirtualMachine
from kxsh.machine.protocol import Root
from kxsh.machine.root import DirectoryRoot
from kxsh.menus import syslinux

INSTALLER = Path("/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64/linux")
MODULES = Path("/usr/lib/syslinux/modules/bios")
SMALL, BIG = 1000, 5000

MAIN = """\
SERIAL 0 115200
PROMPT 1
TIMEOUT 0
APPEND global  one
LABEL no-append
  KERNEL probe
LABEL own
  KERNEL probe
  APPEND a=1  b="two  words" c
LABEL nothing
  KERNEL probe
  APPEND -
LABEL directive
  LINUX probe
  APPEND x=1
  INITRD small.img
LABEL directive-alone
  KERNEL probe
  APPEND -
  INITRD small.img
LABEL directive-and-global
  KERNEL probe
  INITRD small.img
LABEL both
  KERNEL probe
  APPEND initrd=big.img x=1
  INITRD small.img
LABEL several
  KERNEL probe
  APPEND x initrd=small.img,big.img y
LABEL two-directives
  KERNEL probe
  APPEND x
  INITRD small.img
  INITRD big.img
LABEL probe
  APPEND no-kernel-line
LABEL trailing
  KERNEL probe  \n\
  APPEND blanks behind   \n\
LABEL trailing-initrd
  KERNEL probe
  APPEND x
  INITRD small.img  \n\
LABEL arguments
  KERNEL probe k1  k2
  APPEND a1
LABEL absolute
  KERNEL /isolinux/probe
  APPEND a
  INITRD /isolinux/big.img,small.img
LABEL dotted
  kernel ./probe
  append a
LABEL tabs
\tKERNEL\tprobe
\tAPPEND\ta\tb \tc
LABEL crlf\r
  KERNEL probe\r
  APPEND a\r
  INITRD small.img\r
LABEL append-twice
  KERNEL probe
  APPEND first
  APPEND second
LABEL linux-module
  COM32 linux.c32
  APPEND probe  m=1   initrd=small.img m=2
LABEL choose
  COM32 ifcpu64.c32
  APPEND own -- nothing
LABEL choose-options
  COM32 ifcpu64.c32
  APPEND own o1  o2 -- nothing
LABEL debian
  KERNEL linux
  APPEND console=ttyS0 two  blanks panic=-1
"""
# Configurations of their own, started by a CONFIG label: what DEFAULT or UI makes of them.
CONFIGS = {
    "default-options": "DEFAULT own o1  o2\nLABEL own\nKERNEL probe\nAPPEND a\n",
    "default-initrd": "DEFAULT own o1\nLABEL own\nKERNEL probe\nAPPEND a\nINITRD small.img\n",
    "default-file": "DEFAULT probe a  b\nAPPEND global\nLABEL x\nKERNEL probe\n",
    "default-file-alone": "DEFAULT probe\nAPPEND global\nLABEL x\nKERNEL probe\n",
    "menu-first": "UI menu.c32\nTIMEOUT 1\nLABEL x\nKERNEL probe\nAPPEND x\n"
    "LABEL y\nKERNEL probe\n",
    "menu-default": "DEFAULT menu.c32\nPROMPT 0\nTIMEOUT 1\nLABEL x\nKERNEL probe\nLABEL y\n"
    "MENU DEFAULT\nKERNEL probe\nAPPEND y\n",
    "menu-both": "UI menu.c32\nDEFAULT y\nTIMEOUT 1\nLABEL x\nMENU DEFAULT\nKERNEL probe\n"
    "APPEND x\nLABEL y\nKERNEL probe\nAPPEND y  z\nINITRD big.img\n",
    "menu-other": "UI menu.c32 other.cfg\nTIMEOUT 1\nLABEL x\nKERNEL probe\nAPPEND wrong\n",
    "menu-inside": "UI menu.c32\nTIMEOUT 1\nLABEL x\nKERNEL probe\nAPPEND x\nMENU BEGIN s\n"
    "LABEL y\nMENU DEFAULT\nKERNEL probe\nAPPEND y\nMENU END\nAPPEND late\nLABEL z\n"
    "MENU DEFAULT\nKERNEL probe\n",
    "on-timeout": "UI menu.c32\nTIMEOUT 1\nONTIMEOUT y\nLABEL x\nKERNEL probe\nAPPEND x\n"
    "LABEL y\nKERNEL probe\nAPPEND y\n",
    "include": "DEFAULT y\nLABEL x\nKERNEL probe\nAPPEND x\nINCLUDE more.cfg\n",
    "include-carries-on": "DEFAULT x\nLABEL x\nKERNEL probe\nINCLUDE tail.cfg\n",
    "spaces": "DEFAULT two words\nLABEL two words\nKERNEL probe\nAPPEND a\n",
}
LABELS = [
    line.split()[1]
    for line in MAIN.splitlines()
    if line.startswith("LABEL") and "debian" not in line
]


def build_tree(tree: Path) -> Path:
    folder = tree / "isolinux"
    folder.mkdir(parents=True)
    labels = "".join(f"LABEL {name}\nCONFIG {name}.cfg\n" for name in CONFIGS)
    (folder / "isolinux.cfg").write_text(MAIN + labels, newline="")
    for name, text in CONFIGS.items():
        (folder / f"{name}.cfg").write_text(text)
    (folder / "other.cfg").write_text("TIMEOUT 1\nLABEL o\nKERNEL probe\nAPPEND o\n")
    (folder / "more.cfg").write_text("APPEND replaced\nLABEL y\nKERNEL probe\nAPPEND y\n")
    (folder / "tail.cfg").write_text("APPEND carried on\nINITRD small.img\n")
    (folder / "probe").write_bytes(probe_kernel.build())
    (folder / "small.img").write_bytes(b"\1" * SMALL)
    (folder / "big.img").write_bytes(b"\2" * BIG)
    shutil.copy(INSTALLER, folder / "linux")
    shutil.copy("/usr/lib/ISOLINUX/isolinux.bin", folder)
    for module in ("ldlinux", "libcom32", "libutil", "menu", "linux", "ifcpu64", "libgpl"):
        shutil.copy(MODULES / f"{module}.c32", folder)
    return tree


def build_iso(tree: Path, iso: Path) -> Path:
    options = "-b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4"
    argv = f"xorriso -as mkisofs -quiet -R {options} -boot-info-table -o".split()
    subprocess.run([*argv, iso, tree], check=True, capture_output=True)
    return iso


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tree(tmp_path_factory.mktemp("oracle") / "cd")


@pytest.fixture(scope="module")
def files(tree: Path) -> Root:
    return DirectoryRoot(str(tree))


@pytest.fixture(scope="module")
def guest(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    iso = build_iso(tree, tmp_path_factory.mktemp("oracle") / "cd.iso")
    machine = VirtualMachine((Disk(iso, cd=True),), firmware="seabios", restarts=True)
    with Guest(machine) as running:
        yield running


@pytest.mark.parametrize("label", LABELS)
def test_a_label_gets_what_the_real_loader_hands_over(
    label: str, files: Root, guest: Guest
) -> None:
    menu = syslinux.read(files, "/isolinux/isolinux.cfg")
    got = probe_kernel.started_by(guest, "boot: ", label)
    assert probe_kernel.expected(files, menu.entry(label)) == got


@pytest.mark.parametrize("name", CONFIGS)
def test_the_default_is_what_the_real_loader_starts(name: str, files: Root, guest: Guest) -> None:
    menu = syslinux.read(files, f"/isolinux/{name}.cfg", variant="isolinux")
    got = probe_kernel.started_by(guest, "boot: ", name)
    assert probe_kernel.expected(files, menu.default_entry) == got


def test_linux_prints_what_the_probe_shows(files: Root, guest: Guest) -> None:
    menu = syslinux.read(files, "/isolinux/isolinux.cfg")
    entry = menu.entry("debian")
    assert entry is not None
    guest.expect("boot: ", 60)
    guest.send("debian\r")
    printed = guest.expect(r"Kernel command line: (.*)\n", 120)[1]
    assert printed.rstrip("\r") == entry.handover
