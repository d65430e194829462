"""`kxsh --dry-run`: what it cannot know is told, with what to do instead."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kxsh.cli import main


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A filesystem without partitions, as a stick may have one."""
    path = tmp_path / "disk.img"
    with path.open("wb") as file:
        file.truncate(4 * 1024 * 1024)
    subprocess.run(["mkfs.vfat", "-n", "DATA", str(path)], check=True, capture_output=True)
    return path


def rehearse(capsys: pytest.CaptureFixture[str], text: str, *options: str) -> tuple[int, str, str]:
    code = main(["--dry-run", *options, "-c", f"kxs 1\n{text}\nrecovery\n"])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_a_running_machines_files_are_not_in_an_image(
    image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = rehearse(capsys, "say (read /proc/cmdline)", "--image", str(image))
    assert code == 1
    assert "/proc/cmdline is a running machine's: an image has no such file" in err
    assert "help: `read FILE ?` gives null in a rehearsal" in err
    _, out, _ = rehearse(capsys, 'say ((read /proc/cmdline ?) ?? "none")', "--image", str(image))
    assert "what it would say:\n  none\n" in out


def test_without_an_image_no_loader_has_started_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = rehearse(capsys, "let s = state slots --default [a: 1]\nsave $s")
    assert code == 1
    assert "`kxsh --dry-run --image disk.img boot.kxs`" in " ".join(err.split())
    code, _, err = rehearse(capsys, 'say "$esp"')
    assert "help: no loader started this: rehearse with `kxsh --dry-run --image" in err


def test_a_state_is_rehearsed_on_an_image(image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "let s = state slots --default [a: 1]\nset s.a = 2\nsave $s"
    _, out, _ = rehearse(capsys, text, "--image", str(image))
    assert "write /mnt/1/kxsh/state/slots.json" in out
