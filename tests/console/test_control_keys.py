"""Ctrl-C and its like, with real programs on a real terminal."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from screen import Screen

from kxsh.machine.supervisor import ABANDONED

TERMINALS = ["xterm", "linux", "vt220", "dumb"]


def prompt(term: str = "xterm") -> Screen:
    screen = Screen("here_program.py", term=term, columns=100, rows=40)
    screen.wait_cursor("kxsh>")
    return screen


def interrupt(screen: Screen, wanted: str) -> None:
    screen.type("\x03")
    screen.wait(wanted)
    screen.wait_cursor("kxsh>")


@pytest.mark.parametrize("term", TERMINALS)
def test_a_command_stops_at_its_safe_point(term: str) -> None:
    with prompt(term) as screen:
        screen.type("say one; sleep 60s\r")
        screen.wait("^one$")
        interrupt(screen, "interrupted while sleeping|stopped by Ctrl-C")
        screen.type("say two; while true { sleep 10ms }\r")
        screen.wait("^two$")
        interrupt(screen, "interrupted failure in `sleep`|stopped by Ctrl-C")
        screen.type("findfs LABEL=NOSUCH --wait 60s\r")
        screen.wait("waiting for LABEL=NOSUCH")
        interrupt(screen, "interrupted while waiting for a device|stopped by Ctrl-C")
        screen.command("why", "what: interrupted")


def test_no_handler_takes_it_for_a_failure() -> None:
    with prompt() as screen:
        screen.type('say one; sleep 60s else { say "handled" }\r')
        screen.wait("^one$")
        interrupt(screen, "interrupted while sleeping|stopped by Ctrl-C")
        assert not any(line == "handled" for line in screen.lines)


def test_a_program_has_it_for_itself() -> None:
    with prompt() as screen:
        screen.type("""run sh -c 'trap "echo got it; exit 5" INT; echo go; sleep 60 & wait'\r""")
        screen.wait("^go$")
        interrupt(screen, "got it")
        screen.wait("sh ended with status 5")
        screen.type("sleep 60\r")  # the built-in wants a unit
        screen.wait_cursor("kxsh>")
        screen.type("run sh -c 'echo three; exec sleep 60'\r")
        screen.wait("^three$")
        interrupt(screen, r"sh was ended by SIGINT \(Ctrl-C\)")
        screen.command("why", "what: io")


def test_a_program_in_a_mess_leaves_the_terminal_usable() -> None:
    with prompt("dumb") as screen:
        screen.type("run sh -c 'stty raw -echo; echo done'\r")
        screen.wait("^ *done$")
        screen.wait_cursor(" *kxsh>")
        screen.type("1 + 2\r")
        screen.wait(r"kxsh> 1 \+ 2$")  # it is echoed
        screen.wait("^ *3$")


def test_the_stops_do_nothing_in_programs_either() -> None:
    with prompt() as screen:
        screen.type("run sh -c 'echo go; exec cat'\r")
        screen.wait("^go$")
        screen.type("\x1a\rstill here\r")
        screen.wait("(?s)still here.*still here")
        screen.type("\x04")
        screen.wait_cursor("kxsh>")
        screen.type("sh\r")
        screen.wait("comes back to kxsh")
        screen.type("echo in-the-$((1+1))nd; exit 3\r")
        screen.wait("in-the-2nd")
        screen.wait(r"back in kxsh \(status 3, \d+ devices? there\)")
        screen.wait_cursor("kxsh>")


def test_a_program_that_takes_no_notice_is_ended_by_control_backslash() -> None:
    with prompt() as screen:
        screen.type(
            """run sh -c 'trap "echo no" INT; echo stubborn; while :; do sleep 1; done'\r"""
        )
        screen.wait("^stubborn$")
        screen.type("\x03")
        screen.wait("no$")
        screen.type("\x1c")
        screen.wait("sh was ended by SIGQUIT")
        screen.wait_cursor("kxsh>")
        screen.type("\x1c")  # here it does nothing
        screen.command("1 + 2", "^3$")


@pytest.mark.parametrize("term", ["xterm", "dumb"])
@pytest.mark.parametrize(
    "line",
    ["say go; sleep 60s", "run sh -c 'echo go; exec sleep 60'", "say go; while true { }"],
)
def test_what_is_said_after_ctrl_c_stands_on_a_line_of_its_own(term: str, line: str) -> None:
    with prompt(term) as screen:
        screen.type(f"{line}\r")
        screen.wait("^go$")
        screen.type("\x03")
        screen.wait(r"^error\[KX800\]: ")
        screen.wait_cursor("kxsh>")


# -- bursts of Ctrl-C, from the first moment on


def started(tmp_path: Path, script: str, *arguments: str) -> Screen:
    store = str(tmp_path / "lock")
    program = ("locked_program.py", "--store", store, "--script", script)
    return Screen(*program, *arguments, background=True)


@pytest.mark.slow
@pytest.mark.parametrize("interval", [0.02, 0.3])
@pytest.mark.parametrize("script", ["menu", "fails", "sleeps", "none"])
def test_no_burst_ends_it(tmp_path: Path, script: str, interval: float) -> None:
    """But for two that end a command that runs; whatever they hit, the prompt comes."""
    screen = started(tmp_path, script)
    deadline = time.monotonic() + 4
    while time.monotonic() < deadline:
        screen.type("\x03")
        pressed = time.monotonic()
        while (alive := screen.pump(0.01)) and time.monotonic() - pressed < interval:
            continue
        if not alive:
            assert screen.end() == ABANDONED, screen.everything
            assert "stopped by two Ctrl-C: starting again" in screen.everything
            screen = started(tmp_path, script, "--restarted", "--ended", str(ABANDONED))
    # The last press may be the one that ends it, and its end be told later.
    settled = time.monotonic() + 3
    while screen.pump(0.1) and time.monotonic() < settled:
        continue
    if not screen.process.isalive() or "stopped by two Ctrl-C: starting" in screen.text:
        assert screen.end() == ABANDONED, screen.everything
        screen = started(tmp_path, script, "--restarted", "--ended", str(ABANDONED))
    screen.wait_cursor(r"(\^C)*kxsh>")
    time.sleep(0.5)  # the last presses are behind it
    screen.type("\r")
    screen.command("say alive", "^alive$")
    assert "Traceback" not in screen.everything
    screen.close()


def test_the_start_after_two_says_so(tmp_path: Path) -> None:
    with started(tmp_path, "menu", "--restarted", "--ended", str(ABANDONED)) as screen:
        screen.wait("stopped by two Ctrl-C, and kxsh was started again")
        screen.wait_cursor("kxsh>")


def test_two_in_two_commands_end_nothing() -> None:
    with Screen("prompt_program.py", "--failed") as screen:
        for number in (1, 2):
            screen.wait_cursor("kxsh>")
            screen.type("run patient\r")
            screen.wait_new("waiting now", len(screen.everything))
            screen.type("\x03")
            screen.wait_cursor("kxsh>")
            screen.command(f"say still{number}", f"^still{number}$")


@pytest.mark.parametrize("before", ["say first", "retry --edit"])
def test_two_end_what_is_stuck(before: str) -> None:
    """Also in a line that an editor was opened in before."""
    with Screen("prompt_program.py", "--failed") as screen:
        screen.wait_cursor("kxsh>")
        if before.startswith("retry"):
            screen.type(f"{before}\r")
            screen.wait("kxsh> let image")
            time.sleep(0.5)
            screen.type("\x15run stuck\r")
        else:
            screen.command(before, "^first$")
            screen.type("run stuck\r")
        screen.wait("stuck now")
        screen.type("\x03")
        time.sleep(0.4)
        screen.type("\x03")
        screen.wait("stopped by two Ctrl-C: starting again")
        assert screen.end() == ABANDONED
