"""The real EXTLINUX 6 as judge: what it hands a kernel, and what the reader says.

One QEMU run under SeaBIOS, as in test_isolinux_oracle.py, whose labels are not repeated:
here is what differs on a Unix filesystem. Names have a case, links are followed, paths
may go up, and a configuration may lie in another folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import legacy_images
import probe_kernel
import pytest

from kxsh.image.guest import Guest
from kxsh.image.qemu import Disk, VirtualMachine
from kxsh.machine.protocol import Root
from kxsh.machine.root import DirectoryRoot
from kxsh.menus import syslinux

FOLDER = "boot/extlinux"
MAIN = f"""\
serial 0 115200
prompt 1
timeout 0
Append global  "one  two"
label inherited
  kernel /boot/probe
label own
  kernel /boot/probe
  append a='b  c'  "d" \\e
label none
  kernel /boot/probe
  append -
label dash-more
  kernel /boot/probe
  append - a
label up
  kernel ../probe
  append up
  initrd ../small.img
label up-twice
  kernel ../../boot/probe
  append x initrd=../../boot/small.img
label above-root
  kernel ../../../../boot/probe
  append x
label dots
  kernel ./.././extlinux/../probe
label slashes
  kernel //boot///probe
label beside
  kernel kernel
label capital
  kernel Kernel
  append big
  initrd /boot/Big.img
label CAPITAL
  kernel kernel
  append capital label
LABEL link
  LINUX linked
  APPEND by a link
LABEL link-up
  LINUX /boot/extlinux/linked-up
LABEL linked-folder
  LINUX /start/probe
  INITRD /start/big.img
label initrd-link
  linux /boot/probe
  initrd linked.img
label initrd-list
  linux /boot/probe
  append a initrd=/boot/small.img,../big.img b
  initrd /boot/small.img
label initrd-directive-list
  linux /boot/probe
  append a
  initrd /boot/small.img,/boot/extlinux/../big.img
label same
  kernel /boot/probe
  append first
label same
  kernel /boot/probe
  append second
label two words
  kernel /boot/probe
  append two
label /boot/probe
  kernel /boot/extlinux/kernel
  append named like a file
label ipappend
  kernel /boot/probe
  ipappend 3
  append a
label kernel-last
  append a
  initrd /boot/small.img
  kernel /boot/probe
label text
  text help
kernel /boot/none
append none
  endtext
  kernel /boot/probe
  append text
label titled
  menu label ^Menu: a=b
  menu default
  kernel /boot/probe
  menu hide
  append m
label unicode
  kernel /boot/probe
  append gr\u00fc\u00df
label comment
  # append x
  kernel /boot/probe # c
  append a # b
label long
  kernel /boot/probe
  append {" ".join(f"key{number}=value" for number in range(120))}
include more.conf
label after-include
  kernel /boot/probe
include ../more/absolute.conf
append late
label late
  kernel /boot/probe
"""
# Included: what is relative in there is relative to the main file's folder all the same.
MORE = "label included\nkernel kernel\nappend i\nlabel open\nkernel /boot/probe\nappend from more\n"
ABSOLUTE = "label moved\nkernel kernel\nappend m\ninclude more.conf\nappend global two\n"
# Configurations of their own, started by a CONFIG label: what DEFAULT or UI makes of them.
CONFIGS = {
    "default-case": "default Y\nlabel y\nkernel /boot/probe\nappend y\n"
    "label Y\nkernel /boot/probe\nappend capital\n",
    "default-file": "default ../probe a  b\nappend global\nlabel x\nkernel /boot/none\n",
    "default-last": "default x\nlabel x\nkernel /boot/probe\nappend x\n"
    "default y\nlabel y\nkernel /boot/probe\nappend y\n",
    "default-late": "default x\ninclude other.conf\nlabel x\nkernel /boot/probe\nappend second\n",
    "menu": "ui menu.c32\ntimeout 1\nlabel x\nkernel /boot/probe\nappend x\n"
    "label y\nmenu default\nkernel ../probe\nappend y\ninitrd linked.img\n",
    "menu-ontimeout": "ui menu.c32\ntimeout 1\nontimeout y  z\nlabel x\nkernel /boot/probe\n"
    "label y\nkernel /boot/probe\nappend y\n",
    "prompt-ontimeout": "prompt 1\ntimeout 5\nontimeout y  z\nlabel x\nkernel /boot/probe\n"
    "label y\nkernel /boot/probe\nappend y\ninitrd /boot/small.img\n",
    "prompt-ontimeout-file": "prompt 1\ntimeout 5\nontimeout /boot/probe  z\nappend g\n",
    "menu-ontimeout-file": "ui menu.c32\ntimeout 1\nontimeout /boot/probe  z\nappend g\n"
    "label x\nkernel /boot/probe\nappend x\n",
    "menu-ontimeout-initrd": "ui menu.c32\ntimeout 1\nontimeout y  z\nlabel x\nkernel ../probe\n"
    "label y\nkernel /boot/probe\nappend y\ninitrd /boot/small.img\n",
    "menu-ontimeout-label": "ui menu.c32\ntimeout 1\nontimeout y\nlabel x\nkernel ../probe\n"
    "label y\nkernel /boot/probe\nappend y\ninitrd /boot/small.img\n",
    "default-blanks": "default y  z\nlabel y\nkernel /boot/probe\nappend y\n",
    "no-prompt": "prompt 0\ndefault y\ntimeout 9000\nlabel y\nkernel /boot/probe\nappend at once\n",
}
OTHER = "label x\nkernel /boot/probe\nappend first\n"
# `config FILE FOLDER` changes the folder that names are taken from.
MOVED = "default z\nlabel z\nkernel probe\nappend z\ninitrd small.img\n"
LABELS = [
    line[len("label ") :]
    for line in (MAIN + MORE + ABSOLUTE).splitlines()
    if line.lower().startswith("label ")
]


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes | Path]:
    """Return what is on the disk, by path; a Path is a link."""
    probe = probe_kernel.build()
    labels = "".join(f"label {name}\nconfig {name}.conf\n" for name in CONFIGS)
    labels += "label other-folder\nconfig /boot/more/moved.conf /boot\n"
    modules = ("ldlinux", "libcom32", "libutil", "menu")
    return {
        f"{FOLDER}/extlinux.conf": (MAIN + labels).encode(),
        f"{FOLDER}/syslinux.cfg": b"label wrong\nkernel /boot/probe\nappend wrong\n",
        f"{FOLDER}/more.conf": MORE.encode(),
        f"{FOLDER}/other.conf": OTHER.encode(),
        **{f"{FOLDER}/{name}.conf": text.encode() for name, text in CONFIGS.items()},
        **{
            f"{FOLDER}/{name}.c32": (legacy_images.MODULES / f"{name}.c32").read_bytes()
            for name in modules
        },
        f"{FOLDER}/kernel": probe,
        f"{FOLDER}/Kernel": probe,
        f"{FOLDER}/linked": Path("../probe"),
        f"{FOLDER}/linked-up": Path("linked"),
        f"{FOLDER}/linked.img": Path("/boot/big.img"),
        "start": Path("boot"),
        "boot/more/absolute.conf": ABSOLUTE.encode(),
        "boot/more/moved.conf": MOVED.encode(),
        "boot/probe": probe,
        "boot/small.img": b"\1" * 1000,
        "boot/big.img": b"\2" * 5000,
        "boot/Big.img": b"\3" * 9000,
    }


@pytest.fixture(scope="module")
def guest(
    contents: dict[str, bytes | Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Guest]:
    disk = legacy_images.extlinux_disk(tmp_path_factory.mktemp("extlinux") / "disk.img", contents)
    machine = VirtualMachine((Disk(disk, bus="sata"),), firmware="seabios", restarts=True)
    with Guest(machine) as running:
        yield running


@pytest.fixture(scope="module")
def files(contents: dict[str, bytes | Path], tmp_path_factory: pytest.TempPathFactory) -> Root:
    top = tmp_path_factory.mktemp("extlinux") / "root"
    legacy_images.write_tree(top, contents)
    return DirectoryRoot(str(top))


@pytest.mark.parametrize("label", LABELS)
def test_a_label_gets_what_the_real_loader_hands_over(
    label: str, files: Root, guest: Guest
) -> None:
    menu = syslinux.read(files, f"/{FOLDER}/extlinux.conf")
    got = probe_kernel.started_by(guest, "boot: ", label.split()[0])
    assert probe_kernel.expected(files, menu.entry(label)) == got


@pytest.mark.parametrize("name", CONFIGS)
def test_the_default_is_what_the_real_loader_starts(name: str, files: Root, guest: Guest) -> None:
    path = f"/{FOLDER}/{name}.conf"
    menu = syslinux.read(files, path, variant="extlinux")
    got = probe_kernel.started_by(guest, "boot: ", name)
    assert probe_kernel.expected(files, menu.default_entry) == got


def test_a_configuration_in_another_folder(files: Root, guest: Guest) -> None:
    menu = syslinux.read(files, f"/{FOLDER}/extlinux.conf")
    [entry] = [one for one in menu.entries if one.id == "z"]
    got = probe_kernel.started_by(guest, "boot: ", "other-folder")
    assert probe_kernel.expected(files, entry) == got
