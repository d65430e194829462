"""A kexec-loader stick onto which bootx64.efi was copied, and nothing else changed.

It has one FAT partition of the usual type, the old loader's configuration and folder of
modules, and the system that it starts. Proof is what the target's kernel prints.
"""

from __future__ import annotations

from pathlib import Path

import legacy_images
from lab import Lab

from kxsh.image import kernel, tools
from kxsh.text import MIB

SIZE = 128 * MIB
FIRST = 2048
LINE = "console=ttyS0  root=/dev/none marker=kexec-loader"
CONFIG = """\
# Written for kexec-loader 2.x
timeout 1
kmod loop max_loop=4
kmod not-a-module
title Something else
root sdq1
kernel /none
title The system on this stick
root LABEL=kexecloader
kernel /linux/vmlinuz
initrd /linux/initrd.gz
cmdline console=ttyS0  root=/dev/none
append marker=kexec-loader
default
"""


def stick(lab: Lab) -> Path:
    """Return a stick with an MBR, as such sticks were made."""
    image = lab.path(".img")
    with image.open("wb") as file:
        file.truncate(SIZE + FIRST * 512)
    tools.run(
        ["sfdisk", "--quiet", image],
        input=f"label: dos\nstart={FIRST}, type=c, bootable\n".encode(),
    )
    argv = ["mkfs.vfat", "-F", "32", "-n", "KEXECLOADER", "--offset", str(FIRST), image]
    tools.run([*argv, str(SIZE // 1024)])
    place = f"{image}@@{FIRST * 512}"
    tools.run(["mmd", "-i", place, "::/linux", "::/modules", "::/EFI", "::/EFI/BOOT"])
    files = {
        "EFI/BOOT/BOOTX64.EFI": lab.loader(),
        "kexec-loader.conf": written(lab, CONFIG.replace("\n", "\r\n")),
        "modules/vfat.ko": written(lab, "of another kernel"),
        "modules/modules.conf": written(lab, "options loop max_part=2\n"),
        "linux/vmlinuz": kernel.find().path,
        "linux/initrd.gz": legacy_images.target_initrd(lab.path(".img")),
    }
    for name, source in files.items():
        tools.run(["mcopy", "-i", place, source, f"::/{name}"])
    return image


def written(lab: Lab, text: str) -> Path:
    path = lab.path(".data")
    path.write_bytes(text.encode())
    return path


def test_a_kexec_loader_stick_keeps_working(lab: Lab) -> None:
    image = lab.once("kexec-loader", lambda: stick(lab))
    assert lab.target_line(image) == LINE
