"""The countdown in lines, terminals without a full screen, and nobody there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence

import pytest
from screen import HERE, QUERIES, Screen

STOPPED = "the countdown was stopped by the key "
TERMINALS = [
    ("xterm", ()),
    ("linux", ()),
    ("vt220", ("--serial",)),
    ("dumb", ("--serial",)),
]


def menu(*arguments: str, term: str = "xterm", columns: int = 80, rows: int = 24) -> Screen:
    return Screen("menu_program.py", "--plain", *arguments, term=term, columns=columns, rows=rows)


@pytest.mark.parametrize(("term", "options"), TERMINALS)
def test_the_default_starts_by_itself(term: str, options: tuple[str, ...]) -> None:
    started = time.monotonic()
    with menu("--timeout", "2", *options, term=term) as screen:
        screen.wait("chosen: e4")
        # Each stood there for a second: on a busy machine nobody may have looked then.
        assert re.search(r"Starting Entry 4 .* in 2 s - any key stops", screen.everything)
        last = r"\n1 ?\r?\n" if term == "dumb" else r"Starting Entry 4 .* in 1 s - any key stops"
        assert re.search(last, screen.everything)
        screen.wait("imported: nothing slow")
        assert time.monotonic() - started > 1.9
        assert QUERIES.findall(screen.output) == []
        assert b"\x1b[2J" not in screen.output
        if term == "dumb":
            assert b"\x1b" not in screen.output
        if "--serial" in options:
            assert screen.output.isascii()


@pytest.mark.parametrize(("term", "options"), TERMINALS)
def test_any_key_stops_the_countdown_for_good(term: str, options: tuple[str, ...]) -> None:
    with menu("--timeout", "10", *options, term=term) as screen:
        screen.wait("any key stops")
        screen.type("x")
        screen.wait("boot: x$")
        time.sleep(10.5)  # longer than the countdown
        screen.pump()
        assert "chosen" not in screen.text
        screen.type("\r")
        screen.wait("countdown is over")
        assert "chosen" not in screen.text
        screen.type("\r")
        screen.wait("chosen: e4")


def test_arrows_name_another_entry() -> None:
    with menu() as screen:
        screen.wait("Enter starts 4 Entry 4")
        screen.type("\x1b[A\x1bOA")
        screen.wait("2 Entry 2 .* cannot start; boot:$")
        screen.type("\r")
        screen.wait("cannot start: a COM32 module")
        screen.type("\x1b[B")
        screen.wait("Enter starts 3 Entry 3")
        screen.type("\r")
        screen.wait("chosen: e3")


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_numbers_choose(term: str) -> None:
    with menu("--count", "14", term=term) as screen:
        screen.wait("Enter starts 4")
        screen.type("13")
        screen.wait("boot: 13")
        screen.type("\x7f2\r")
        screen.wait("chosen: e12")


def test_what_cannot_start_is_not_chosen_by_its_number() -> None:
    with menu() as screen:
        screen.wait("Enter starts 4")
        screen.type("2\r")
        screen.wait("cannot start: a COM32 module")
        screen.type("77\r")
        screen.wait("no number 77")
        screen.type("s\r")
        screen.wait("chosen: e3")


@pytest.mark.parametrize("fault", ["draw", "press"])
def test_a_fault_in_the_screen_costs_only_the_screen(fault: str) -> None:
    with Screen("menu_program.py", "--broken", fault) as screen:
        if fault == "press":
            screen.wait("Enter start")
            screen.type("x")
        screen.wait(r"no full screen here, lines instead: a fault\\x1b\[2J")
        screen.wait("Enter starts 4")
        screen.type("6\r")
        screen.wait("chosen: e6")


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_where_lines_fail_too_numbers_choose(term: str) -> None:
    with Screen(
        "menu_program.py", "--broken", "press", "--tree", "--default", "e1", term=term
    ) as screen:
        if term == "xterm":
            screen.wait("Enter start")
            screen.type("x")
        screen.wait("Enter starts 1")
        screen.type("\r")
        screen.wait(r"no lines here either, mere numbers instead: a fault\\x1b\[2J")
        screen.wait("Number, Enter: 1")
        screen.type("x\r")
        screen.wait("`x` is no number here; Enter: 1")
        screen.type("3\r")
        screen.wait("cannot start: memtest")
        screen.type("2\r")
        screen.wait("looks like an installer: its title says `install`; Enter starts it")
        screen.type("\r")
        screen.wait("chosen: e2")


def test_control_c_leaves_the_menu() -> None:
    with menu("--timeout", "20") as screen:
        screen.wait("any key stops")
        screen.type("\x03")
        screen.wait("chosen: Interrupted")


def test_the_terminal_is_as_before() -> None:
    with menu() as screen:
        screen.wait("Enter starts 4")
        assert not screen.process.getecho()
        screen.type("\r")
        screen.wait("chosen: e4")
        screen.end()


def test_ten_lines_of_forty_are_enough() -> None:
    with menu("--count", "30", "--timeout", "20", columns=40, rows=10) as screen:
        screen.wait("any key")
        assert "more below" in screen.text
        assert "Rescue" in screen.lines[0]
        screen.type("\r")
        screen.wait("chosen: e4")


def test_a_hostile_title_is_shown_as_text() -> None:
    with menu("--title", "evil\x1b]0;owned\x07", "--timeout", "1") as screen:
        screen.wait("chosen: e4")
        assert r"evil\x1b]0;owned\x07" in screen.text
        assert QUERIES.findall(screen.output) == []


def test_the_full_screen_is_loaded_by_the_first_key() -> None:
    with Screen("menu_program.py", "--timeout", "1") as screen:
        screen.wait("imported: nothing slow")
    with Screen("menu_program.py", "--timeout", "60") as screen:
        screen.wait("any key stops")
        screen.type("x")
        screen.wait("Enter start")
        screen.type("\r")
        screen.wait("imported: asyncio prompt_toolkit")


def unattended(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(HERE / "menu_program.py"), *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        env={"PYTHONPATH": str(HERE.parent.parent), "PATH": "/usr/bin:/bin"},
    )
    assert done.stderr == ""
    return done.stdout.splitlines()[-2]


def test_without_a_terminal_the_default_is_taken() -> None:
    assert unattended() == "chosen: e4"
    assert unattended("--timeout", "0.2") == "chosen: e4"


def test_without_a_terminal_and_a_default_nothing_is() -> None:
    assert unattended("--default", "") == "chosen: TimedOut"
    assert unattended("--default", "e2") == "chosen: TimedOut"


def test_control_d_chooses_nothing() -> None:
    with menu("--timeout", "10", term="dumb") as screen:
        screen.wait("any key stops")
        screen.type("\x04")
        screen.wait("Enter starts 4")
        time.sleep(10.2)  # longer than the countdown
        screen.pump()
        assert "chosen" not in screen.text


def test_a_terminal_that_hangs_up_does_not_hang_the_boot() -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, str(HERE / "menu_program.py"), "--timeout", "20"]
    environment = {"PYTHONPATH": str(HERE.parent.parent), "PATH": "/usr/bin:/bin", "TERM": "xterm"}
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, env=environment, text=True
    ) as process:
        os.close(theirs)
        assert process.stdout is not None
        while "Entry 6" not in process.stdout.readline():
            assert process.poll() is None
        os.close(ours)
        assert "chosen: e4\n" in process.stdout.read()


def test_a_countdown_ends_by_itself() -> None:
    with Screen("countdown_program.py", "1.5", term="vt220") as screen:
        screen.wait("pressed: False")
        for left in ("2s", "1s"):
            assert f"restarting in {left}; any key stops" in screen.everything
        assert screen.text.count("restarting") == 1


@pytest.mark.parametrize("key", ["x", "\r", "\x03", "\x1b[A"])
def test_a_key_ends_a_countdown(key: str) -> None:
    with Screen("countdown_program.py", "20", term="vt220") as screen:
        screen.wait(r"restarting in \d+s")
        screen.type(key)
        screen.wait("pressed: True")


@pytest.mark.parametrize("columns", [80, 60])
def test_a_long_submenu_gives_way_to_the_title(columns: int) -> None:
    with menu("--tree", "--timeout", "20", "--default", "e5", columns=columns) as screen:
        screen.wait("5 .*Debian GNU/Linux, with Linux 6.1 .default")
        screen.wait("6 .*Debian GNU/Linux, with Linux 6.1 .recovery mode")
        screen.wait("Starting .*Debian GNU/Linux, with.* any key stops")


LOGGED = [
    (
        "2", "e4", (),
        ["nobody pressed a key in 2s", "Starting Debian GNU/Linux, by itself: nobody chose"],
    ),
    ("30", "e4", ("\r",), [STOPPED + "enter", "Starting Debian GNU/Linux, by a key"]),
    ("30", "e4", ("x", "1", "\r"), [STOPPED + "x", "Starting Live system, by Enter"]),
    ("30", "e4", ("l",), [STOPPED + "l", "Starting Live system, by the key l"]),
    (
        "30", "e4", ("x", ":live single\r"),
        [STOPPED + "x", "Starting Live system, by the boot line `live single`, with single"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("timeout", "default", "keys", "wanted"), LOGGED)
def test_the_log_tells_who_chose_what(
    timeout: str, default: str, keys: Sequence[str], wanted: Sequence[str]
) -> None:
    arguments = ("--log", "--tree", "--timeout", timeout, "--default", default)
    with Screen("menu_program.py", *arguments) as screen:
        screen.wait("any key stops")
        for key in keys:
            screen.type(key)
            if key == "x":
                screen.wait("Enter start")
        screen.wait("chosen: ")
        logged = [line.removeprefix("log: ") for line in screen.lines if line.startswith("log: ")]
        first = f"menu Rescue, 7 entries; default: Debian GNU/Linux, starts in {timeout}s"
        assert logged == [first, *wanted]


def test_a_narrow_countdown_says_what_a_key_does() -> None:
    with menu("--tree", "--timeout", "28", columns=40, rows=10) as screen:
        screen.wait("^any key stops the countdown\nStarting Debian GNU/Linux in \\d+ s$")
        screen.type("\r")
        screen.wait("chosen: e4")


def test_titles_that_are_cut_can_be_told_apart() -> None:
    with menu("--alike", "--timeout", "28", "--default", "e4", columns=40, rows=10) as screen:
        screen.wait("any key stops")
        shown = [line[2:].removesuffix(" (default)") for line in screen.lines[1:5]]
        assert "Linux 12 > Rescue" in shown[0] and "Linux 13 > Rescue" in shown[1]
        assert "6.1.0-30-amd64" in shown[2] and "6.1.0-31-" in shown[3]
        screen.type("\r")
        screen.wait("chosen: e4")
