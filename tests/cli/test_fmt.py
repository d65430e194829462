"""`kxsh --fmt`: in place, from standard input, and what it would do."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kxsh.cli import main

UGLY = "kxs 1\nsay   a\n"
NEAT = "kxs 1\nsay a\n"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "boot.kxs"
    path.write_text(UGLY)
    return path


def run(*words: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "kxsh.cli", *words], input=text, capture_output=True, check=False
    )


def test_in_place_with_its_rights(script: Path) -> None:
    script.chmod(0o640)
    assert main(["--fmt", str(script)]) == 0
    assert script.read_text() == NEAT
    assert stat.S_IMODE(script.stat().st_mode) == 0o640
    assert os.listdir(script.parent) == ["boot.kxs"]


def test_a_formatted_file_is_not_written(script: Path) -> None:
    script.write_text(NEAT)
    before = script.stat().st_ino
    assert main(["--fmt", str(script)]) == 0
    assert script.stat().st_ino == before


def test_a_link_stays_a_link(script: Path) -> None:
    link = script.with_name("link.kxs")
    link.symlink_to(script.name)
    assert main(["--fmt", str(link)]) == 0
    assert link.is_symlink()
    assert script.read_text() == NEAT


def test_standard_input() -> None:
    for words in (["--fmt"], ["--fmt", "-"]):
        done = run(*words, text=UGLY.encode())
        assert (done.returncode, done.stdout, done.stderr) == (0, NEAT.encode(), b"")


def test_windows_line_ends_and_mark_stay(script: Path) -> None:
    script.write_bytes(b"\xef\xbb\xbfkxs 1\r\nsay   a\r\n")
    assert main(["--fmt", str(script)]) == 0
    assert script.read_bytes() == b"\xef\xbb\xbfkxs 1\r\nsay a\r\n"
    assert main(["--fmt", "--check", str(script)]) == 0


@pytest.mark.parametrize("data", [b"kxs 1\nif {\n", b"kxs 1\nsay \xff\n"])
def test_what_is_not_kxs_is_told_and_left_alone(
    script: Path, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    script.write_bytes(data)
    other = script.with_name("other.kxs")
    other.write_text(UGLY)
    assert main(["--fmt", str(script), str(other)]) == 1
    assert f"--> {script}:2:" in capsys.readouterr().err
    assert script.read_bytes() == data
    assert other.read_text() == NEAT


def test_check_names_what_would_change(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    neat = script.with_name("neat.kxs")
    neat.write_text(NEAT)
    assert main(["--fmt", "--check", str(neat), str(script)]) == 1
    assert capsys.readouterr().out == f"{script}\n"
    assert script.read_text() == UGLY
    assert main(["--fmt", "--check", str(neat)]) == 0


def test_diff_can_be_applied(script: Path) -> None:
    script.write_text("kxs 1\nsay   a\nexec ")
    done = run("--fmt", "--diff", str(script))
    assert done.returncode == 0
    assert script.read_text() == "kxs 1\nsay   a\nexec "
    assert run("--fmt", "--diff", "--check", str(script)).returncode == 1
    subprocess.run(["git", "apply", "-p1", "--unsafe-paths", "-"], input=done.stdout,
                   cwd=script.parent, check=True)  # fmt: skip
    assert script.read_text() == "kxs 1\nsay a\nexec\n"


def test_diff_on_a_terminal_is_coloured_and_safe(script: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    script.write_text("kxs 1\nsay   'a\x1b]0;title\x07'\n")
    child = pexpect.spawn(
        sys.executable, ["-m", "kxsh.cli", "--fmt", "--diff", str(script)],
        env={**os.environ, "TERM": "xterm"}, timeout=30,
    )  # fmt: skip
    shown = child.read()
    child.close()
    assert b"\x1b[31m-say" in shown
    assert b"\x1b[32m+say" in shown
    assert b"\x1b]0;" not in shown


@pytest.mark.parametrize(
    "words",
    [
        ["--diff", "a.kxs"],
        ["--fmt", "-c", "say a"],
        ["--fmt", "--dry-run", "a.kxs"],
        ["--fmt", "--image", "a.img", "a.kxs"],
    ],
)
def test_options_that_do_not_go_together(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words)
    assert caught.value.code == 2
    assert "--fmt" in capsys.readouterr().err.splitlines()[-1]


def test_a_missing_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--fmt", "/nowhere/boot.kxs"]) == 2
    assert capsys.readouterr().err == "kxsh: /nowhere/boot.kxs: No such file or directory\n"


def test_a_write_that_fails_leaves_the_file(
    script: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert main(["--fmt", str(script)]) == 2
    assert script.read_text() == UGLY
    assert os.listdir(script.parent) == ["boot.kxs"]
    assert "No space left" in capsys.readouterr().err
