"""`make fuzz MINUTES=10`: texts that no person writes, through parser and checker.

Three kinds in turn until the time is over: files as bad as 1 MB can be (each once, as a
process of its own), random programs of the grammar, and the repository's scripts with
random changes in their bytes. Prints how many, the slowest, and the most memory; a text
that raises, or takes more than two seconds of processor time, is written to build/fuzz
and ends the run with exit code 1.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from hostile_texts import texts  # noqa: E402
from test_fuzz import PROGRAMS, TEXTS  # noqa: E402

from kxsh.checker import check_source  # noqa: E402
from kxsh.errors import ParseError  # noqa: E402
from kxsh.syntax.decode import decode_source  # noqa: E402

SECONDS, MEGABYTES = 2.0, 200.0
_FOUND = ROOT / "build" / "fuzz"
_DRAWING = settings(
    max_examples=200,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
_CHECK = """
import json, resource, sys
from kxsh.cli import main
main(["--check", sys.argv[1]])
used = resource.getrusage(resource.RUSAGE_SELF)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
memory = int(peak.split()[1]) / 1024
print(json.dumps([used.ru_utime + used.ru_stime, memory]), file=sys.stderr)
"""


class Tally:
    """What was seen so far; `add` keeps a text that broke a bound."""

    def __init__(self) -> None:
        self.runs = 0
        self.slowest = (0.0, "")
        self.broken: list[str] = []

    def add(self, name: str, data: bytes, seconds: float, fault: str = "") -> None:
        self.runs += 1
        self.slowest = max(self.slowest, (seconds, name))
        if seconds > SECONDS:
            fault = fault or f"{seconds:.1f} s"
        if fault:
            _FOUND.mkdir(parents=True, exist_ok=True)
            path = _FOUND / f"{len(self.broken):03}.kxs"
            path.write_bytes(data)
            self.broken.append(f"{path}: {name}: {fault}")
            print(self.broken[-1])

    def check(self, name: str, data: bytes) -> None:
        """Check a text in this process."""
        begin, fault = time.process_time(), ""
        try:
            for item in check_source(decode_source("fuzz.kxs", data)):
                assert item.span is not None
        except ParseError:
            pass  # not UTF-8
        except Exception as error:
            fault = f"{type(error).__name__}: {error}"
        self.add(name, data, time.process_time() - begin, fault)


def hostile(tally: Tally) -> float:
    """Check each of the worst files in a process; return the most memory in MB."""
    most = 0.0
    path = _FOUND / "text.kxs"
    _FOUND.mkdir(parents=True, exist_ok=True)
    for name, text in texts():
        data = text.encode()[:1_000_000]
        path.write_bytes(data)
        words = [sys.executable, "-c", _CHECK, str(path)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            tally.add(name, data, 0, done.stderr[-300:])
            continue
        seconds, memory = json.loads(done.stderr.splitlines()[-1])
        most = max(most, memory)
        tally.add(name, data, seconds, f"{memory:.0f} MB" if memory > MEGABYTES else "")
    return most


def drawn(tally: Tally, number: int) -> None:
    """Check some hundred random programs and texts."""
    for kind, strategy in (("program", PROGRAMS), ("text", TEXTS)):
        name = f"{kind} of seed {number}"

        def run(text: str) -> None:
            tally.check(name, text.encode("utf-8", "surrogatepass"))  # noqa: B023

        seed(number)(_DRAWING(given(strategy)(run)))()


def changed(chance: random.Random) -> Iterator[bytes]:
    """Yield the repository's scripts, each with some bytes changed."""
    for path in sorted(ROOT.glob("*/**/*.kxs")):
        if ".venv" in path.parts or "build" in path.parts:
            continue
        data = bytearray(path.read_bytes())
        for _ in range(chance.randint(1, 8)):
            place = chance.randrange(len(data) + 1)
            data[place : place + chance.randint(0, 6)] = chance.randbytes(chance.randint(0, 4))
        yield bytes(data)


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz the parser and the checker.")
    parser.add_argument("--minutes", type=float, default=5, help="how long, at least (5)")
    minutes = parser.parse_args().minutes
    end = time.monotonic() + minutes * 60
    tally = Tally()
    memory = hostile(tally)
    print(f"{tally.runs} files of 1 MB: slowest {tally.slowest[0]:.2f} s of processor time "
          f"({tally.slowest[1]}), at most {memory:.0f} MB")  # fmt: skip
    worst, tally.slowest = tally.slowest, (0.0, "")
    number = 0
    while time.monotonic() < end:
        number += 1
        drawn(tally, number)
        for data in changed(random.Random(number)):
            tally.check(f"changed script of seed {number}", data)
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{tally.runs} texts in all, {len(tally.broken)} broke a bound; the slowest file took "
          f"{worst[0]:.2f} s, the slowest small text {tally.slowest[0]:.2f} s; memory of this "
          f"process: {own:.0f} MB")  # fmt: skip
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
