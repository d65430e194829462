"""Where the scenes of scripts/screens.py are played: a terminal with a program behind it.

It is the real loader on a machine of QEMU's, or, in seconds, the same prompt and menu in a
process of this PC, with the images as its disks.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pyte

from kxsh.console.prompt import loop as prompt
from kxsh.console.terminal import Terminal
from kxsh.errors import KxshError
from kxsh.image.guest import Guest
from kxsh.image.qemu import Disk, VirtualMachine
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.image import ImageMachine, ImageSpec
from kxsh.machine.protocol import Device, Ended
from kxsh.source import Source
from kxsh.syntax.parser import parse_script
from kxsh.usage import ends_unstarted

COLUMNS, ROWS = 80, 24
# What the firmware says last; the loader's own words come next.
_FIRMWARE = "USB(0x0,0x0)\r\n"


class Stage:
    """A program that runs on a terminal of 80x24."""

    def send(self, keys: str) -> None:
        """Type."""
        raise NotImplementedError

    @property
    def raw(self) -> str:
        """All that it has written."""
        raise NotImplementedError

    def screen(self) -> pyte.Screen:
        """Return what stands on its screen now."""
        screen = pyte.Screen(COLUMNS, ROWS)
        pyte.Stream(screen).feed(self.raw)
        return screen

    def text(self) -> str:
        """Return the same as lines, without what is empty at their ends."""
        return "\n".join(line.rstrip() for line in self.screen().display).rstrip()


class Emulated(Stage):
    """The loader under OVMF, seen from its serial line; the first image is its stick."""

    def __init__(self, guest: Guest) -> None:
        self._guest = guest

    def send(self, keys: str) -> None:
        self._guest.send(keys)

    @property
    def raw(self) -> str:
        return self._guest.serial.raw.rpartition(_FIRMWARE)[2]


class Native(Stage):
    """The same on a pty of this PC: `main` below."""

    def __init__(self, process: pexpect.spawn[str]) -> None:
        self._process = process
        self._said = ""
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, keys: str) -> None:
        self._process.send(keys)

    @property
    def raw(self) -> str:
        return self._said

    def _listen(self) -> None:
        with contextlib.suppress(pexpect.EOF, OSError):
            while True:
                self._said += self._process.read_nonblocking(4096, timeout=None)


@contextlib.contextmanager
def emulated(images: list[Path], monitor: Path) -> Iterator[Stage]:
    """Give the stage of a virtual machine, whose QEMU obeys at `monitor`."""
    disks = [Disk(images[0]), *(Disk(image, bus="sata") for image in images[1:])]
    with Guest(VirtualMachine(tuple(disks), monitor=monitor)) as guest:
        yield Emulated(guest)


@contextlib.contextmanager
def native(script: Path, images: list[Path]) -> Iterator[Stage]:
    """Give the stage of a process that runs the script."""
    process = pexpect.spawn(
        sys.executable,
        [__file__, str(script), *map(str, images)],
        env={**os.environ, "TERM": "linux"},
        dimensions=(ROWS, COLUMNS),
        encoding="utf-8",
    )
    try:
        yield Native(process)
    finally:
        process.close(force=True)


def main(script: str, *images: str) -> None:
    """Run a script as the loader does, with images instead of a machine's disks."""
    with ImageMachine([ImageSpec(image) for image in images]) as machine:
        terminal = Terminal(sys.stdin, sys.stdout, color=True, serial=True)
        esp = machine.add_empty(Device("/dev/sda2", label="KXSH", fstype="vfat", disk="/dev/sda"))
        interpreter = Interpreter(machine, terminal, esp=esp)
        terminal.interpreter = interpreter
        source = Source("EFI/BOOT/boot.kxs", Path(script).read_text())

        def attempt() -> KxshError:
            try:
                interpreter.attempt(parse_script(source))
                return ends_unstarted()
            except KxshError as error:
                return error

        try:
            error = attempt()
            interpreter.interactive = True
            prompt.run(interpreter, terminal, error=error, retry=attempt)
        except Ended as end:
            print(f"-- {end.how}")


if __name__ == "__main__":
    main(*sys.argv[1:])
