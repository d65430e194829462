"""Boots of `make bench`: one emulated machine, its clock and its lines."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path

from bench_image import Contender

from kxsh.image import accelerator
from kxsh.image.firmware import OVMF_LEAST_MEMORY
from kxsh.image.guest import Guest, GuestEnded, GuestTimeout
from kxsh.image.progress import Progress
from kxsh.image.qemu import DEFAULT_MEMORY, Disk, VirtualMachine
from kxsh.image.tools import ImageError

_TIMEOUT = 180.0
# With too little memory a boot fails in many ways; all of them take longer than this.
_LEAST_TIMEOUT = 60.0
_FAILED = r"Kernel panic|Out of memory|ash loader: |error\[|not enough memory|kxsh ended"
_STEP = 16  # MiB

_INIT = re.compile(r"^\[ *(\d+\.\d+)\] Run \S+ as init process", re.MULTILINE)
_JUMP = re.compile(r"^\[ *(\d+\.\d+)\] kexec_core: Starting new kernel", re.MULTILINE)
_MARK = re.compile(r"^\[ *(\d+\.\d+)\] kxsh: (.*)$", re.MULTILINE)
_FIRST_LINE = r"^\[ *\d+\.\d+\] Linux version .*$"


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds: by the loader kernel's clock, and between lines as they arrived here.

    `marks` are what kxsh left in the kernel's log: text -> seconds since init.
    """

    init_to_jump: float
    start_to_target: float
    marks: dict[str, float]


def machine_in_words() -> str:
    """Return what was measured on: ``one emulated CPU (TCG), 512 MiB, ...``."""
    kind = "one CPU under KVM" if accelerator.choose() == "kvm" else "one emulated CPU (TCG)"
    return f"QEMU q35, {kind}, {DEFAULT_MEMORY} MiB, OVMF, image on a USB stick"


def boot(contender: Contender) -> Run:
    """Boot once until the target's first line. Raises ImageError when it does not come."""
    with _start(contender.image) as guest:
        guest.expect(_FIRST_LINE, _TIMEOUT)
        started = time.monotonic()
        _expect_target(guest)
        ended = time.monotonic()
        text = guest.serial.text
    init = _stamp(_INIT, text)
    marks = {found[2]: float(found[1]) - init for found in _MARK.finditer(text)}
    return Run(_stamp(_JUMP, text) - init, ended - started, marks)


def _expect_target(guest: Guest) -> None:
    """Wait for the target. Raises ImageError when the loader failed."""
    if not guest.expect(f"{_FIRST_LINE}|{_FAILED}", _TIMEOUT)[0].startswith("["):
        guest.serial.find("> ", 5)  # the rest of what it says
        last = "\n  ".join(guest.serial.last_lines(12))
        raise ImageError(f"the loader did not start the target:\n  {last}")


def _stamp(pattern: re.Pattern[str], text: str) -> float:
    found = pattern.search(text)
    assert found, f"the loader's kernel did not say {pattern.pattern}"
    return float(found[1])


def peak_memory(contender: Contender) -> float:
    """Return the most memory in use before the jump, in MiB: MemTotal less MemAvailable."""
    with _start(contender.sampled) as guest:
        guest.expect(_FIRST_LINE, _TIMEOUT)
        _expect_target(guest)
        samples = re.findall(r"bench: in use (\d+) kB", guest.serial.text)
    return max(int(sample) for sample in samples) / 1024


def least_memory(contender: Contender, progress: Progress) -> float:
    """Return the least ``-m`` (MiB, in steps of 16) with which the target starts.

    The firmware's own least is the floor, and it is tried first.
    """
    low, high, middle = OVMF_LEAST_MEMORY - _STEP, DEFAULT_MEMORY, OVMF_LEAST_MEMORY
    while high - low > _STEP:
        boots = _boots_with(contender, middle)
        progress.step(f"{contender.name}, {middle} MiB: {'boots' if boots else 'does not'}")
        low, high = (low, middle) if boots else (middle, high)
        middle = (low + high) // 2 // _STEP * _STEP
    return high


def _boots_with(contender: Contender, memory: int) -> bool:
    try:
        with _start(contender.image, memory) as guest:
            guest.expect(_FIRST_LINE, _LEAST_TIMEOUT)
            return guest.expect(f"{_FIRST_LINE}|{_FAILED}", _LEAST_TIMEOUT)[0].startswith("[")
    except (GuestTimeout, GuestEnded):
        return False


def _start(image: Path, memory: int = DEFAULT_MEMORY) -> Guest:
    return Guest(VirtualMachine(disks=(Disk(image),), memory=memory))
