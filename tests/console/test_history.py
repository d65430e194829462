"""The history: in memory, and in a file only when that was asked for."""

from __future__ import annotations

import pytest
from screen import Screen
from scripted import Scripted

from kxsh.console.prompt.history import History, has_secret
from kxsh.errors import IoFailure


def test_shows_what_was_typed_with_numbers() -> None:
    at = Scripted()
    for line in ("1 + 1", "1 + 1", " 2 + 2", "nosuch", "for n in [1] {\n say $n\n}"):
        at(line)
    assert at("history") == (
        "   1 1 + 1\n   2 nosuch\n   3 for n in [1] {\\n say $n\\n}\n   4 history\n"
    )
    assert at("history --lines 1") == "   5 history --lines 1\n"
    assert "KX204" in at("history nonsense")


def test_is_written_only_after_on_and_comes_back() -> None:
    at = Scripted()
    at("1 + 1")
    assert not [action for action in at.machine.actions if action.verb == "write"]
    assert "kxsh/history on /dev/sda2" in at("history on")
    at("let two = 'a\nb'")
    at(" hidden 3")
    at("luks-open /dev/sdb1 --passphrase hunter2")
    assert at.file("/kxsh/history") == "1 + 1\nhistory on\nlet two = 'a\\nb'\n"
    assert "not written from now on" in at("history off")
    at("3 + 3")
    assert "3 + 3" not in at.file("/kxsh/history")
    history = History()
    written: list[str] = []
    history.keep(at.file("/kxsh/history"), written.append)
    assert history.lines[2] == "let two = 'a\nb'"


def test_a_partition_that_cannot_be_written_ends_it_with_a_word() -> None:
    at = Scripted()
    at("mount $esp")
    at("history on")
    at.machine._fail["write /mnt/1/kxsh/history"] = IoFailure("no space left on device")
    assert "the history is not written any more: no space left" in at("1 + 1")
    assert at("1 + 2") == "3\n"


def test_passphrases_are_known() -> None:
    for line in (
        "luks-open /dev/sda1 --passphrase x",
        'luks-open /dev/sda1 --passphrase="x y"',
        "run cryptsetup --password=x",
        'load /k --cmdline "psk=abc"',
        "luks-open /dev/sda1 --passphrase (",
        "let my_password = 'x'",
        'set pass = "x"',
    ):
        assert has_secret(line), line
    for line in (
        "luks-open /dev/sda1",
        "let passed = 'x'",
        "let password = read /k",
        'say "password"',
        "luks-open /dev/sdb1 --key-file /passwords",
    ):
        assert not has_secret(line), line


def test_a_passphrase_is_in_no_file_and_no_list() -> None:
    at = Scripted()
    at("luks-open /dev/sdb1 --passphrase hunter2")
    at("load LABEL=GENTOO:/boot/kernel")
    path = at("why --save").split()[1]
    assert "hunter2" not in at.file(path)
    assert "hunter2" not in at("history")
    assert "hunter2" not in at("undo --list")


def test_arrow_up_and_the_list_are_the_same() -> None:
    with Screen("prompt_program.py", term="xterm") as screen:
        screen.command("1 + 1", "^2$")
        screen.command("history", "^ +1 1 .+ 1$")
        screen.type("\x1b[A\x1b[A")
        screen.wait_cursor(r"kxsh> 1 \+ 1")


def test_a_password_in_an_address_is_in_no_file_and_no_log() -> None:
    at = Scripted()
    at("history on")
    for line in (
        "fetch https://bob:hunter2@example.org/k", "let x = fetch 'https://bob:hunter2@here/k'",
        "if true { load LABEL=GENTOO:/boot/kernel --cmdline 'cifs://u:hunter2@nas/x' }",
        "fetch https://example.org:80/k@v1",
    ):  # fmt: skip
        at(line)
    assert at.file("/kxsh/history") == "history on\nfetch https://example.org:80/k@v1\n"
    log = "\n".join(at.session.terminal.log.lines())
    assert "hunter2" not in log
    assert "for https://bob:...@here/k" in log.replace("\n", " ")
    report = at.file(at("why --save").split()[1])
    assert "hunter2" not in report
    assert "https://bob:...@here/k" in report


@pytest.mark.parametrize("line", ["log --lines 0", "log --lines -3", "history --lines 0"])
def test_a_number_of_lines_is_at_least_one(line: str) -> None:
    shown = Scripted()(line)
    assert "error[KX204]: --lines is at least 1" in shown
    assert len(shown.splitlines()) < 6
