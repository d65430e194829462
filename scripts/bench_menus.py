"""How long a GRUB 2 menu takes to read, beside GRUB's own syntax check of the same file.

`grub-script-check` only parses; the reader runs the script and the body of every entry.
The real configurations are those of the reference data (see tests/conftest.py); without
it they are left out.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from kxsh.machine.root import DirectoryRoot
from kxsh.menus import grub2

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("KXSH_SHARED", ROOT.parent / "shared"))
REAL = {
    "Ubuntu 13.04": "corpus/petitboot/grub2-ubuntu-13_04-x86/__test0/grub.cfg",
    "Ubuntu 22.04": "wild/grub2/ubuntu-22.04-installed/boot/grub/grub.cfg",
    "Fedora 43 live": "corpus/uroot/grub2-iso-loopback/Fedora-Workstation-Live-43-1.6.x86_64/iso"
    "/boot/grub2/grub.cfg",
    "RHEL 8": "corpus/petitboot/grub2-rhel8/__test0/grub/grub.cfg",
}
COUNTS = (1000, 10_000)
ROUNDS = 20


def entries(count: int) -> str:
    """Return a configuration of so many entries that each load a kernel and an initrd."""
    one = "menuentry 'Linux {0}' --id l{0} {{\n linux /vmlinuz-{0} root=/dev/sda1 ro $x\n"
    one += " initrd /i{0}\n}}\n"
    return "x=quiet\n" + "".join(one.format(number) for number in range(count))


def median(action: Callable[[], object], rounds: int) -> float:
    """Return the median of an action's milliseconds."""
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return 1000 * statistics.median(times)


def measure(path: Path, rounds: int) -> tuple[int, float, float]:
    """Return (entries, ms to read them, ms of grub-script-check as a whole process)."""
    root = DirectoryRoot(str(path.parent))
    found = len(grub2.read(root, path.name).entries)
    ours = median(lambda: grub2.read(root, path.name), rounds)
    check = ["grub-script-check", str(path)]
    theirs = median(lambda: subprocess.run(check, check=False, capture_output=True), rounds)
    return found, ours, theirs


def report() -> str:
    """Return the table in Markdown."""
    lines = [
        "| configuration | bytes | entries | read and run | grub-script-check |",
        "|---|---|---|---|---|",
    ]

    def add(name: str, path: Path, rounds: int) -> None:
        found, ours, theirs = measure(path, rounds)
        size = path.stat().st_size
        lines.append(f"| {name} | {size} | {found} | {ours:.1f} ms | {theirs:.1f} ms |")

    for name, place in REAL.items():
        if (SHARED / place).is_file():
            add(name, SHARED / place, ROUNDS)
    with tempfile.TemporaryDirectory(prefix="kxsh-bench-") as folder:
        for count in COUNTS:
            path = Path(folder) / f"{count}.cfg"
            path.write_text(entries(count))
            add(f"{count} entries", path, 5)
    return "\n".join(lines)


if __name__ == "__main__":
    print(report())
    sys.exit(0)
