"""The log: what was said is kept, bounded, found again, and shown on a debug console."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from screen import QUERIES, Screen
from scripted import Scripted

from kxsh.console.log import Log, in_lines
from kxsh.machine.linux import kmsg

HOSTILE = "bad\x1b]52;c;b3duZWQ=\x07\x1b[6n\x9b2J\u202etext"


def test_lines_have_times_and_stand_between_the_kernels() -> None:
    log = Log()
    log.add("first\nsecond")
    lines = log.lines([(0.5, "usb 1-1: new device"), (1e9, f"late {HOSTILE}")])
    assert lines[0] == "[    0.500000] kernel: usb 1-1: new device"
    assert re.fullmatch(r"\[ *\d+\.\d{6}\] first", lines[1])
    assert lines[2].endswith("] second")
    assert "late" in lines[3]
    assert all(line.isprintable() for line in lines)


def test_what_was_said_at_once_keeps_its_order_and_loses_its_colours() -> None:
    log = Log()
    log.add("\x1b[31;1mz: first\x1b[0m\n\x1b[36m --> a: second\x1b[39m\x1b[2J")
    log.add("zz\nb\nm")
    ends = [line.partition("] ")[2] for line in log.lines()]
    assert ends == ["z: first", " --> a: second\\x1b[2J", "zz", "b", "m"]


def test_it_is_bounded_and_outlives_the_process(tmp_path: Path) -> None:
    path = str(tmp_path / "log")
    log = Log(path)
    for number in range(6000):
        log.add(f"line {number} " + "x" * 200)
    assert len(log.lines()) <= 2000
    assert os.path.getsize(path) < 1 << 20
    again = Log(path).lines()
    assert "line 5999 " in again[-1]
    assert len(again) <= 2000
    assert again[-1] == log.lines()[-1]


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "no" / "folder"), [str(tmp_path / "nothing")])
    log.add("said")
    assert "said" in log.lines()[0]
    (tmp_path / "bad").write_bytes(b"\xff\xfe[x] y\n[1.5] good\n[")
    assert Log(str(tmp_path / "bad")).lines() == ["[    1.500000] good"]


def test_a_debug_console_shows_it_at_once() -> None:
    master, slave = os.openpty()
    log = Log(consoles=[os.ttyname(slave), "/dev/nothing"])
    log.add(f"\x1b[33mcareful\x1b[0m {HOSTILE}")
    os.write(master, b"typed\n")  # nobody can type there
    log.add("later")
    shown = os.read(master, 4096)
    while b"later" not in shown:
        shown += os.read(master, 4096)
    assert b"typed" not in shown
    assert b"] careful" in shown
    assert not QUERIES.search(shown)
    assert shown.endswith(b"\r\n")
    for fd in (master, slave):
        os.close(fd)


@pytest.mark.parametrize(
    ("name", "shows"),
    [("/dev/ttyS0", False), ("/dev/hvc0", False), ("/dev/ttyUSB0", False), ("/dev/tty2", True)],
)
def test_a_serial_debug_console_gets_ascii(
    monkeypatch: pytest.MonkeyPatch, name: str, shows: bool
) -> None:
    reading, writing = os.pipe()
    monkeypatch.setattr("kxsh.console.log._open", lambda _: writing)
    Log(consoles=[name]).add("gr\xfc\xdf \u6f22")
    shown = os.read(reading, 4096)
    assert shown.isascii() != shows
    assert ("gr\xfc\xdf \u6f22".encode() if shows else rb"gr\xfc\xdf \u6f22") in shown
    for fd in (reading, writing):
        os.close(fd)


def test_the_kernels_own_line_shows_no_hash() -> None:
    line = "Kernel command line: kxsh.password=$7$a kxsh.password=$7$b quiet"
    assert kmsg._without_secrets(line) == (
        "Kernel command line: kxsh.password=... kxsh.password=... quiet"
    )


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 10)])
@pytest.mark.parametrize("term", ["xterm", "linux", "vt220", "vt100"])
def test_the_pager_scrolls_and_searches(term: str, columns: int, rows: int) -> None:
    with Screen("prompt_program.py", "--failed", term=term, columns=columns, rows=rows) as screen:
        screen.wait_cursor("kxsh>")
        for number in range(12):
            screen.command(f"say needle{number}", f"needle{number}$")
        screen.type("log\r")
        screen.wait(r"lines \d+-\d+ of \d+")
        screen.wait("needle11")
        screen.type("\x1b[H")
        screen.wait("running boot.kxs")
        screen.type("\x1b[6~\x1b[B")
        screen.type("/NEEDLE7\r")
        screen.wait_first("needle7")
        screen.type("n")
        screen.type("/nowhere\r")
        screen.wait("not found: nowhere")
        screen.type("x")
        screen.wait("q back  arrows")
        screen.type("q")
        screen.wait_cursor("kxsh>")
        assert not QUERIES.search(screen.output)


def test_on_a_dumb_terminal_it_is_plain() -> None:
    with Screen("prompt_program.py", "--failed", term="dumb") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("say one two\n")
        screen.wait("^one two")
        screen.type("log --lines 3\n")
        screen.wait(r"\[ *\d+\.\d+\] kxsh> say one two")
        screen.type("log --find genTO\n")
        screen.wait(r"\[ *\d+\.\d+\].*GENTO0")
        assert "\x1b" not in screen.everything


def test_a_search_does_not_find_itself() -> None:
    scripted = Scripted()
    assert scripted("log --find unheard") == "no line of the log has unheard\n"
    assert scripted("log --find unheard") == "no line of the log has unheard\n"


def test_lines_are_kept_as_they_were_before_the_screen_broke_them() -> None:
    scripted = Scripted()
    shown = scripted("help keymap").splitlines()
    kept = [line.partition("] ")[2] for line in scripted("log").splitlines()]
    at = next(at for at, line in enumerate(kept) if line == "kxsh> help keymap")
    assert " ".join(" ".join(kept[at + 1 : -1]).split()) == " ".join(" ".join(shown).split())
    assert max(map(len, shown)) < 80 < max(map(len, kept[at + 1 : -1]))
    scripted('not-a-command-of-this-length "and a long argument" --of-which "nothing is known" x')
    found = scripted("log --find there").splitlines()
    assert any("not-a-command" in line for line in found)


def test_the_pager_breaks_lines_between_words() -> None:
    said = "one two three four five six seven eight nine ten eleven twelve thirteen"
    lines = [f"[    1.500000] {said}", "[    2.500000] short"]
    assert in_lines(lines, 60) == [
        "[    1.500000] one two three four five six seven eight nine",
        "               ten eleven twelve thirteen",
        "[    2.500000] short",
    ]
    assert in_lines(lines, 40)[1] == "  six seven eight nine ten"


def test_what_begins_with_a_blank_is_not_in_it() -> None:
    with Screen("prompt_program.py") as screen:
        screen.command(" let x = 42", "x = 42")
        screen.command("log --lines 50", "log --lines")
        assert "] kxsh>  let" not in screen.everything
        assert "] kxsh> log --lines 50" in screen.everything


@pytest.mark.parametrize(
    "line",
    [
        "luks-open /dev/sdb1 --passphrase 'hunter2'", " luks-opn /dev/sda1 hunter2",
        "luks-open /dev/sdb1 " + " " * 90 + "--passphrase 'hunter2' --tries 0 " + "x " * 60,
        " let x = 'hunter2'", "\tif true {\n  fail 'x'; say hunter2\n}", "lock password hunter2",
    ],
)  # fmt: skip
def test_no_excerpt_leaks_what_is_not_kept(line: str, tmp_path: Path) -> None:
    master, slave = os.openpty()
    at = Scripted()
    log = at.session.terminal.log = Log(str(tmp_path / "log"), [os.ttyname(slave)])
    at(line)
    for later in ("why", "undo --list", "undo", "say seen"):
        at(later)
    kept = "\n".join(log.lines())
    assert "hunter2" not in kept
    assert "seen" in kept
    assert b"hunter2" not in os.read(master, 65536)
    assert "hunter2" not in (tmp_path / "log").read_text()
    for fd in (master, slave):
        os.close(fd)


def test_an_excerpt_of_a_script_shows_no_passphrase() -> None:
    log = Log()
    log.add(" --> boot.kxs:2:1\n 2 | luks-open /dev/sdb1 --passphrase hunter2\n   | ^^^^ io")
    assert "hunter2" not in "".join(log.lines())
    assert "^^^^ io" in log.lines()[-1]
