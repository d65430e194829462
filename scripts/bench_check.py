"""How long `kxsh --check` takes, as a person waits for it: the whole process, beside ShellCheck.

The aim is 150 ms for 100 lines, and a cost that grows as the script does. A machine that does
other things delays both programs, so the processor time that each took is told too.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_lsp import script

LENGTHS = (100, 1000, 10_000)
_KXSH = Path(sys.executable).parent / "kxsh"
# Python writes no byte code where this is set, and compiles all of kxsh each time; what is
# installed from a wheel has it. The first run of each command writes it, and is not counted.
_ENVIRONMENT = {
    name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"
}
_SHELL = """\
# Start system {0}, unless its disk is not there.
start_{0}() {{
  mount -o ro "LABEL=SYSTEM{0}" /mnt || return
  if [ ! -e /mnt/boot/vmlinuz ]; then
    echo "no kernel on {0}" >&2
    return
  fi
  kexec --load /mnt/boot/vmlinuz --initrd=/mnt/boot/initrd.img --append="root=PARTLABEL=root{0}"
  umount /mnt
  kexec -e
}}
start_{0}
"""


def shell_script(lines: int) -> str:
    """Return a shell script of about this many lines."""
    parts = [_SHELL.format(number) for number in range(lines // _SHELL.count("\n"))]
    return "#!/bin/sh\n" + "".join(parts)


def seconds(words: list[str], rounds: int) -> tuple[float, float]:
    """Return the medians of the wall and the processor time of a command that may find
    something (exit 0 or 1)."""
    walls, busy = [], []
    for number in range(rounds + 1):
        before, begin = _processor_time(), time.perf_counter()
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=_ENVIRONMENT)
        if done.returncode not in (0, 1):
            raise SystemExit(f"bench: {words[0]} failed: {done.stderr}")
        if number:
            walls.append(time.perf_counter() - begin)
            busy.append(_processor_time() - before)
    return statistics.median(walls), statistics.median(busy)


def _processor_time() -> float:
    """Return the seconds that ended children took, their system calls included."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def report() -> str:
    """Return a table in Markdown."""
    lines = [
        "| script | kxsh --check | processor time | shellcheck | processor time |",
        "|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory(prefix="kxsh-bench-") as folder:
        kxs, shell = Path(folder, "boot.kxs"), Path(folder, "boot.sh")
        for length in LENGTHS:
            kxs.write_text(script(length), encoding="utf-8")
            shell.write_text(shell_script(length), encoding="utf-8")
            rounds = 21 if length == LENGTHS[0] else 3
            ours = seconds([str(_KXSH), "--check", str(kxs)], rounds)
            theirs = seconds(["shellcheck", str(shell)], rounds)
            times = " | ".join(f"{value * 1000:.0f} ms" for value in (*ours, *theirs))
            lines.append(f"| {length} lines | {times} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(report())
