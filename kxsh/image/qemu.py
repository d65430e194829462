"""A virtual machine, and the QEMU command line that is it.

with Guest.start(VirtualMachine(disks=(Disk(image),))) as guest:   # kxsh.image.guest
    guest.expect(r"Kernel command line: .*", 60)
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kxsh.image import accelerator, firmware, tools
from kxsh.image.accelerator import Accelerator
from kxsh.image.firmware import FirmwareKind, quote
from kxsh.image.tools import ImageError

Bus = Literal["usb", "sata", "nvme", "virtio"]
Display = Literal["window", "none"]

BUSES: tuple[Bus, ...] = ("usb", "sata", "nvme", "virtio")
DEFAULT_MEMORY = 512


@dataclass(frozen=True, slots=True)
class Disk:
    """An image in a drive: on one of the buses, or as a CD in a SATA drive.

    The guest may write to a disk, but never reaches the image: writes go to a temporary
    file, unless `writable`.
    """

    path: Path
    bus: Bus = "usb"
    cd: bool = False
    writable: bool = False


@dataclass(frozen=True, slots=True)
class VirtualMachine:
    """What QEMU emulates. The firmware tries the first disk first.

    `network` gives it a card, behind QEMU's own router, which reaches this machine as
    10.0.2.2; `netboot` besides is the file that the card's PXE fetches by TFTP, with what lies
    beside it. `memory` is in MiB. `kernel`, `initrd` and `cmdline` start a Linux kernel without
    firmware. `restarts` false ends QEMU where a real machine would restart. `monitor` is
    where a socket for QEMU's machine protocol is made.
    """

    disks: tuple[Disk, ...] = ()
    firmware: FirmwareKind = "ovmf"
    memory: int = DEFAULT_MEMORY
    cpus: int = 1
    display: Display = "none"
    restarts: bool = False
    network: bool = False
    netboot: Path | None = None
    accelerator: Accelerator | None = None
    kernel: Path | None = None
    initrd: Path | None = None
    cmdline: str = ""
    monitor: Path | None = None


def arguments(machine: VirtualMachine, folder: Path) -> list[str]:
    """Return the command line without the serial line; `folder` takes this run's files.

    Raises ImageError for what cannot start: no image, too little memory, no firmware.
    """
    if machine.firmware == "ovmf" and machine.kernel is None:
        _check_memory(machine.memory)
    argv = ["qemu-system-x86_64", "-machine", "q35", "-m", str(machine.memory)]
    argv += ["-smp", str(machine.cpus), "-nodefaults", "-no-user-config"]
    argv += accelerator.arguments(machine.accelerator or accelerator.choose())
    if machine.kernel is None:
        argv += firmware.arguments(machine.firmware, folder)
    argv += _screen(machine.display)
    if not machine.restarts:
        argv.append("-no-reboot")
    if any(disk.bus == "usb" and not disk.cd for disk in machine.disks):
        argv += ["-device", "qemu-xhci,id=usb"]
    for number, disk in enumerate(machine.disks):
        argv += _drive(disk, number, "" if machine.kernel else f",bootindex={number}")
    argv += _network(machine)
    if machine.monitor:
        argv += ["-qmp", f"unix:{quote(machine.monitor)},server=on,wait=off"]
    return argv + _direct_kernel(machine)


def _check_memory(memory: int) -> None:
    if memory < firmware.OVMF_LEAST_MEMORY:
        raise ImageError(
            f"OVMF does not start with {memory} MiB of memory",
            hint=f"give it at least --memory {firmware.OVMF_LEAST_MEMORY}",
        )


def _screen(display: Display) -> list[str]:
    # The card stays without a window: a machine without video would boot another way.
    return ["-device", "VGA"] + (["-display", "none"] if display == "none" else [])


def _drive(disk: Disk, number: int, order: str) -> list[str]:
    backend = f"if=none,id=disk{number},format=raw,file={quote(_image(disk.path))}"
    order = f"drive=disk{number}{order}"
    if disk.cd:
        device = f"ide-cd,bus=ide.{number},{order}"
        return ["-drive", f"{backend},media=cdrom,readonly=on", "-device", device]
    devices = {
        "usb": f"usb-storage,id=stick{number},bus=usb.0,removable=on,{order}",
        "sata": f"ide-hd,bus=ide.{number},{order}",
        "nvme": f"nvme,serial=kximage{number},{order}",
        "virtio": f"virtio-blk-pci,{order}",
    }
    snapshot = "" if disk.writable else ",snapshot=on"
    return ["-drive", backend + snapshot, "-device", devices[disk.bus]]


def _network(machine: VirtualMachine) -> list[str]:
    if machine.netboot:
        folder, file = quote(machine.netboot.parent), machine.netboot.name
        served = f"user,id=net,tftp={folder},bootfile={file}"
        return ["-netdev", served, "-device", "e1000,netdev=net,bootindex=100"]
    if machine.network:
        return ["-netdev", "user,id=net", "-device", "e1000,netdev=net,romfile="]
    return []


def _image(path: Path) -> Path:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise ImageError(f"{path}: {error.strerror}", hint="the path of an image") from error
    if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
        raise ImageError(f"{path} is neither a file nor a disk")
    if not os.access(path, os.R_OK):
        raise ImageError(f"{path} may not be read by you")
    return path.absolute()


def _direct_kernel(machine: VirtualMachine) -> list[str]:
    if machine.kernel is None:
        return []
    argv = ["-kernel", str(machine.kernel), "-append", machine.cmdline]
    return [*argv, "-initrd", str(machine.initrd)] if machine.initrd else argv


def command(argv: list[str]) -> list[str]:
    """Return `argv` so that QEMU dies with the thread that starts it.

    prctl(2) PR_SET_PDEATHSIG, by util-linux's setpriv: even a kill -9 of this process
    leaves no QEMU behind. Without setpriv it is only ended in order.
    """
    qemu = tools.require(argv[0])
    setpriv = tools.which("setpriv")
    return [*([setpriv, "--pdeathsig", "KILL"] if setpriv else []), qemu, *argv[1:]]
