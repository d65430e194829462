"""The loader itself, booted by OVMF from a stick: firmware to kxsh's prompt."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kxsh.image import loader, uki
from kxsh.image.guest import Guest
from kxsh.image.qemu import Disk, VirtualMachine

OPTIONS = {"kxsh.debug": "1", "loglevel": "7"}


@pytest.fixture(scope="module")
def stick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A FAT stick with nothing but the loader on it."""
    data = loader.build(level=3).data
    for name, value in OPTIONS.items():
        data = uki.with_option(data, name, value)
    folder = tmp_path_factory.mktemp("stick")
    (folder / "bootx64.efi").write_bytes(data)
    image = folder / "stick.img"
    with image.open("wb") as stream:
        stream.truncate(48 << 20)
    subprocess.run(["mkfs.vfat", "-n", "LOADER", image], check=True, capture_output=True)
    subprocess.run(["mmd", "-i", image, "::/EFI", "::/EFI/BOOT"], check=True)
    subprocess.run(
        ["mcopy", "-i", image, folder / "bootx64.efi", "::/EFI/BOOT/BOOTX64.EFI"], check=True
    )
    return image


def test_from_firmware_to_a_shell_that_survives_everything(stick: Path) -> None:
    """OVMF starts it; kxsh is killed three times; the plain shell ends; it restarts."""
    machine = VirtualMachine(disks=(Disk(stick),), memory=512)
    with Guest(machine) as guest:
        # The built-in command line reaches the kernel to the last byte.
        guest.expect(r"Command line: console=.* kxsh\.debug=1 loglevel=7$", 120)
        guest.expect(r"kxsh: init", 60)
        guest.expect(r"kxsh: python ready", 60)
        guest.expect(r"kxsh: esp /dev/sda", 60)
        guest.expect(r"Recovery prompt", 60)
        guest.send("\r")
        for _ in range(3):
            guest.expect(r"kxsh>", 90)
            guest.send("sh\r")
            guest.expect(r"[#$] ", 30)
            # Not by name: the process that kxsh's shell was started by.
            guest.send("kill -9 $PPID\r")
            guest.expect(r"kxsh ended unexpectedly \(status 137\)", 30)
        guest.expect(r"This is a plain shell", 30)
        guest.send("\r")
        guest.expect(r"/ # ", 30)
        guest.send("echo pid $((40 + 2)); exit\r")
        guest.expect(r"pid 42", 30)
        guest.expect(r"restarts in 10 seconds", 30)
        assert guest.wait(60) == 0
