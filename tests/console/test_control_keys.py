"""Ctrl-C and its like, with real programs on a real terminal."""

from __future__ import annotations

import time

import pytest
from screen import Screen

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
        screen.type("run cat\r")
        time.sleep(0.5)
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
            """run sh -c 'trap "" INT; sleep 1; echo stubborn; while :; do sleep 1; done'\r"""
        )
        screen.wait("^stubborn$")
        screen.type("\x03")
        time.sleep(0.5)
        screen.type("\x1c")
        screen.wait("sh was ended by SIGQUIT")
        screen.wait_cursor("kxsh>")
        screen.type("\x1c")  # here it does nothing
        screen.command("1 + 2", "^3$")


@pytest.mark.parametrize("term", ["xterm", "dumb"])
@pytest.mark.parametrize("line", ["sleep 60s", "run sleep 60", "while true { }"])
def test_what_is_said_after_ctrl_c_stands_on_a_line_of_its_own(term: str, line: str) -> None:
    with prompt(term) as screen:
        screen.type(f"{line}\r")
        time.sleep(0.7)
        screen.type("\x03")
        screen.wait(r"^error\[KX800\]: ")
        screen.wait_cursor("kxsh>")
