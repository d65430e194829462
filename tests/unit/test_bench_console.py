"""What the benchmark of the console counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from bench_console import processor_time

# Works for 0.4 s in a child, for 0.2 s in one of that, and waits.
PROGRAM = """
import os, sys, time
def work(seconds):
    while time.process_time() < seconds:
        pass
if os.fork() == 0:
    work(0.4)
    if os.fork() == 0:
        work(0.2)
        os._exit(0)
    os.wait()
    print("done", flush=True)
    sys.stdin.read()
    os._exit(0)
os.wait()
"""


def test_the_processes_that_one_started_count() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stdin is not None
        assert process.stdout.readline() == b"done\n"
        assert processor_time(process.pid) >= 550
