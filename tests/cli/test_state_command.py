"""`kxsh state`: what the booted system does with the boot script's states."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kxsh import cli
from kxsh.boot.state import format_state
from kxsh.cli import state

DATA: dict[str, object] = {"order": ["A", "B"], "left": {"A": 0, "B": 3}, "note": "a\x1b[31m"}


@pytest.fixture
def esp(tmp_path: Path) -> Path:
    folder = tmp_path / "KXSH/State"  # FAT does not care
    folder.mkdir(parents=True)
    (folder / "SLOTS.JSON").write_bytes(format_state(DATA))
    return tmp_path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "slots.json"
    path.write_bytes(format_state(DATA))
    return path


def kxsh(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = cli.main(["state", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_reading(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    assert kxsh(capsys, "get", str(file), "left.B") == (0, "3\n", "")
    assert kxsh(capsys, "get", str(file), "order.0") == (0, "A\n", "")
    assert kxsh(capsys, "get", str(file), "note") == (0, "a\\x1b[31m\n", "")
    assert json.loads(kxsh(capsys, "get", str(file))[1]) == DATA


def test_changing(capsys: pytest.CaptureFixture[str], file: Path) -> None:
    for key, value in (("left.A", "3"), ("left.C", "1"), ("order.1", "C"), ("good", "true")):
        assert kxsh(capsys, "set", str(file), key, value) == (0, "", "")
    changed = json.loads(file.read_text())
    assert changed["left"] == {"A": 3, "B": 3, "C": 1}
    assert (changed["order"], changed["good"]) == (["A", "C"], True)
    assert file.with_name("slots.json.old").exists()
    assert not file.with_name("slots.json.new").exists()


def test_by_name(capsys: pytest.CaptureFixture[str], esp: Path) -> None:
    assert kxsh(capsys, "get", "slots", "left.A", "--esp", str(esp)) == (0, "0\n", "")


def test_where_it_is_mounted(
    capsys: pytest.CaptureFixture[str], esp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "_mounted", lambda: ["/nowhere", str(esp)])
    assert kxsh(capsys, "get", "slots", "left.B") == (0, "3\n", "")
    monkeypatch.setattr(state, "_mounted", lambda: [str(esp), str(esp)])
    code, _, said = kxsh(capsys, "get", "slots")
    assert code == 1 and "several filesystems have a state slots" in said and "--esp" in said


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["get", "FILE", "left.C"], 1, "the state has no left.C"),
        (["get", "FILE", "order.2"], 1, "the state has no order.2"),
        (["set", "FILE", "note.x", "1"], 1, "note is neither a map nor a list"),
        (["set", "FILE", "order.7", "1"], 1, "the state has no order.7"),
        (["set", "FILE", "left.A", "1.5"], 1, "something that a state cannot hold"),
        (["get", "./none.json"], 1, "there is no state file none.json"),
        (["get", "No Name"], 1, "is no state's name"),
    ],
)
def test_what_goes_wrong_changes_nothing(
    capsys: pytest.CaptureFixture[str], file: Path, words: list[str], code: int, said: str
) -> None:
    before = file.read_bytes()
    found, out, err = kxsh(capsys, *[str(file) if word == "FILE" else word for word in words])
    assert (found, out) == (code, "") and said in err
    assert file.read_bytes() == before


@pytest.mark.parametrize("words", [["set", "x"], ["set", "x", "y"], ["get", "x", "y", "z"]])
def test_wrong_usage(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["state", *words])
    assert caught.value.code == 2


def test_a_script_may_be_named_state(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").write_text("kxs 1\nsay hello\n")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["--check", "state"]) in (0, 1)
    assert cli.main(["state"]) == 0
    assert "hello" in capsys.readouterr().out


def test_a_state_in_a_rehearsal_before_there_is_a_loaders_partition(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    image, script = tmp_path / "disk.img", tmp_path / "boot.kxs"
    image.write_bytes(bytes(1 << 20))
    script.write_text('kxs 1\nlet s = state s --default [a: 1]\nsave $s\nrecovery "done"\n')
    before = image.read_bytes()
    assert cli.main(["--dry-run", "--image", str(image), str(script)]) == 1
    said = capsys.readouterr()
    assert "write /mnt/1/kxsh/state/s.json" in said.out and "done" in said.err
    assert image.read_bytes() == before
