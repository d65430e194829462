"""`kximage adapt` killed, interrupted and out of room: inputs untouched, OUT whole or absent."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import adapt_images as images
import pytest
from adapt_images import sha256

MOMENTS = 50
COMMAND = [sys.executable, "-m", "kxsh.image", "adapt"]


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A hybrid ISO of some size, a loader and a script."""
    folder = tmp_path_factory.mktemp("inputs")
    tree = images.make_tree(folder / "tree")
    (tree / "big").write_bytes(random.Random(1).randbytes(40 << 20))
    script = folder / "boot.kxs"
    script.write_text(images.SCRIPT)
    return {
        "image": images.make_hybrid(folder / "in.iso", tree),
        "--loader": images.make_loader(folder / "loader.efi"),
        "--script": script,
    }


def command(inputs: dict[str, Path], out: Path) -> list[str]:
    options = [str(word) for name in ("--loader", "--script") for word in (name, inputs[name])]
    return [*COMMAND, str(inputs["image"]), "-o", str(out), *options]


@pytest.fixture(scope="module")
def whole(inputs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, float]:
    """The checksum of a result that was not disturbed, and the seconds that it took."""
    out = tmp_path_factory.mktemp("whole") / "out.iso"
    subprocess.run(command(inputs, out), check=True, capture_output=True)
    out.unlink()
    began = time.monotonic()
    subprocess.run(command(inputs, out), check=True, capture_output=True)
    return sha256(out), time.monotonic() - began


@pytest.mark.slow
def test_killed_at_random_moments(
    inputs: dict[str, Path], whole: tuple[str, float], tmp_path: Path
) -> None:
    before = {name: sha256(path) for name, path in inputs.items()}
    checksum, seconds = whole
    moments = random.Random(20260101)
    out = tmp_path / "out.iso"
    killed = 0
    for _ in range(4 * MOMENTS):
        process = subprocess.Popen(
            command(inputs, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(moments.uniform(0.02, 1.05 * seconds))
        process.kill()
        killed += process.wait() == -signal.SIGKILL
        assert {name: sha256(path) for name, path in inputs.items()} == before
        left = list(tmp_path.iterdir())
        assert left in ([], [out]), "nothing but a whole result under its own name"
        if left:
            assert sha256(out) == checksum
            out.unlink()
        if killed == MOMENTS:  # runs that ended before the blow do not count
            return
    pytest.fail(f"only {killed} runs were killed before their end")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(inputs: dict[str, Path], tmp_path: Path, number: signal.Signals) -> None:
    out = tmp_path / "out.iso"
    process = subprocess.Popen(command(inputs, out), stderr=subprocess.PIPE)
    assert process.stderr is not None
    with process.stderr:
        for line in process.stderr:
            if b"copying" in line:
                process.send_signal(number)
                break
        said = process.stderr.read()
    status = process.wait()
    assert not list(tmp_path.iterdir())
    if number == signal.SIGINT:
        assert status == 130
        assert b"interrupted; nothing was changed" in said
    else:
        assert status == -signal.SIGTERM


def test_a_file_size_limit_is_named(inputs: dict[str, Path], tmp_path: Path) -> None:
    """RLIMIT_FSIZE stands for every write that fails in the middle."""
    for limit in (1 << 20, inputs["image"].stat().st_size + (1 << 20)):
        done = subprocess.run(
            ["prlimit", f"--fsize={limit}", *command(inputs, tmp_path / "out.iso")],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert "too large" in done.stderr.lower()
        assert not list(tmp_path.iterdir())


def test_a_full_disk_is_named(inputs: dict[str, Path], tmp_path: Path) -> None:
    """Without room nothing is begun, and a disk that fills up meanwhile leaves nothing."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    script = (
        'mount -t tmpfs -o size=$1 none "$2" && shift && cd "$1" && shift && "$@"; status=$?;'
        " ls -A; exit $status"
    )
    out = tmp_path / "out.iso"
    shell = ["unshare", "-m", "sh", "-c", script, "sh", "20m", str(tmp_path)]
    done = subprocess.run(
        [*shell, *command(inputs, out)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "no room in" in done.stderr
    assert "MiB are needed" in done.stderr
