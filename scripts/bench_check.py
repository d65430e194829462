"""How long `kxsh --check` takes, as a person waits for it: the whole process, beside ShellCheck.

The aim is 150 ms for 100 lines, and a cost that grows as the script does.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench_lsp import script

LENGTHS = (100, 1000, 10_000)
_KXSH = Path(sys.executable).parent / "kxsh"
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


def seconds(words: list[str], rounds: int) -> float:
    """Return the median wall time of a command that may find something (exit 0 or 1)."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        times.append(time.perf_counter() - begin)
        if done.returncode not in (0, 1):
            raise SystemExit(f"bench: {words[0]} failed: {done.stderr}")
    return statistics.median(times)


def report() -> str:
    """Return a table in Markdown."""
    lines = ["| script | kxsh --check | shellcheck |", "|---|---|---|"]
    with tempfile.TemporaryDirectory(prefix="kxsh-bench-") as folder:
        kxs, shell = Path(folder, "boot.kxs"), Path(folder, "boot.sh")
        for length in LENGTHS:
            kxs.write_text(script(length), encoding="utf-8")
            shell.write_text(shell_script(length), encoding="utf-8")
            rounds = 11 if length == LENGTHS[0] else 3
            ours = seconds([str(_KXSH), "--check", str(kxs)], rounds)
            theirs = seconds(["shellcheck", str(shell)], rounds)
            lines.append(f"| {length} lines | {ours * 1000:.0f} ms | {theirs * 1000:.0f} ms |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(report())
