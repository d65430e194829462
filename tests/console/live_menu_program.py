"""The menu of a script on a made-up machine, whose disks come while it is shown.

Lines on a second descriptor plug them in: ``add NAME`` or ``remove NAME``.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading

from unit.kernels import bzimage

from kxsh.console.terminal import Terminal
from kxsh.errors import KxshError
from kxsh.interpreter.imports import library_source
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Device, Ended, FirmwareEntry
from kxsh.text import display

KERNEL = {"/k": bzimage()}
HOSTILE = (
    "\x1b]52;c;ZXZpbA==\x07", "\x1bPq#0\x1b\\", "\x1b[6n\x1b[c\x05", "\x9b6n\x9d0;x\x9c",
    "\u202egnp.exe\u2066", "z\u200be\u200dr\ufeffo", "e" + "\u0301" * 200, "\u6f22\u5b57" * 60,
    "nul\x00bell\x07", "x" * 10_000, "\U000e0041\ue000\uffff",
)  # fmt: skip


def syslinux(*labels: str, default: str = "") -> dict[str, bytes | str]:
    lines = [f"DEFAULT {default}\nPROMPT 1\nTIMEOUT 0\n"] if default else []
    lines += [f"LABEL {label}\nLINUX /k\nAPPEND root=/dev/{label} quiet\n" for label in labels]
    return {**KERNEL, "/syslinux.cfg": "".join(lines)}


def hostile() -> dict[str, bytes | str]:
    lines = []
    for number, text in enumerate(HOSTILE):
        text = text.replace("\n", " ").replace("\0", "")
        lines.append(
            f"LABEL h{number}{text}\nMENU LABEL {text}\nLINUX /k\nAPPEND a={text} {text}\n"
        )
    return {**KERNEL, "/syslinux.cfg": "".join(lines), "/" + HOSTILE[0]: b""}


DISKS: dict[str, tuple[Device, dict[str, bytes | str]]] = {
    "stick": (
        Device("/dev/sda1", label="STICK", uuid="A", fstype="vfat", disk="/dev/sda"),
        syslinux("alpha", "beta"),
    ),
    "disk": (
        Device("/dev/sdb1", label="DISK", uuid="B", fstype="vfat", disk="/dev/sdb"),
        syslinux("gamma", "delta", default="delta"),
    ),
    "installer": (
        Device("/dev/sdc1", label="SETUP", uuid="C", fstype="vfat", disk="/dev/sdc"),
        syslinux("install", default="install"),
    ),
    "hostile": (
        Device("/dev/sdd1", label=HOSTILE[2], uuid="D", fstype="vfat", disk="/dev/sdd"),
        hostile(),
    ),
    "broken": (
        Device("/dev/sde1", label="BROKEN", uuid="E", fstype="vfat", disk="/dev/sde"),
        {"/syslinux.cfg": "DEFAULT bad\nPROMPT 1\nTIMEOUT 0\nLABEL bad\nLINUX /missing\n"},
    ),
}


class SlowMachine(FakeMachine):
    """Waits as real time does: its clock is the only thing that is made up."""

    def wait_for_change(self, deadline: float) -> bool:
        found = super().wait_for_change(deadline)
        if not found and deadline > 0:
            threading.Event().wait(0.02)
        return found


def plug(machine: FakeMachine, descriptor: int) -> None:
    with os.fdopen(descriptor) as orders:
        for order in orders:
            verb, name = order.split()
            device, tree = DISKS[name]
            if verb == "add":
                machine.add(device, tree)
            else:
                machine.remove(device.path)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--serial", action="store_true")
    parser.add_argument("--orders", help="a FIFO to read from")
    parser.add_argument("disks", nargs="*")
    arguments = parser.parse_args()
    known = [DISKS[name] for name in arguments.disks]
    machine = SlowMachine(
        [device for device, _ in known],
        {device.path: tree for device, tree in known},
        firmware=(
            FirmwareEntry(0, "UiApp"),
            FirmwareEntry(1, "Win" + HOSTILE[0] + "dows", current=True),
        ),
    )
    terminal = Terminal(sys.stdin, sys.stdout, color=True, serial=arguments.serial)
    interpreter = Interpreter(machine, terminal)
    terminal.interpreter = interpreter
    if arguments.orders:
        descriptor = os.open(arguments.orders, os.O_RDONLY)
        threading.Thread(target=plug, args=(machine, descriptor), daemon=True).start()
    try:
        interpreter.run_script(library_source("default"))
    except Ended as end:
        loaded = machine.loaded.cmdline if machine.loaded else ""
        terminal.say(f"ended: {end.how} {display(loaded, 60)}")
    except KxshError as error:
        terminal.say(f"ended: {type(error).__name__} {display(error.message, 60)}")


if __name__ == "__main__":
    main()
