"""The made-up machine of the console's tests: an image on a stick, and a hostile disk."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Sequence
from typing import Any

from kxsh.machine.fake import FakeMachine, Program
from kxsh.machine.protocol import Completed, Device, FirmwareEntry, Mount
from kxsh.text import GIB, MIB

CONFIG = """\
DEFAULT gentoo
LABEL gentoo
  MENU LABEL Gentoo Linux
  KERNEL gentoo
  APPEND root=/dev/ram0 initrd=gentoo.igz
LABEL memtest
  KERNEL memtest.bin
"""
# The smallest thing that is taken for a Linux kernel: the setup header of a bzImage.
KERNEL = bytearray(4096)
KERNEL[0x1F1] = 1
KERNEL[0x1FE:0x200] = b"\x55\xaa"
KERNEL[0x202:0x206] = b"HdrS"
KERNEL[0x206:0x208] = (0x20F).to_bytes(2, "little")
KERNEL[0x211] = 1
KERNEL[0x234] = 1
KERNEL[0x236:0x238] = (3).to_bytes(2, "little")
KERNEL[0x238:0x23C] = (2047).to_bytes(4, "little")
HOSTILE = "bad\x1b]0;owned\x07\u202elabel"


def devices() -> list[Device]:
    return [
        Device("/dev/sda", size=2 * GIB, removable=True, disk="/dev/sda", pttype="dos",
               model="USB Flash Drive"),
        Device("/dev/sda1", label="GENTOO", uuid="2019-01-01", fstype="iso9660",
               size=700 * MIB, disk="/dev/sda", number=1, removable=True),
        Device("/dev/sda2", label="KXSH ESP", uuid="1234-ABCD", fstype="vfat",
               size=64 * MIB, disk="/dev/sda", number=2, start=MIB, removable=True),
        Device("/dev/sdb", size=4 * GIB, disk="/dev/sdb", model="evil\x1b[31m disk"),
        Device("/dev/sdb1", label=HOSTILE, uuid="aaaa-bbbb", fstype="ext4",
               size=4 * GIB, disk="/dev/sdb", number=1, start=MIB),
    ]  # fmt: skip


def sleeper(argv: Sequence[str]) -> Completed:
    """Sleep until a signal, as the program of a boot script may."""
    print("sleeping now", flush=True)
    time.sleep(60)
    return Completed(0)


def killer(argv: Sequence[str]) -> Completed:
    """Do to kxsh what a kernel without memory does."""
    os.kill(os.getpid(), signal.SIGKILL)
    return Completed(0)


def shell(argv: Sequence[str]) -> Completed:
    print("A SHELL RAN", flush=True)
    return Completed(0)


GRUB = """\
set superusers="root"
password_pbkdf2 root HASH
password alice wonderland
set timeout=20
set default=0
menuentry "Open to all" --unrestricted { linux /isolinux/gentoo open }
menuentry "For root" { linux /isolinux/gentoo root }
menuentry "For Alice" --users alice { linux /isolinux/gentoo alice }
"""


def machine(
    script: str | bytes = "",
    grub: str = "",
    firmware: Sequence[FirmwareEntry] = (),
    **programs: Program,
) -> FakeMachine:
    """Return the machine; `script` is the boot.kxs beside its loader, `grub` the hash of
    root's password on a disk whose loader is GRUB with superusers."""
    files: dict[str, dict[str, bytes | str]] = {
        "/dev/sda1": {
            "/isolinux/isolinux.cfg": CONFIG,
            "/isolinux/gentoo": b"k" * 3000,
            "/isolinux/gentoo.igz": b"i",
            "/isolinux/vmlinuz": bytes(KERNEL),
            "/isolinux/my file": b"",
            "/isolinux/it's": b"",
            "/isolinux/zz\x1b[2Jclear": b"",
        },
        "/dev/sda2": {
            "/EFI/BOOT/BOOTX64.EFI": b"MZ",
            **({"/EFI/BOOT/boot.kxs": script} if script else {}),
        },
        "/": {
            "/usr/bin/lsblk": b"", "/usr/bin/lspci": b"", "/usr/bin/stuck": b"",
            "/usr/bin/patient": b"",
        },
    }  # fmt: skip
    if grub:
        files["/dev/sda1"] = {
            "/isolinux/gentoo": b"k" * 3000,
            "/boot/grub/grub.cfg": GRUB.replace("HASH", grub),
            "/boot/grub/i386-pc/normal.mod": b"",
        }
    known: dict[str, Program] = {"lsblk": Completed(0), "lspci": Completed(3), "sh": shell}
    return FakeMachine(devices(), files, programs={**known, **programs}, firmware=firmware)


def plug(made: FakeMachine) -> None:
    """Plug in a disk with GRUB, whose default is what the person who plugs it in wants."""
    made.add(Device("/dev/sdz", size=GIB, disk="/dev/sdz", removable=True), {})
    made.add(
        Device("/dev/sdz2", label="EVIL", uuid="e", fstype="ext4", disk="/dev/sdz", number=2),
        {
            "/boot/grub/grub.cfg": 'set timeout=1\nmenuentry "Evil" { linux /k init=/bin/sh }\n',
            "/boot/grub/i386-pc/normal.mod": b"",
            "/k": bytes(KERNEL),
        },
    )


def put_grub(made: FakeMachine, config: str) -> None:
    """Put GRUB's menu on the image of the loader's disk."""
    image = next(device for device in devices() if device.label == "GENTOO")
    made.remove(image.path)
    made.add(image, {"/isolinux/gentoo": b"k" * 3000, "/boot/grub/grub.cfg": config})


def put_kexec_loader(made: FakeMachine, config: str) -> None:
    """Make the loader's own disk one of kexec-loader, with a kernel `/own` in place of a script."""
    esp = next(device for device in devices() if device.label == "KXSH ESP")
    made.remove(esp.path)
    made.add(
        esp,
        {
            "/EFI/BOOT/BOOTX64.EFI": b"MZ",
            "/kexec-loader.conf": config,
            "/own": bytes(KERNEL),
        },
    )


def hang_mounts(made: FakeMachine, disks: Sequence[str]) -> None:
    """Let disks hang whoever unmounts them while a kernel waits; Ctrl-C does not help."""
    unmount, pause = made.unmount, time.sleep

    def hang(mount: Mount) -> None:
        if made.kernel_loaded() and mount.device.path in disks:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            pause(600)
        unmount(mount)

    made.unmount = hang  # type: ignore[method-assign]


def slow_down(made: FakeMachine, spec: str, *, pulled: bool) -> None:
    """Let mounting a disk hang (`/dev/sdb1`), or take its time (`/dev/sdb1=2`), and say when it
    begins; `pulled`: the loader's own disk is gone then."""
    path, _, seconds = spec.partition("=")
    mount = made.mount

    def slowly(device: Device, *arguments: Any, **options: Any) -> Mount:
        if device.path == path:
            if not seconds:  # in the kernel, where no signal reaches it
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            print(f"mounting {path} slowly", flush=True)
            if pulled:
                for one in [one for one in made.devices() if one.disk == "/dev/sda"]:
                    made.remove(one.path)
            time.sleep(float(seconds or 60))
        return mount(device, *arguments, **options)

    made.mount = slowly  # type: ignore[method-assign]
