"""Orders to a running QEMU by its machine protocol (QMP), over the socket of
`VirtualMachine.monitor`."""

from __future__ import annotations

import json
import socket
import tempfile
from pathlib import Path


def order(monitor: Path, name: str, **arguments: object) -> None:
    """Have QEMU do something, and wait until it is done."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(monitor))
        answers = line.makefile()
        answers.readline()  # its greeting
        for step, words in (("qmp_capabilities", {}), (name, arguments)):
            line.sendall(json.dumps({"execute": step, "arguments": words}).encode())
            while "return" not in (answer := json.loads(answers.readline())):
                assert "error" not in answer, answer  # anything else is an event


def press(monitor: Path, *keys: str) -> None:
    """Press keys of the machine's own keyboard together, by QEMU's names of them."""
    order(monitor, "send-key", keys=[{"type": "qcode", "data": key} for key in keys])


def choke(monitor: Path, disk: int) -> None:
    """Have a disk take one byte in a second from now on: who writes to it hangs."""
    limits = dict.fromkeys(("bps", "bps_rd", "iops", "iops_rd", "iops_wr"), 0)
    order(monitor, "block_set_io_throttle", device=f"disk{disk}", bps_wr=1, **limits)


def photograph(monitor: Path) -> bytes:
    """Return what is on the video console, as a PPM."""
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / "dump.ppm"
        order(monitor, "screendump", filename=str(dump))
        return dump.read_bytes()
