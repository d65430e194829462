"""A key that kxsh does not know does nothing: it is not Esc, which leaves and gives up."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from pytest import param
from screen import Screen
from test_access import PASSWORD, QUESTION, ends_outside, locked
from test_paging import PAGED

from kxsh.console.keys import Keys

# Insert, Ctrl-Right, F2 of xterm and of Linux, F12, Alt-x, Alt-a-umlaut, a paste's
# begin, a mouse's report.
UNKNOWN = [
    "\x1b[2~", "\x1b[1;5C", "\x1bOQ", "\x1b[[B", "\x1b[24~", "\x1bx", "\x1b\xe4",
    "\x1b[200~", "\x1b[<0;10;10M",
]  # fmt: skip
DEL = "\x1b[3~"


@pytest.fixture
def line() -> Iterator[tuple[int, Keys]]:
    """A person's side of a terminal, and the keys that are read from it."""
    ours, theirs = os.openpty()
    with open(theirs, "r+b", buffering=0) as stream:
        yield ours, Keys(cast("object", stream))  # type: ignore[arg-type]
    os.close(ours)


@pytest.mark.parametrize(("typed", "keys"), [
    *(param(typed, ["unknown"], id=repr(typed)) for typed in UNKNOWN),
    (DEL, ["backspace"]), ("\x1b[A", ["up"]), ("\x1bOH", ["home"]), ("\x1b[[A", ["f1"]),
    ("\x1bOP", ["f1"]),
    ("\x1b", ["escape"]), ("\x1b\x1b", ["escape"]), ("\x1b\x1b[A", ["up"]),
    ("\x1b[1\x1b[B", ["down"]), ("\x1b[1\x03", ["interrupt"]), ("\x1b\x03", ["interrupt"]),
    ("\x1b[3$", ["unknown"]), ("\xe4", ["\xe4"]),
])  # fmt: skip
def test_what_is_read(line: tuple[int, Keys], typed: str, keys: list[str]) -> None:
    """Each as told, and nothing of it is left over for the next key."""
    ours, reader = line
    with reader:
        os.write(ours, f"a{typed}".encode())
        assert [reader.read(20), reader.read(20)] == ["a", *keys]
        os.write(ours, b"z")
        assert reader.read(20) == "z"


def test_a_line_that_breaks_within_a_sequence(line: tuple[int, Keys]) -> None:
    """The end of input is seen there, too: nothing is waited for without an end."""
    read, write = os.pipe()
    _, reader = line
    with reader:
        os.write(write, b"\x1b[")
        os.close(write)
        reader._descriptor = read
        assert reader.read(20) == "eof"
    os.close(read)


def test_a_pager_stays() -> None:
    with Screen("prompt_program.py", term="linux", columns=80, rows=12) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("help keys\r")
        screen.wait(PAGED)
        for key in (*UNKNOWN, DEL):
            screen.type("/nowhere")
            screen.wait_cursor("/nowhere")
            screen.type(f"{key}\r")
            screen.wait("not found: nowher" if key == DEL else "not found: nowhere")
            screen.type(key)
            screen.wait("^q back")
        screen.type("\x1b")
        screen.wait_cursor("kxsh>")


def test_a_password_that_is_typed_is_kept(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "fails") as screen:
        screen.wait(QUESTION)
        time.sleep(0.1)
        screen.type("".join(f"{letter}{DEL}{letter}" for letter in PASSWORD[:5]))
        screen.type(f"{''.join(UNKNOWN)}{PASSWORD[5:]}x{DEL}\r")
        screen.wait_cursor("kxsh>")


def test_esc_still_gives_up_a_password(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "recovery") as screen:
        screen.wait(QUESTION)
        time.sleep(0.1)
        screen.type("abc\x1b")
        ends_outside(screen)


def test_a_step_goes_on_asking() -> None:
    with Screen("prompt_program.py", "--failed", term="linux") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("step\r")
        for key in (*UNKNOWN, DEL):
            screen.wait_cursor(r".*q quit:")
            before = len(screen.everything)
            screen.type(key)
            screen.wait_new("q quit: ", before)
        screen.type("\x1b")
        screen.wait("stopped before boot.kxs:3")
        screen.wait_cursor("kxsh>")


def test_a_menu_in_lines_keeps_what_is_typed() -> None:
    options = ("--tree", "--default", "e1", "--serial")
    with Screen("menu_program.py", *options, term="dumb") as screen:
        screen.wait_cursor(".*boot:")
        screen.type(f"debian{''.join(UNKNOWN)}-oldx{DEL}\r")
        screen.wait("chosen: e5")


def test_a_menu_by_numbers_keeps_what_is_typed() -> None:
    options = ("--broken", "press", "--tree", "--default", "e1")
    with Screen("menu_program.py", *options, term="dumb") as screen:
        screen.wait("Enter starts 1")
        screen.type("\r")
        screen.wait("Number, Enter: 1")
        screen.type(f"4{''.join(UNKNOWN)}\r")
        screen.wait("chosen: e4")
