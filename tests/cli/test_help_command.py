"""`kxsh help`: what the prompt's `help` tells, without a prompt."""

from __future__ import annotations

from pathlib import Path

import pytest

from kxsh.cli import main


def test_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "mount"]) == 0
    assert capsys.readouterr().out.startswith("usage: mount DEVICE")


def test_a_module_and_a_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "slots"]) == 0
    assert "usage: slots.start" in capsys.readouterr().out
    assert main(["help", "kx301"]) == 0
    assert capsys.readouterr().out.startswith("KX301 (error)")


@pytest.mark.parametrize("code", ["KX405", "kx800"])
def test_a_script_tells_the_same(capsys: pytest.CaptureFixture[str], code: str) -> None:
    assert main(["help", code]) == 0
    told = capsys.readouterr().out
    assert told.startswith(code.upper())
    assert main(["-c", f"help {code}"]) == 0
    assert capsys.readouterr().out == told
    assert main(["--dry-run", "-c", f"help {code}"]) == 0


def test_alone_it_lists_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    assert "  findfs " in capsys.readouterr().out


def test_what_is_unknown_has_a_neighbour(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "mont\x1b[31m"]) == 2
    assert "\x1b" not in capsys.readouterr().err
    assert main(["help", "mont"]) == 2
    assert capsys.readouterr().err == "kxsh: no help on mont: did you mean mount?\n"


def test_a_script_of_that_name_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "help").write_text("kxs 1\nsay mine )\n")
    assert main(["help"]) != 0
    assert "help:2:10" in capsys.readouterr().err
