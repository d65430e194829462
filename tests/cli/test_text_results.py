"""`kxsh -c`: what a command that only looks has found is shown, as at the prompt."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_entries_of_a_menu_are_listed(tmp_path: Path) -> None:
    (tmp_path / "a.conf").write_text("title First\nlinux /k\n")
    (tmp_path / "b.conf").write_text("title Second\nlinux /k\n")
    (tmp_path / "script.kxs").write_text(f"kxs 1\nbls-entries {tmp_path}\n")

    def run(*words: str) -> str:
        command = [sys.executable, "-m", "kxsh.cli", *words]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    shown = run("-c", f"bls-entries {tmp_path}")
    assert "First" in shown and "Second" in shown
    assert run("-c", f"let all = bls-entries {tmp_path}") == ""
    assert run(str(tmp_path / "script.kxs")) == "", "a script says what it wants to say"


def test_what_is_no_disk_is_not_waited_for(tmp_path: Path) -> None:
    for path, what in [("/dev/null", "another device"), ("/dev/shm", "a directory")]:
        command = [sys.executable, "-m", "kxsh.cli", "-c", f"mount {path}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert f"{path} is {what}, not a disk or a partition\n" in done.stderr
        assert "waited" not in done.stderr


def test_a_relative_path_is_told_as_the_one_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "lpw.efi").write_bytes(b"no kernel")

    def said(line: str) -> str:
        command = [sys.executable, "-m", "kxsh.cli", "-c", line]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=tmp_path)
        assert done.returncode != 0
        return done.stderr

    hint = "help: paths begin at /, there is no current folder"
    assert f"{hint}: {tmp_path}/lpw.efi\n" in said("plan lpw.efi")
    assert f"{hint}: {tmp_path}/lpw.efi\n" in said(f"say (read ../{tmp_path.name}/lpw.efi)")
    assert f"{hint}\n" in said("plan ../x/lpw.efi")
    assert "there is no current folder" not in said("plan /x/lpw.efi")
    assert "there is no current folder" not in said("plan LABEL=NO-SUCH:/lpw.efi")
