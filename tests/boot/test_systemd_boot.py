"""A disk of systemd-boot's: an entry file and a unified kernel image, and no boot.kxs.

The menu that kxsh shows without a script starts the default of loader.conf. Proof is what
the target's kernel prints: the same as when systemd-boot itself starts the same disk.
"""

from __future__ import annotations

from pathlib import Path

import legacy_images
import pytest
from lab import Lab

from kxsh.image import kernel, loader, tools, uki
from kxsh.text import MIB

SYSTEMD_BOOT = Path("/usr/lib/systemd/boot/efi/systemd-bootx64.efi")
IDENTITY = "5" * 32
SIZE = 128 * MIB
FIRST = 2048
OPTIONS = "console=ttyS0  marker=type1 ro"
BUILT_IN = "console=ttyS0 marker=uki"
ENTRY = f"title Type one\nlinux /vmlinuz\ninitrd /initrd.img\noptions {OPTIONS}\n"
RELEASE = b'NAME="Target"\nID=target\nPRETTY_NAME="Target in one file"\nVERSION_ID=1\n'
# The default, and the command line that the target then gets.
WAYS = {"one.conf": f"initrd=\\initrd.img {OPTIONS}", "target.efi": BUILT_IN}


def disk(lab: Lab, default: str, program: Path) -> Path:
    """Return a GPT disk with one ESP, whose firmware starts `program`."""

    def make() -> Path:
        image = lab.path(".img")
        with image.open("wb") as file:
            file.truncate(SIZE + 2 * FIRST * 512)
        table = f"label: gpt\nstart={FIRST}, size={SIZE // 512}, type=uefi\n"
        tools.run(["sfdisk", "--quiet", image], input=table.encode())
        argv = ["mkfs.vfat", "-F", "32", "-n", "TARGET", "--offset", str(FIRST), image]
        tools.run([*argv, str(SIZE // 1024)])
        place = f"{image}@@{FIRST * 512}"
        folders = ("EFI", "EFI/BOOT", "EFI/Linux", "EFI/systemd", "loader", "loader/entries")
        tools.run(["mmd", "-i", place, *(f"::/{folder}" for folder in folders)])
        for name, source in contents(lab, default, program).items():
            tools.run(["mcopy", "-i", place, source, f"::/{name}"])
        return image

    return lab.once(("systemd-boot", default, program), make)


def contents(lab: Lab, default: str, program: Path) -> dict[str, Path]:
    target = kernel.find().path
    initrd = lab.once("target-initrd", lambda: legacy_images.target_initrd(lab.path(".img")))
    texts = {
        "loader/loader.conf": f"timeout 1\ndefault {default}\n",
        "loader/entries/one.conf": ENTRY,
        "EFI/BOOT/kxsh.id": f"{IDENTITY}\n",
    }
    return {
        "EFI/BOOT/BOOTX64.EFI": program,
        "EFI/systemd/systemd-bootx64.efi": tools.require_file(SYSTEMD_BOOT),
        "EFI/Linux/target.efi": lab.once("target-uki", lambda: image(lab, target, initrd)),
        "vmlinuz": target,
        "initrd.img": initrd,
        **{name: written(lab, text.encode()) for name, text in texts.items()},
    }


def image(lab: Lab, target: Path, initrd: Path) -> Path:
    sections = {
        ".osrel": RELEASE,
        ".cmdline": BUILT_IN.encode(),
        ".linux": target.read_bytes(),
        ".initrd": initrd.read_bytes(),
    }
    return written(lab, uki.build(loader.STUB.read_bytes(), sections))


def written(lab: Lab, data: bytes) -> Path:
    path = lab.path(".data")
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("default", WAYS)
def test_kxsh_starts_what_systemd_boot_would(lab: Lab, default: str) -> None:
    made = disk(lab, default, lab.loader(id=IDENTITY))
    assert lab.target_line(made) == WAYS[default]


@pytest.mark.parametrize("default", WAYS)
def test_systemd_boot_hands_over_the_same(lab: Lab, default: str) -> None:
    assert lab.target_line(disk(lab, default, SYSTEMD_BOOT)) == WAYS[default]
