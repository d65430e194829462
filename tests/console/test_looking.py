"""`ls` and `cat` at the prompt."""

from __future__ import annotations

import pytest
from test_session import Prompt

from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Completed, Device

FILES: dict[str, bytes | str] = {
    "/etc/fstab": "/dev/sda1\t/\n",
    "/boot/vmlinuz": b"k" * 2048,
    "/boot/bad\x1b[2J\u202ename": b"",
    "/hostile": "one\x1b]52;c;eA==\x07two\n\x9b31m \u202ethree\x00".rstrip("\0"),
    "/latin": b"caf\xe9\n",
    "/binary": b"\x7fELF\0\0",
    "/empty/": b"",
}


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Prompt:
    monkeypatch.setenv("PATH", "/usr/bin")
    device = Device("/dev/sda1", label="root", fstype="ext4", disk="/dev/sda", number=1)
    programs = {"ls": Completed(0), "cat": Completed(0)}
    files = {"/dev/sda1": FILES, "/": {"/usr/bin/ls": b"", "/usr/bin/cat": b""}}
    return Prompt(FakeMachine([device], files, programs=programs))


def test_ls_lists_folders_first_with_sizes(at: Prompt) -> None:
    lines = at("ls LABEL=root:/").splitlines()
    assert [line.split()[-1] for line in lines[:3]] == ["boot/", "empty/", "etc/"]
    assert "   2.0 KiB  vmlinuz" in at("ls LABEL=root:/boot")
    assert at("ls LABEL=root:/empty") == "an empty directory\n"
    assert at("ls LABEL=root:/etc/fstab").split()[:2] == ["12", "B"]
    assert at("ls") == at("disks")


def test_a_device_is_the_filesystem_on_it(at: Prompt) -> None:
    for name in ("LABEL=root", "/dev/sda1"):
        assert at(f"ls {name}") == at("ls LABEL=root:/")
    assert "did you mean LABEL=root?" in at("ls LABEL=rooot")


def test_a_directory_is_no_text(at: Prompt) -> None:
    shown = at("cat LABEL=root:/etc")
    assert "/etc is a directory" in shown
    assert "/etc` shows what is in it" in shown


def test_what_is_not_there_is_told(at: Prompt) -> None:
    assert "not-found failure in `ls`" in at("ls LABEL=root:/etcc")
    assert "not-found failure in `cat`" in at("cat LABEL=root:/etc/fstabb")
    assert "format failure in `cat`" in at("cat LABEL=root:/binary")


def test_what_a_terminal_would_obey_is_shown(at: Prompt) -> None:
    assert at("cat LABEL=root:/hostile") == ("one\\x1b]52;c;eA==\\x07two\n\\x9b31m \\u202ethree\n")
    assert at("cat LABEL=root:/latin") == "caf\\xe9\n"
    assert "bad\\x1b[2J\\u202ename" in at("ls LABEL=root:/boot")


def test_with_options_it_is_the_program(at: Prompt) -> None:
    for line in ("ls -l", "ls -l /boot", "ls /a /b", "cat -n /x", "ls --color=no"):
        assert at(line).startswith("running the program /usr/bin/"), line
    assert "running" not in at("ls LABEL=root:/")
