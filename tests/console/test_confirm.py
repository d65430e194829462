"""An entry with `--confirm` asks once more before it starts, however it is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from screen import Screen
from test_access import PASSWORD, QUESTION, ends_outside, give, locked

ASKED = "The script asks once more before this starts"


def menu(term: str, *arguments: str) -> Screen:
    options = ("--tree", "--default", "e1", "--serial", "--confirm")
    return Screen("menu_program.py", *options, *arguments, term=term)


@pytest.mark.parametrize("chosen", ["4\r", ":debian\r", ":debian single\r"])
def test_in_the_full_screen(chosen: str) -> None:
    with menu("linux") as screen:
        screen.wait(r"4 Debian GNU/Linux +asks first$")
        for answer in ("\r", "n", "\x1b"):
            screen.type(chosen)
            screen.wait(ASKED)
            screen.type(answer)
            screen.wait("^> 4 Debian")
        screen.wait("asks once more before it starts")
        screen.type(chosen)
        screen.wait(ASKED)
        screen.type("y")
        screen.wait("chosen: e4( single)?$")


@pytest.mark.parametrize("chosen", ["4", "debian", "debian single"])
def test_in_lines(chosen: str) -> None:
    with menu("dumb") as screen:
        screen.wait(r"4 Debian GNU/Linux +asks first$")
        for answer in ("", "yes please"):
            screen.wait_cursor(".*boot:.*")
            screen.type(f"{chosen}\r")
            screen.wait_cursor(r".*y / n:")
            assert ASKED in screen.text
            screen.type(f"{answer}\r")
        screen.wait_cursor(".*boot:.*")
        screen.type(f"{chosen}\r")
        screen.wait_cursor(r".*y / n:")
        screen.type("y\r")
        screen.wait("chosen: e4( single)?$")


def test_by_numbers() -> None:
    with menu("dumb", "--broken", "press") as screen:
        screen.wait("Enter starts 1")
        screen.type("\r")
        screen.wait("Number, Enter: 1")
        screen.type("4\r")
        screen.wait("asks once more before this starts: Enter starts it")
        screen.type("\x7f")  # any key but Enter takes it back
        screen.type("4\r4\r")
        screen.wait_cursor("the script asks once more .*")
        screen.type("\r")
        screen.wait("chosen: e4")


@pytest.mark.parametrize("key", ["\r", "4\r"])
def test_a_default_of_the_script_starts_by_itself(key: str) -> None:
    """The script has named it; a person is asked all the same."""
    options = ("--tree", "--default", "e4", "--confirm")
    with Screen("menu_program.py", *options, "--timeout", "0.5", term="linux") as screen:
        screen.wait("chosen: e4")
    with Screen("menu_program.py", *options, "--timeout", "60", term="linux") as screen:
        screen.wait("any key stops")
        screen.type(key)
        screen.wait("asks once more before this starts")
        assert "chosen" not in screen.text


@pytest.mark.parametrize("term", ["linux", "dumb"])
def test_in_a_locked_menu_the_password_comes_after_it(tmp_path: Path, term: str) -> None:
    yes = "y" if term == "linux" else "y\r"
    with locked(tmp_path, "--script", "sure", term=term) as screen:
        screen.wait("any key stops")
        screen.type("d")
        screen.wait("y / n")
        assert "Password" not in screen.everything
        screen.type(yes)
        screen.wait_cursor(QUESTION)
        assert "WIPE STARTED" not in screen.everything
        give(screen, PASSWORD)
        screen.wait("WIPE STARTED")
        ends_outside(screen)
