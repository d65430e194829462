"""The real GRUB legacy (0.97) as judge: what it hands a kernel, and what the reader says.

One QEMU run under SeaBIOS from a CD: a menu is opened from GRUB's prompt on the serial
line with each entry in turn as its default; a probe kernel shows what it got and resets
the machine. `scripts/setup` unpacks Debian's stage 2 (it is not installed: that would
replace the machine's own boot loader).
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import legacy_images
import probe_kernel
import pytest

from kxsh.image import tools
from kxsh.image.guest import Guest
from kxsh.image.qemu import Disk, VirtualMachine
from kxsh.machine.protocol import Root
from kxsh.machine.root import DirectoryRoot
from kxsh.menus import grub_legacy

SMALL, BIG = 1000, 5000
# What GRUB reads first: no title, so it gives a prompt, on the serial line.
FIRST = "serial --unit=0 --speed=115200\nterminal --dumb serial\n"
# Each entry by the name that the test shows.
ENTRIES = {
    "plain": "kernel /boot/probe a=1  b c",
    "root": "root (cd)\nkernel /boot/probe root=/dev/sda1",
    "device": "kernel (cd)/boot/probe a\ninitrd (cd)/boot/big.img",
    "rootnoverify": "rootnoverify (cd)\nkernel /boot/probe a",
    "quotes": "kernel /boot/probe a=\"x  y\" 'b c' d\\e \\",
    "equals": "kernel=/boot/probe x=y = z",
    "equals-blanks": "kernel = /boot/probe x",
    "tabs": "\tkernel\t/boot/probe\ta\tb \t c",
    "trailing": "kernel /boot/probe a \t ",
    "bare": "kernel /boot/probe",
    "type": "kernel --type=biglinux /boot/probe a --type=linux",
    "no-mem": "kernel --no-mem-option --type=biglinux /boot/probe mem=64M",
    "video": "kernel /boot/probe a vga=normal b",
    "joined": "kernel /boot/probe a \\\n  b\\\nc",
    "comment": "# kernel /boot/none\n  # x\nkernel /boot/probe a # b",
    "unknown": "frobnicate now\nkernel /boot/probe a",
    "one": "kernel /boot/probe x\ninitrd /boot/small.img",
    "two-files": "kernel /boot/probe x\ninitrd /boot/small.img /boot/big.img",
    "two-lines": "kernel /boot/probe x\ninitrd /boot/small.img\ninitrd /boot/big.img",
    "two-kernels": "kernel /boot/probe first\ninitrd /boot/small.img\nkernel /boot/probe second",
    "boot": "kernel /boot/probe x\nboot\nkernel /boot/probe y",
    "locked": "lock\nkernel /boot/probe x",
    "quiet": "uppermem 4096\nmap (hd0) (hd1)\nkernel /boot/probe x",
    "crlf": "kernel /boot/probe a  b\r\ninitrd /boot/small.img\r",
    "other": "configfile /boot/grub/other.lst",
    "long": "kernel /boot/probe " + " ".join(f"key{number}=value" for number in range(20)),
    "missing": "kernel /boot/none x",
}
MENU = "fallback=0\n" + "".join(
    f"title={name}\n{body}\n\ntitle a divider\n\n" for name, body in ENTRIES.items()
)
# Menus of their own: what `default` and `fallback` make of them.
MENUS = {
    "default-none": "title a\nkernel /boot/probe a\ntitle b\nkernel /boot/probe b\n",
    "default-word": "default two\ntitle a\nkernel /boot/probe a\ntitle b\nkernel /boot/probe b\n",
    "default-high": "default 7\ntitle a\nkernel /boot/probe a\ntitle b\nkernel /boot/probe b\n",
    "default-hex": "default 0x1\ntitle a\nkernel /boot/probe a\ntitle b\nkernel /boot/probe b\n",
    "default-tail": "default 1st\ntitle a\nkernel /boot/probe a\ntitle b\nkernel /boot/probe b\n",
    "default-equals": "default=1\ntitle a\nkernel /boot/probe a\ntitle b\nkernel /boot/probe b\n",
    "saved": "default saved\ntitle a\nkernel /boot/probe a\ntitle b\nkernel /boot/probe b\n",
    "fallback": "default 1\nfallback 2 0\ntitle a\nkernel /boot/probe a\n"
    "title b\nkernel /boot/none b\ntitle c\nkernel /boot/probe c\n",
    "fallback-fails": "fallback 2 1\ntitle a\nkernel /boot/none a\n"
    "title b\nkernel /boot/probe b\ntitle c\nroot nowhere\nkernel /boot/probe c\n",
    "fallback-hex": "fallback 0x1x\ntitle a\nkernel /boot/none a\ntitle b\nkernel /boot/probe b\n",
    "divider": "default 1\ntitle nothing\ntitle a\nkernel /boot/probe a\n"
    "title b\nkernel /boot/probe b\n",
}
OTHER = "default 1\ntitle a\nkernel /boot/probe a\ntitle b\nkernel /boot/probe other\n"


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("grub-legacy") / "cd"
    grub = top / "boot/grub"
    grub.mkdir(parents=True)
    shutil.copy(tools.require_file(legacy_images.GRUB_LEGACY / "stage2_eltorito"), grub)
    texts = {name: f"default {number}\n{MENU}" for number, name in enumerate(ENTRIES)}
    for name, text in {**texts, **MENUS, "other": OTHER}.items():
        (grub / f"{name}.lst").write_text(f"timeout 0\n{text}", newline="")
    (grub / "menu.lst").write_text(FIRST)
    (grub / "default").write_text("1\n" + "#" * 40)
    (top / "boot/probe").write_bytes(probe_kernel.build())
    (top / "boot/small.img").write_bytes(b"\1" * SMALL)
    (top / "boot/big.img").write_bytes(b"\2" * BIG)
    return top


@pytest.fixture(scope="module")
def files(tree: Path) -> Root:
    return DirectoryRoot(str(tree))


@pytest.fixture(scope="module")
def guest(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guest]:
    iso = tmp_path_factory.mktemp("grub-legacy") / "cd.iso"
    options = "-b boot/grub/stage2_eltorito -no-emul-boot -boot-load-size 4 -boot-info-table"
    argv = f"xorriso -as mkisofs -quiet -R {options} -o".split()
    subprocess.run([*argv, iso, tree], check=True, capture_output=True)
    machine = VirtualMachine((Disk(iso, cd=True),), firmware="seabios", restarts=True)
    with Guest(machine) as running:
        yield running


@pytest.mark.parametrize("name", [*ENTRIES, *MENUS])
def test_the_default_gets_what_the_real_loader_hands_over(
    name: str, files: Root, guest: Guest
) -> None:
    menu = grub_legacy.read(files, f"/boot/grub/{name}.lst")
    got = probe_kernel.started_by(guest, "grub> ", f"configfile /boot/grub/{name}.lst")
    assert probe_kernel.expected(files, menu.default_entry) == got
