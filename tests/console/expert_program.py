"""The prompt after the broken boot.kxs of tests/expert_steps.py, on a made-up machine."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from expert_steps import LABEL, SCRIPT
from machines import KERNEL

from kxsh.console.prompt import loop as prompt
from kxsh.console.terminal import Terminal
from kxsh.errors import KxshError
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Device, Ended
from kxsh.source import Source
from kxsh.syntax.parser import parse_script
from kxsh.text import GIB, MIB

CONFIG = """\
default gentoo
label gentoo
  kernel gentoo
  append root=/dev/ram0 init=/linuxrc initrd=gentoo.igz console=ttyS0
label gentoo-nofb
  kernel gentoo
  append root=/dev/ram0 init=/linuxrc nofb initrd=gentoo.igz console=ttyS0
"""


def machine() -> FakeMachine:
    devices = [
        Device("/dev/sda", size=2 * GIB, removable=True, disk="/dev/sda", pttype="dos",
               model="USB Flash Drive"),
        Device("/dev/sda1", label=LABEL, uuid="2019-01-01", fstype="iso9660", size=700 * MIB,
               disk="/dev/sda", number=1, removable=True),
        Device("/dev/sda2", label="KXSH", uuid="1234-ABCD", fstype="vfat", size=64 * MIB,
               disk="/dev/sda", number=2, start=MIB, removable=True),
    ]  # fmt: skip
    files: dict[str, dict[str, bytes | str]] = {
        "/dev/sda1": {
            "/isolinux/isolinux.cfg": CONFIG,
            "/isolinux/gentoo": bytes(KERNEL),
            "/isolinux/gentoo.igz": b"\x1f\x8b" + bytes(64),
        },
        "/dev/sda2": {"/EFI/BOOT/BOOTX64.EFI": b"MZ", "/EFI/BOOT/boot.kxs": SCRIPT},
    }
    return FakeMachine(devices, files)


def main() -> None:
    made = machine()
    terminal = Terminal(sys.stdin, sys.stdout, color=True, serial="--serial" in sys.argv)
    interpreter = Interpreter(made, terminal, esp=made.devices()[2], interactive=False)

    def attempt() -> KxshError | None:
        interpreter.interactive = False
        try:
            interpreter.attempt(parse_script(Source("boot.kxs", SCRIPT)))
        except KxshError as error:
            return error
        finally:
            interpreter.interactive = True
        return None

    try:
        prompt.run(interpreter, terminal, error=attempt(), retry=attempt)
    except Ended:
        assert made.loaded is not None
        terminal.say(f"started with: {made.loaded.cmdline}")


if __name__ == "__main__":
    main()
