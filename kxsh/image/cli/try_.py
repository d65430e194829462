"""`kximage try`: boot an image in QEMU, by UEFI or BIOS, as a disk or a CD."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType

from kxsh.image import accelerator, qemu, tools
from kxsh.image.guest import Guest, GuestEnded, GuestTimeout
from kxsh.image.qemu import Disk, VirtualMachine
from kxsh.image.tools import ImageError
from kxsh.text import display, duration

HELP = """\
Boot an image in QEMU. The image is never changed: what the guest writes is forgotten.

  kximage try out.iso                        a window, UEFI, a USB stick
  kximage try out.iso --headless             the serial line in this terminal (Ctrl-A x ends)
  kximage try out.iso --headless --until 'Kernel command line: .*'
                                             exit 0 once the serial line showed it, 1 if not
  kximage try old.iso --firmware seabios     as an old PC would boot it
"""

# With --until alone a boot must end some time: an emulated CPU is slow, not endless.
_DEFAULT_TIMEOUT = 300.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "images", nargs="+", metavar="IMAGE", type=Path, help="an image; more are further drives"
    )
    parser.add_argument(
        "--as", dest="kind", choices=("disk", "cd"), default="disk", help="the drive (disk)"
    )
    parser.add_argument("--bus", choices=qemu.BUSES, default="usb", help="for a disk (usb)")
    parser.add_argument("--firmware", choices=("ovmf", "seabios"), default="ovmf")
    parser.add_argument(
        "--memory", type=_memory, default=qemu.DEFAULT_MEMORY, metavar="M", help="MiB (512)"
    )
    parser.add_argument(
        "--network", action="store_true", help="a network card; this machine is 10.0.2.2"
    )
    parser.add_argument("--headless", action="store_true", help="no window, serial line only")
    parser.add_argument("--until", metavar="REGEX", type=_pattern, help="end when this was seen")
    parser.add_argument("--timeout", type=_seconds, metavar="S", help="seconds until given up")


def run(arguments: argparse.Namespace) -> int:
    machine = _machine(arguments)
    _announce(machine)
    if arguments.until is not None:
        return _until(machine, arguments.until, arguments.timeout or _DEFAULT_TIMEOUT)
    return _interactive(machine, arguments.timeout)


def _machine(arguments: argparse.Namespace) -> VirtualMachine:
    cd = arguments.kind == "cd"
    watching = arguments.headless or arguments.until is not None
    return VirtualMachine(
        disks=tuple(Disk(path, bus=arguments.bus, cd=cd) for path in arguments.images),
        firmware=arguments.firmware,
        memory=arguments.memory,
        network=arguments.network,
        display="none" if watching or not _has_desktop() else "window",
        restarts=arguments.until is None,
        accelerator=accelerator.choose(),
    )


def _has_desktop() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _announce(machine: VirtualMachine) -> None:
    speed = "" if machine.accelerator == "kvm" else " (emulated: KVM does not work here)"
    first = machine.disks[0]
    drive = "a CD" if first.cd else f"a {first.bus} disk"
    line = f"{display(str(first.path))} as {drive}, {machine.firmware}, {machine.memory} MiB"
    print(f"kximage: {line}{speed}", file=sys.stderr)
    if machine.display == "none" and sys.stdin.isatty():
        print("kximage: the serial line is in this terminal; Ctrl-A x ends", file=sys.stderr)


def _until(machine: VirtualMachine, pattern: str, timeout: float) -> int:
    """Show the serial line until `pattern` was on it; return the exit code."""
    previous = signal.signal(signal.SIGTERM, _interrupt)
    try:
        with Guest(machine, listener=_show) as guest:
            guest.expect(pattern, timeout)
            guest.serial.find("\n", 1.0)  # the rest of that line
            print(f"\nkximage: seen after {guest.seconds:.1f} s", file=sys.stderr)
            return 0
    except (GuestTimeout, GuestEnded) as error:
        print(f"\nkximage: {error.message}", file=sys.stderr)
        return 1
    finally:
        signal.signal(signal.SIGTERM, previous)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _show(text: str) -> None:
    shown = (line if line.isprintable() else display(line, len(line) * 6) for line in _lines(text))
    try:
        sys.stdout.write("\n".join(shown))
        sys.stdout.flush()
    except BrokenPipeError:
        # This runs beside the main thread, which ends the machine on a signal.
        os.kill(os.getpid(), signal.SIGTERM)


def _lines(text: str) -> list[str]:
    return text.replace("\t", "        ").split("\n")


def _interactive(machine: VirtualMachine, timeout: float | None) -> int:
    """Hand this terminal to the guest's serial line; return the exit code."""
    with tempfile.TemporaryDirectory(prefix="kximage-") as folder:
        argv = qemu.arguments(machine, Path(folder))
        # QEMU itself puts the terminal into raw mode and back, and knows Ctrl-A x.
        argv += ["-serial", "mon:stdio"]
        process = tools.start(qemu.command(argv), stdin=None, stdout=None, stderr=None)
        try:
            status = process.wait(timeout)
        except subprocess.TimeoutExpired as error:
            raise ImageError(f"ended after {duration(timeout or 0)}, as --timeout said") from error
        finally:
            process.terminate()
            process.wait()
    if status != 0:
        raise ImageError(f"QEMU ended with status {status}", hint="its own message is above")
    return 0


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"not a regular expression: {error}") from error
    return text


def _memory(text: str) -> int:
    number = text.removesuffix("M")
    if not number.isascii() or not number.isdigit() or int(number) < 1:
        raise argparse.ArgumentTypeError("a number of MiB, such as 512")
    return int(number)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < 1e6:
        raise argparse.ArgumentTypeError("a number of seconds, such as 120")
    return seconds
