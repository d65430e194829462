"""Keyboard layouts: found, handed to the tool, and named when they are not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from kxsh.errors import IoFailure, NotFound
from kxsh.machine.linux import LinuxMachine, keymap


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(keymap, "FOLDER", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    tool(tmp_path, "busybox", f"cat >{tmp_path}/loaded")
    return tmp_path


def tool(folder: Path, name: str, body: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def test_a_table_is_loaded(folder: Path) -> None:
    (folder / "de.bmap").write_bytes(b"bkeymap\x01\x00")
    LinuxMachine().set_keymap("de")
    assert (folder / "loaded").read_bytes() == b"bkeymap\x01\x00"


@pytest.mark.parametrize(("file", "name"), [
    ("de", "de-latin1"), ("fr_CH", "fr_CH-latin1"), ("se-latin1", "se"), ("us", "us"),
])  # fmt: skip
def test_a_layout_has_the_name_of_its_latin1_too(folder: Path, file: str, name: str) -> None:
    (folder / f"{file}.bmap").write_bytes(b"table")
    LinuxMachine().set_keymap(name)
    assert (folder / "loaded").read_bytes() == b"table"


def test_another_layout_is_not_taken_for_it(folder: Path) -> None:
    """us-latin1 has dead keys, which `us` has not."""
    (folder / "us.bmap").write_bytes(b"table")
    tool(folder, "loadkeys", f'echo "$@" >{folder}/loaded')
    LinuxMachine().set_keymap("us-latin1")
    assert (folder / "loaded").read_text() == "-q us-latin1\n"


def test_on_a_pc_loadkeys_knows_them(folder: Path) -> None:
    tool(folder, "loadkeys", f'echo "$@" >{folder}/loaded')
    LinuxMachine().set_keymap("fr")
    assert (folder / "loaded").read_text() == "-q fr\n"
    tool(folder, "loadkeys", "echo 'loadkeys: cannot open file xx'; exit 66")
    with pytest.raises(NotFound, match="the layout xx was not loaded"):
        LinuxMachine().set_keymap("xx")


def test_one_that_is_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(NotFound, match="no keyboard layouts here") as caught:
        LinuxMachine().set_keymap("de")
    assert "--with keymaps" in caught.value.hint
    (folder / "de-latin1.bmap").write_bytes(b"x")
    (folder / "fr.bmap").write_bytes(b"x")
    with pytest.raises(NotFound) as caught:
        LinuxMachine().set_keymap("de-latin")
    assert caught.value.hint == "did you mean de-latin1?"


def test_without_a_screen(folder: Path) -> None:
    (folder / "de.bmap").write_bytes(b"x")
    tool(folder, "busybox", "cat >/dev/null; echo loadkmap: no console; exit 1")
    with pytest.raises(IoFailure, match="no console"):
        LinuxMachine().set_keymap("de")
