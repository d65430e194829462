"""Any file is refused or checked: within seconds, in little memory, with a finding.

The aim is two seconds and 200 MB on an idle machine; scripts/fuzz.py prints the figures.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_texts import TEXTS

from kxsh.checker import check_source
from kxsh.source import Source

# Runs `kxsh --check` and tells the processor time and the memory that it took.
PROGRAM = """
import json, resource, sys
from kxsh.cli import main
code = main(["--check", *sys.argv[1:]])
used = resource.getrusage(resource.RUSAGE_SELF)
# Not ru_maxrss: that is inherited from the process that started this one.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
memory = int(peak.split()[1]) / 1024
print(json.dumps([code, used.ru_utime + used.ru_stime, memory]), file=sys.stderr)
"""
SECONDS, MEGABYTES = 10, 200


def check(*words: str) -> tuple[int, float, float]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], capture_output=True, text=True, check=False
    )
    lines = done.stderr.splitlines()
    assert done.returncode == 0, done.stderr[-2000:]
    code, seconds, megabytes = json.loads(lines[-1])
    return code, seconds, megabytes


@pytest.mark.slow
@pytest.mark.parametrize("name", TEXTS)
def test_text(name: str, tmp_path: Path) -> None:
    path = tmp_path / "t.kxs"
    path.write_text(TEXTS[name]()[:1_000_000], encoding="utf-8", newline="")
    code, seconds, megabytes = check(str(path))
    assert code in (0, 1)
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\0" * 1_000_000, b"\xff" * 1_000_000, b"\xff\xfe" * 1000, b"\xef\xbb\xbf",
        bytes(range(256)) * 4000, b"kxs 1\n" + b"\x80", b"a" * 2_000_000, b"\r" * 1_000_000,
    ],
    ids=lambda data: repr(data[:6]),
)  # fmt: skip
def test_bytes(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "t.kxs"
    path.write_bytes(data)
    assert check(str(path), "--format", "json")[0] in (0, 1)


def test_a_file_without_end_is_refused() -> None:
    code, seconds, megabytes = check("/dev/zero")
    assert code == 1 and seconds < SECONDS and megabytes < MEGABYTES


def test_ten_thousand_ordinary_lines_are_checked() -> None:
    lines = "".join(
        f'let x{n} = {n}\nif $x{n} == 1 {{ say "a $x{n} b" }}\nsay $x{n}\n' for n in range(3334)
    )
    found = check_source(Source("t.kxs", "kxs 1\n" + lines + "say $nowhere\n"))
    assert [item.code for item in found] == ["KX101"]


def test_more_findings_than_anybody_reads() -> None:
    found = check_source(Source("t.kxs", "kxs 1\n" + "say $nowhere\n" * 2000))
    assert len(found) == 501
    assert [item.code for item in found if item.code != "KX101"] == ["KX904"]
