"""The loader itself, booted by OVMF from a stick: firmware to kxsh's prompt."""

from __future__ import annotations

from pathlib import Path

from lab import Lab

from kxsh.image import tools, uki
from kxsh.image.qemu import Disk, VirtualMachine
from kxsh.text import MIB

OPTIONS = {"kxsh.debug": "1", "loglevel": "7"}


def stick(lab: Lab) -> Path:
    """Return a FAT stick with nothing but the loader on it."""
    data = lab.loader().read_bytes()
    for name, value in OPTIONS.items():
        data = uki.with_option(data, name, value)
    program, image = lab.path(".efi"), lab.path("-stick.img")
    program.write_bytes(data)
    with image.open("wb") as stream:
        stream.truncate(48 * MIB)
    tools.run(["mkfs.vfat", "-n", "LOADER", image])
    tools.run(["mmd", "-i", image, "::/EFI", "::/EFI/BOOT"])
    tools.run(["mcopy", "-i", image, program, "::/EFI/BOOT/BOOTX64.EFI"])
    return image


def test_from_firmware_to_a_shell_that_survives_everything(lab: Lab) -> None:
    """OVMF starts it; kxsh is killed three times; the plain shell ends; it restarts."""
    with lab.boot(VirtualMachine((Disk(stick(lab)),)), "loader") as guest:
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
            # PID 1 says it, and the next kxsh; a line that hangs up may lose the first.
            guest.expect(r"kxsh ended unexpectedly", 60)
        guest.expect(r"This is a plain shell", 30)
        guest.send("\r")
        guest.expect(r"/ # ", 30)
        guest.send("echo pid $((40 + 2)); exit\r")
        guest.expect(r"pid 42", 30)
        guest.expect(r"restarts in 10 seconds", 30)
        assert guest.wait(60) == 0
