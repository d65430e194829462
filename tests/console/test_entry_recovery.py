"""The prompt that a menu's entry leads to: for `recovery` one that goes back to the menu, and for
who stops stepping through the entry the script's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from screen import Screen
from test_access import LOCKED, OFF, locked

MENU = r"^ Enter start  \? help"
NESTED = r"Recovery prompt: .*`exit` or Ctrl-D goes back to the menu"
ASKED = "Enter run, i into it, .*q quit:"


@contextmanager
def stopped(folder: Path) -> Iterator[Screen]:
    """Run a script that stops before its menu, up to the prompt."""
    store = str(folder / "lock")
    with Screen("locked_program.py", "--script", "steps", "--store", store) as screen:
        screen.wait("retry +go on at line")
        screen.wait_cursor("kxsh>")
        yield screen


def step_to_the_menu(screen: Screen) -> None:
    """Go into the menu's statement, and over its entries, until it is shown."""
    keys = {'fail "first"': "s", 'menu "M"': "i", "entry a": "\r", "entry b": "\r", "entry d": "\r"}
    key = "step\r"
    for line, answer in keys.items():
        before = len(screen.everything)
        screen.type(key)
        screen.wait_new(rf"(?s)\| +{line}.*q quit: *$", before)
        key = answer
    screen.type(key)
    screen.wait("any key stops")


def choose(screen: Screen, key: str, wanted: str) -> None:
    """Press an entry's key in the menu, and wait for what comes of it."""
    before = len(screen.everything)
    screen.type(key)
    screen.wait_new(wanted, before)


@pytest.mark.parametrize("key", ["q", "\x03"])
def test_stopping_in_an_entry_stops_the_stepping(key: str, tmp_path: Path) -> None:
    with stopped(tmp_path) as screen:
        step_to_the_menu(screen)
        choose(screen, "x", r'\| +say "one"')
        screen.wait_cursor(ASKED)
        before = len(screen.everything)
        screen.type(key)
        screen.wait_new(r"stopped before .*boot\.kxs:6; .*begins again at line 4", before)
        screen.wait_cursor("kxsh>")
        assert "goes back to the menu" not in screen.everything[before:]
        before = len(screen.everything)
        screen.type("step\r")
        screen.wait_new(r'\| menu "M"', before)
        screen.wait_cursor(ASKED)


def test_recovery_in_an_entry_says_why(tmp_path: Path) -> None:
    with stopped(tmp_path) as screen:
        screen.type("retry --skip\r")
        screen.wait("any key stops")
        choose(screen, "y", r"the last start failed .*y is broken")
        choose(screen, "z", rf"(?s)Starting Cable.*^CHECK THE CABLE$\s+{NESTED}")
        screen.command("why", "(?s)CHECK THE CABLE.*this prompt was asked for")
        screen.command("why 2", "y is broken")
        before = len(screen.everything)
        screen.type("exit\r")
        screen.wait_new(MENU, before)
        choose(
            screen, "w", "(?s)Why the last start failed.*y is broken"
        )  # nothing has failed since
        assert "CHECK THE CABLE" not in screen.text


@pytest.mark.parametrize(("cmdline", "then"), [(LOCKED, "Password for the recovery"), (OFF, MENU)])
def test_who_has_no_password_is_told_why_too(tmp_path: Path, cmdline: str, then: str) -> None:
    with locked(tmp_path, "--script", "cable", cmdline=cmdline) as screen:
        screen.wait("any key stops")
        choose(screen, "z", rf"(?s)Starting Cable.*^CHECK THE CABLE$.*{then}")


def test_what_is_typed_in_an_entrys_prompt_is_not_stepped_through(tmp_path: Path) -> None:
    with stopped(tmp_path) as screen:
        step_to_the_menu(screen)
        choose(screen, "z", r'\| +recovery "CHECK')
        screen.wait_cursor(ASKED)
        choose(screen, "\r", NESTED)
        screen.command("say typed", "^typed$")
        before = len(screen.everything)
        screen.type("exit\r")
        screen.wait_new(MENU, before)
        choose(screen, "x", r'\| +say "one"')  # and the script still is
