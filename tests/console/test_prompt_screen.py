"""The prompt on real terminals: xterm, linux, vt220 on a serial line, dumb."""

from __future__ import annotations

import re
import time

import pytest
from screen import QUERIES, Screen

TERMINALS = [
    ("xterm", ()),
    ("linux", ()),
    ("vt220", ("--serial",)),
    ("vt100", ("--serial",)),
    ("dumb", ("--serial",)),
]
EDITING = TERMINALS[:4]


def prompt(term: str, *arguments: str, columns: int = 80, rows: int = 24) -> Screen:
    return Screen("prompt_program.py", *arguments, term=term, columns=columns, rows=rows)


@pytest.mark.parametrize(("term", "options"), TERMINALS)
def test_shows_what_failed_and_explains_it(term: str, options: tuple[str, ...]) -> None:
    with prompt(term, "--failed", *options) as screen:
        screen.wait_cursor("kxsh>")
        assert "error[KX800]: no device LABEL=GENTO0" in screen.text
        assert "boot.kxs:3:13" in screen.text
        assert re.search(r"why +what failed", screen.text)
        assert re.search(r"retry +", screen.text)
        screen.command("why", "what: not-found")
        assert "did you mean LABEL=GENTOO?" in screen.text
        assert "Recovery prompt, started from /dev/sda2" in screen.everything
        assert b"kxsh> " in screen.output
        screen.command("mont LABEL=GENTOO", r"did you mean `mount`\?")
        assert QUERIES.findall(screen.output) == []


@pytest.mark.parametrize(("term", "options"), TERMINALS)
def test_only_terminals_with_colours_get_them(term: str, options: tuple[str, ...]) -> None:
    with prompt(term, "--failed", *options) as screen:
        screen.command("nosuch", "KX201")
        colored = re.search(rb"\x1b\[[0-9;]*3[0-7][;m]", screen.output) is not None
        assert colored == (term in ("xterm", "linux", "vt220"))
        if term == "dumb":
            assert b"\x1b" not in screen.output
        if "--serial" in options:
            assert screen.output.isascii()


@pytest.mark.parametrize(("term", "options"), EDITING)
def test_completes_and_remembers(term: str, options: tuple[str, ...]) -> None:
    with prompt(term, *options) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("findf\t")
        screen.wait_cursor("kxsh> findfs")
        screen.type("LABEL=\t")
        screen.wait("LABEL=GENTOO +700.0 MiB iso9660")
        screen.type("G\t\r")
        screen.wait("device path=/dev/sda1")
        screen.wait_cursor("kxsh>")
        screen.type("\x1b[A")
        screen.wait_cursor("kxsh> findfs LABEL=GENTOO")
        screen.type("\x03")
        screen.wait_cursor("kxsh>")
        screen.type("\x12ndf")
        screen.wait(r"I-search backward")
        screen.wait("findfs LABEL=GENTOO$")
        assert QUERIES.findall(screen.output) == []


@pytest.mark.parametrize(("term", "options"), TERMINALS)
def test_takes_blocks_over_several_lines(term: str, options: tuple[str, ...]) -> None:
    with prompt(term, *options) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("for n in [1, 2] {\r")
        screen.wait_cursor(r" \.\.\.>")
        screen.type('say "number $n"\r')
        screen.wait_cursor(r" \.\.\.>")
        screen.type("}\r")
        screen.wait("^number 2$")


@pytest.mark.parametrize(("term", "options"), TERMINALS)
def test_control_keys_leave_the_prompt_alive(term: str, options: tuple[str, ...]) -> None:
    with prompt(term, *options) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("half a line\x03")
        screen.wait_cursor("kxsh>")
        screen.type("\x1a\x1c")
        time.sleep(0.3)
        screen.type("\x15")  # what a dumb terminal took as text
        screen.command("1 + 2", "^3$")
        assert screen.process.isalive()


def test_a_line_that_begins_with_a_blank_is_forgotten() -> None:
    with prompt("xterm") as screen:
        screen.command("1 + 1", "^2$")
        screen.command(" 2 + 2", "^4$")
        screen.type("\x1b[A")
        screen.wait_cursor(r"kxsh> 1 \+ 1")


def test_control_d_asks_before_it_boots_again() -> None:
    with prompt("linux", "--failed") as screen:
        screen.wait_cursor("kxsh>")
        assert screen.everything.count("running boot.kxs") == 1
        screen.type("\x04")
        screen.wait(r"go on from line 3 of boot.kxs\? \[y/N\]")
        screen.type("n\r")
        screen.wait_cursor("kxsh>")
        assert screen.everything.count("running boot.kxs") == 1
        screen.type("exit\r")
        screen.wait(r"\[y/N\] *$")
        screen.type("y\r")
        screen.wait("(?s)y.*no device LABEL=GENTO0")
        screen.wait_cursor("kxsh>")
        assert screen.everything.count("running boot.kxs") == 1
        screen.command("retry --whole", "(?s)--whole.*running boot.kxs")
        assert screen.everything.count("running boot.kxs") == 2


def test_leaves_where_there_is_nothing_to_boot() -> None:
    with prompt("xterm") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("\x04")
        assert screen.end() == 0
        assert "the prompt is over" in screen.text


def test_one_control_c_stops_a_command() -> None:
    with prompt("xterm") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("patient\r")
        screen.wait("waiting now")
        screen.type("\x03")
        screen.wait("stopped by Ctrl-C")
        screen.wait_cursor("kxsh>")
        screen.command("why", "what: interrupted")


def test_two_control_c_end_a_stuck_worker() -> None:
    with prompt("xterm") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("stuck\r")
        screen.wait("stuck now")
        screen.type("\x03")
        time.sleep(0.5)
        assert screen.process.isalive()
        screen.type("\x03")
        assert screen.end() == 77
        assert "starting again" in screen.text


def test_two_control_c_far_apart_do_not() -> None:
    with prompt("xterm") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("stuck\r")
        screen.wait("stuck now")
        screen.type("\x03")
        time.sleep(3.5)
        screen.type("\x03")
        time.sleep(0.5)
        assert screen.process.isalive()


@pytest.mark.parametrize("fault", ["missing", "dies"])
def test_plain_input_takes_over(fault: str) -> None:
    with prompt("linux", "--editor", fault) as screen:
        screen.wait("plain input")
        screen.command("findfs LABEL=GENTOO", "device path=/dev/sda1")
        screen.command("disks", "USB Flash Drive, removable")
        screen.command("why", "(Import|ModuleNotFound|Runtime)Error")
        assert "\x1b[2J" not in screen.everything


def test_hostile_names_do_not_reach_the_terminal() -> None:
    with prompt("xterm") as screen:
        screen.command("disks", r"bad\\x1b\]0;owned\\x07\\u202elabel")
        assert r"evil\x1b[31m disk" in screen.text
        screen.type("load LABEL=GENTOO:/isolinux/\t")
        screen.wait("gentoo.igz")
        screen.type("\x03")
        screen.command("findfs UUID=aaaa-bbbb", r"label=bad\\x1b")
        assert QUERIES.findall(screen.output) == []
        assert "\u202e" not in screen.everything
        assert b"clear" not in screen.output


def test_a_small_screen_is_enough() -> None:
    with prompt("linux", columns=40, rows=10) as screen:
        screen.command("disks", "/dev/sda2 +64.0 MiB +KXSH ESP")
        screen.command("mount LABEL=GENTOO", "/mnt/1")
        screen.command("mounts", "/mnt/1 +/dev/sda1 +GENTOO")
        screen.type("help m\t")
        screen.wait("modprobe")
        screen.type("o\t\t\r")
        screen.wait_cursor("kxsh> help .*|kxsh>")
        screen.type("\x03")
        screen.command("why", "nothing has failed")


def test_a_serial_line_of_no_size_counts_as_80x24() -> None:
    with prompt("vt220", "--serial", columns=80, rows=24) as screen:
        screen.wait_cursor("kxsh>")
        screen.process.setwinsize(0, 0)
        screen.type("mount LABEL=\t")
        screen.wait("KXSH ESP +64.0 MiB")
        assert screen.process.isalive()


def test_an_unknown_name_runs_the_program_and_says_so() -> None:
    with prompt("xterm") as screen:
        screen.command("lsblk -f", "running the program /usr/bin/lsblk")
        screen.command("lspci", "lspci ended with status 3")
