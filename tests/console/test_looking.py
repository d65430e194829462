"""`ls` and `cat` at the prompt."""

from __future__ import annotations

import pytest
from scripted import Scripted
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


def test_a_variables_device_is_looked_into() -> None:
    scripted = Scripted()
    scripted.machine.add(
        Device("/dev/sdq1", label="boot", fstype="vfat", disk="/dev/sdq"), {"/EFI/b.kxs": "kxs 1\n"}
    )
    scripted.session.execute("let d = findfs LABEL=boot")
    assert "kxs 1" in shown(scripted, "cat $d/EFI/b.kxs")
    assert "b.kxs" in shown(scripted, "ls $d/EFI")
    assert "b.kxs" in shown(scripted, "ls /dev/sdq1/EFI")
    assert not [mount for mount in scripted.machine.mounts() if mount.device.label == "boot"]


def test_a_path_of_a_message_names_its_way() -> None:
    scripted = Scripted()
    assert "cat $esp/EFI/BOOT/boot.kxs" in shown(scripted, "cat EFI/BOOT/boot.kxs")
    assert "BOOTX64.EFI" in shown(scripted, "ls $esp/EFI/BOOT")
    assert "ls $esp/EFI" in shown(scripted, "ls EFI")


def test_a_help_of_several_words_and_an_answer_to_nothing() -> None:
    scripted = Scripted()
    assert "`help going-on`" in shown(scripted, "help going on")
    assert '`help "is loaded yet"`' in shown(scripted, "help is loaded yet")
    assert "that answers a question" in shown(scripted, "y")


@pytest.mark.parametrize(
    ("serial", "told"), [(False, "the layout de is loaded"), (True, "at its other end")]
)
def test_a_layout_is_told(serial: bool, told: str) -> None:
    scripted = Scripted()
    scripted.session.terminal.serial = serial
    assert told in shown(scripted, "keymap de")


def shown(scripted: Scripted, line: str) -> str:
    start = len(scripted.out.getvalue())
    scripted.session.execute(line)
    return scripted.out.getvalue()[start:]
