"""How a prompt, the menu and its boot line are left: by Esc at once, by two keys at a time, and
by a fault in them."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import termios
import time
from pathlib import Path

import pytest
from screen import Screen

# What the menu shows once a key opened it.
MENU = r"^ Enter start  \? help"
SEQUENCES = ["\x1b\x04", "\x1b\x03", "\x1b\x1b", "\x1b\x1b\x04", "\x1b4", "\x1bb\x04"]


def menu() -> Screen:
    return Screen("live_menu_program.py", "stick")


def open_prompt(screen: Screen) -> None:
    screen.wait("any key stops|Enter start")
    screen.type("c")
    screen.wait_cursor("kxsh>")


@pytest.mark.parametrize("keys", SEQUENCES)
def test_esc_and_another_key_leave_the_prompt_once(keys: str) -> None:
    with menu() as screen:
        open_prompt(screen)
        screen.type(keys)
        # Where Esc was quick, Ctrl-C came to the menu, and left that.
        screen.wait(f"{MENU}|ended: Interrupted" if "\x03" in keys else MENU)
        assert "Unhandled" not in screen.everything and "Traceback" not in screen.everything


def test_esc_leaves_an_empty_prompt_at_once() -> None:
    with menu() as screen:
        took = []
        for _ in range(4):
            open_prompt(screen)
            screen.pump(0.3)
            began, before = time.monotonic(), len(screen.everything)
            screen.type("\x1b")
            screen.wait_new(MENU, before)
            took.append(time.monotonic() - began)
        # prompt_toolkit alone would wait for 1.5 s.
        assert min(took) < 1.2


@pytest.mark.parametrize("read", [True, False])
def test_an_arrow_key_that_comes_in_pieces_is_no_esc(read: bool) -> None:
    """Not even where the program gets no turn for longer than a sequence may take: what has
    come by then still counts. `read`: Esc was read, and its time ran out meanwhile."""
    with menu() as screen:
        open_prompt(screen)
        screen.type("disks\r")
        screen.wait("^device +size")
        screen.wait_cursor("kxsh>")
        screen.type("\x1b")
        if read:
            _wait_until_read(screen)
            time.sleep(0.05)  # and its time runs
        screen.process.kill(signal.SIGSTOP)
        screen.type("[")
        time.sleep(0.3)
        screen.type("A")
        screen.process.kill(signal.SIGCONT)
        screen.wait_cursor("kxsh> disks")


def _wait_until_read(screen: Screen) -> None:
    """Wait until the program has read all that was typed."""
    deadline, left = time.monotonic() + 20, 1
    terminal = os.open(f"/proc/{screen.process.pid}/fd/0", os.O_RDONLY | os.O_NOCTTY)
    while left:
        assert time.monotonic() < deadline
        left = int.from_bytes(fcntl.ioctl(terminal, termios.FIONREAD, bytes(4)), sys.byteorder)
    os.close(terminal)


@pytest.mark.parametrize("key", ["4", "-", "9"])
def test_esc_and_a_digit_repeat_nothing(key: str) -> None:
    with menu() as screen:
        open_prompt(screen)
        screen.type(f"x\x1b{key}e")
        screen.wait_cursor(f"kxsh> x{key}e")
    with Screen("prompt_program.py") as screen:
        screen.wait_cursor("kxsh>")
        screen.type(f"\x1b{key}e")
        screen.wait_cursor(f"kxsh> {key}e")


@pytest.mark.parametrize("text", ["", "alph"])
def test_esc_leaves_the_boot_line_whatever_comes_next(text: str) -> None:
    with menu() as screen:
        screen.wait("any key stops")
        screen.type(":")
        screen.wait("^ boot:")
        screen.type(f"{text}\x1b4")
        screen.wait(MENU)
        assert "boot:" not in screen.text


def test_a_fault_in_the_event_loop_is_one_plain_line() -> None:
    with Screen("prompt_program.py", "--editor", "breaks") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("x")
        screen.wait("line editing failed, plain input from here .*: the loop broke")
        screen.type("\rdisks\r")
        screen.wait("GENTOO")
        for trace in ("Unhandled", "Traceback", "Press ENTER"):
            assert trace not in screen.everything


def test_a_fault_in_the_menus_event_loop_costs_only_its_screen() -> None:
    with Screen("menu_program.py", "--tree", "--broken", "loop") as screen:
        screen.wait(MENU)
        screen.type(":")
        screen.wait("no full screen here, lines instead: a fault")
        for trace in ("Unhandled", "Traceback", "Press ENTER"):
            assert trace not in screen.everything


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_the_prompt_that_an_entry_opens_goes_back_to_the_menu(term: str) -> None:
    opened = MENU if term == "xterm" else "boot: $"
    with Screen("live_menu_program.py", "stick", term=term) as screen:
        screen.wait("any key stops|Enter start")
        screen.type("r" if term == "xterm" else "x\x15r\r")
        screen.wait("Recovery prompt: .*`exit` or Ctrl-D goes back to the menu")
        screen.wait_cursor("kxsh>")
        before = len(screen.everything)
        screen.type("exit\r")
        screen.wait_new(opened, before)
        screen.type("\x03")
        screen.wait("ended: Interrupted")


def test_a_menu_that_was_left_comes_back_without_a_countdown(tmp_path: Path) -> None:
    with Screen("locked_program.py", "--store", str(tmp_path / "lock"), "--fast") as screen:
        screen.wait("any key stops")
        screen.type("\x03")
        screen.wait(r"retry +back to the menu \(or Ctrl-D\)")
        screen.wait_cursor("kxsh>")
        screen.type("\x04")
        screen.wait(r"Resume booting: back to the menu of EFI/BOOT/boot.kxs, line 3\? \[y/N\]")
        before = len(screen.everything)
        screen.type("y\r")
        screen.wait_new(MENU, before)
        assert "any key stops" not in screen.everything[before:]
