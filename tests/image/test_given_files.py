"""Files given on a command line that are no files: nothing waits for a pipe's other end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_RUN = {
    "kximage kernel": ("kxsh.image", "kernel", "pipe"),
    "kximage kernel -o": ("kxsh.image", "kernel", "pipe", "-o", "copy"),
    "kximage entries": ("kxsh.image", "entries", "pipe"),
    "kximage entries --device": ("kxsh.image", "entries", "--device", "sda1=pipe"),
    "kximage adapt": ("kxsh.image", "adapt", "pipe", "-o", "out"),
    "kximage try": ("kxsh.image", "try", "pipe"),
    "kximage loader": ("kxsh.image", "loader", "-o", "l", "--kernel", "pipe", "--modules", "."),
    "kxsh FILE": ("kxsh.cli", "pipe"),
    "kxsh --check": ("kxsh.cli", "--check", "pipe"),
    "kxsh --check --initramfs": ("kxsh.cli", "--check", "--initramfs", "pipe", "a.kxs"),
    "kxsh --check --image": ("kxsh.cli", "--check", "--image", "pipe", "a.kxs"),
    "kxsh --check --esp": ("kxsh.cli", "--check", "--image", ".", "--esp", "pipe", "a.kxs"),
    "kxsh --fmt": ("kxsh.cli", "--fmt", "pipe"),
}
_REFUSALS = ("named pipe", "neither an image", "not a file", "neither a file", "no folder")


def run(folder: Path, *words: str, text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        input=text,
        capture_output=True,
        text=True,
        timeout=30,
    )


@pytest.mark.parametrize("name", _RUN)
def test_a_named_pipe_is_refused_at_once(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "a.kxs").write_text("kxs 1\nsay 1\n")
    done = run(tmp_path, *_RUN[name])
    assert done.returncode in (1, 2)
    said = done.stdout + done.stderr
    assert "pipe" in said and "Traceback" not in said
    assert any(why in said for why in _REFUSALS), said


def test_a_pipe_of_the_shell_is_read(tmp_path: Path) -> None:
    done = run(tmp_path, "kxsh.cli", "--check", "/dev/stdin", text="kxs 1\nsay 1\n")
    assert done.returncode == 0, done.stdout + done.stderr
