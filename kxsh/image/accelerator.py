"""KVM where it works, QEMU's own emulation (TCG) where it does not.

That `/dev/kvm` can be opened proves little: inside another virtual machine QEMU may
abort after the accelerator came up, or firmware may never get out of 32-bit mode. So
the first run on a machine boots OVMF under KVM and waits for its first word on the
serial line; the verdict is kept in the user's cache.
"""

from __future__ import annotations

import os
import select
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Literal

from kxsh.errors import KxshError
from kxsh.image import firmware, tools

Accelerator = Literal["kvm", "tcg"]

_PROBE_SECONDS = 12.0


def choose() -> Accelerator:
    """Return ``kvm`` when it runs firmware on this machine, else ``tcg``."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return "tcg"
    memory = _cache() / "accelerator"
    fingerprint = _fingerprint()
    verdict = _recall(memory, fingerprint)
    if verdict is None:
        verdict = "kvm" if _firmware_speaks() else "tcg"
        _remember(memory, f"{verdict} {fingerprint}\n")
    return verdict


def arguments(accelerator: Accelerator) -> list[str]:
    """Return QEMU's arguments for an accelerator, with every CPU feature it can offer."""
    if accelerator == "kvm":
        return ["-accel", "kvm", "-cpu", "host"]
    return ["-accel", "tcg,thread=multi", "-cpu", "max"]


def _firmware_speaks() -> bool:
    try:
        with tempfile.TemporaryDirectory(prefix="kximage-") as folder:
            argv = ["qemu-system-x86_64", "-machine", "q35", "-m", "256", "-nodefaults"]
            argv += ["-display", "none", "-serial", "stdio", *arguments("kvm")]
            argv += firmware.arguments("ovmf", Path(folder))
            return _writes_soon(argv)
    except KxshError:
        return False


def _writes_soon(argv: list[str]) -> bool:
    process = tools.start(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    try:
        deadline = time.monotonic() + _PROBE_SECONDS
        ready, _, _ = select.select([process.stdout], [], [], deadline - time.monotonic())
        # An aborting QEMU closes its end: readable, but empty.
        return bool(ready and os.read(process.stdout.fileno(), 1))
    finally:
        process.kill()
        process.communicate()


def _fingerprint() -> str:
    # A new kernel or another QEMU may change the answer.
    system = os.uname()
    binary = os.stat(tools.require("qemu-system-x86_64"))
    return f"{system.nodename} {system.release} {binary.st_size} {int(binary.st_mtime)}"


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "kxsh"


def _recall(memory: Path, fingerprint: str) -> Accelerator | None:
    try:
        verdict, _, known = memory.read_text().strip().partition(" ")
    except OSError:
        return None
    if known != fingerprint:
        return None
    return "kvm" if verdict == "kvm" else "tcg"


def _remember(memory: Path, line: str) -> None:
    try:
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(line)
    except OSError:
        pass  # a read-only home only means another probe next time
