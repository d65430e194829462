"""`kximage try`: its exit code tells what was seen, and no QEMU is left behind."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import legacy_images
import pytest
from lab import Lab

PROGRAM = [sys.executable, "-m", "kxsh.image", "try"]
BIOS = ["--firmware", "seabios", "--headless"]


def start(*words: str | Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PROGRAM, *map(str, words)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def machines_with(image: Path) -> list[int]:
    """Return the processes that have `image` on their command line, but not kximage."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if b"qemu" in words[0] and any(str(image).encode() in word for word in words):
            found.append(int(folder.name))
    return found


def test_seen_is_exit_code_0_and_the_image_is_as_it_was(lab: Lab) -> None:
    image = lab.legacy("mbr-syslinux")
    before = hashlib.sha256(image.read_bytes()).digest()
    with start(image, *BIOS, "--until", "^target userspace is up.*") as program:
        out, err = program.communicate(timeout=200)
    assert program.returncode == 0, err
    assert f"{legacy_images.TARGET_LINE}: {legacy_images.SYSLINUX_COMMAND_LINE}\n" in out
    assert "\x1b" not in out
    assert hashlib.sha256(image.read_bytes()).digest() == before


def test_not_seen_in_time_is_exit_code_1_with_the_last_lines(lab: Lab) -> None:
    image = lab.once("blank", lambda: _blank(lab))
    with start(image, *BIOS, "--until", "never", "--timeout", "2") as program:
        _, err = program.communicate(timeout=60)
    assert program.returncode == 1
    assert "no 'never' within 2s" in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_machine_is_left_behind(lab: Lab, number: signal.Signals) -> None:
    image = _blank(lab)
    with start(image, *BIOS, "--until", "never", "--timeout", "60") as program:
        deadline = time.monotonic() + 30
        while not machines_with(image):
            assert time.monotonic() < deadline, "QEMU was not started"
            time.sleep(0.05)
        os.kill(program.pid, number)
        program.communicate(timeout=30)
    assert program.returncode == (-number if number == signal.SIGKILL else 130)
    deadline = time.monotonic() + 10
    while machines_with(image):
        assert time.monotonic() < deadline, "QEMU still runs"
        time.sleep(0.05)


def _blank(lab: Lab) -> Path:
    path = lab.path("-blank.img")
    path.write_bytes(bytes(1 << 20))
    return path
