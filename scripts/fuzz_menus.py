"""`make fuzz MINUTES=10`, its second half: the menu readers on files that no person writes.

A file that raises, breaks what holds of every menu, or takes more than two seconds of
processor time is written to build/fuzz and ends the run with exit code 1. Real files are
changed too where KXSH_SHARED names a folder that has some.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "menus"))

import menu_fuzz  # noqa: E402

_FOUND = ROOT / "build" / "fuzz"


def main() -> int:
    parser = argparse.ArgumentParser(description="Fuzz the menu readers.")
    parser.add_argument("--minutes", type=float, default=5, help="how long, at least (5)")
    parser.add_argument("--seed", type=int, help="begin with this one (random)")
    arguments = parser.parse_args()
    first = random.randrange(10**9) if arguments.seed is None else arguments.seed
    shared = Path(os.environ.get("KXSH_SHARED", ROOT.parent / "shared"))
    tally = menu_fuzz.run(arguments.minutes * 60, shared, first)
    for number, (form, data, fault) in enumerate(tally.broken):
        _FOUND.mkdir(parents=True, exist_ok=True)
        path = _FOUND / f"{form}-{number:03}"
        path.write_bytes(data)
        print(f"{path}: {fault}")
    print(f"{tally.files} menu files from seed {first} on, {len(tally.broken)} broke a bound; "
          f"the slowest took {tally.slowest:.2f} s")  # fmt: skip
    return 1 if tally.broken else 0


if __name__ == "__main__":
    sys.exit(main())
