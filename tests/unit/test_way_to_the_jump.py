"""What a script on its way to the jump costs: modules that it has no use for stay away."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Each costs a slow target a tenth of a second or more.
HEAVY = ("re", "enum", "typing", "json", "logging", "dataclasses", "lark", "prompt_toolkit")
PROGRAM = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import kxsh.init
print(*[name for name in {HEAVY!r} if name in sys.modules])
"""


def test_the_start_imports_nothing_heavy() -> None:
    argv = [sys.executable, "-S", "-E", "-I", "-B", "-c", PROGRAM]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
