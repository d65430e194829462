"""What is longer than the screen is shown page by page, whatever it is; never on a dumb one."""

from __future__ import annotations

import io
import re

import pytest
from screen import QUERIES, Screen

from kxsh.console.pager import Pager
from kxsh.console.terminal import Terminal
from kxsh.text import cells

NUMBERS = ", ".join(str(number) for number in range(20))
MANY = 'let all = [first: ""]; for i in [' + NUMBERS + "]"
MANY += ' { set all["key $i"] = "a value, number $i" }; $all'
PAGED = r"lines 1-\d+ of \d+"


def prompt(term: str, columns: int, rows: int, *options: str) -> Screen:
    screen = Screen("prompt_program.py", *options, term=term, columns=columns, rows=rows)
    screen.wait_cursor("kxsh>")
    return screen


@pytest.mark.parametrize(("columns", "rows"), [(80, 12), (40, 10)])
@pytest.mark.parametrize("term", ["xterm", "vt100"])
def test_a_long_value_is_paged_and_stays_in_sight(term: str, columns: int, rows: int) -> None:
    with prompt(term, columns, rows, "--serial") as screen:
        screen.type(f"{MANY}\r")
        screen.wait(PAGED)
        screen.wait_first(r'^\[first: "",')
        screen.type("\x1b[F")
        screen.wait(r' "key 19": "a value, number 19"\]$')
        screen.type("q")
        screen.wait_cursor("kxsh>")
        assert "a value, number 19" in screen.text
        assert "q back" not in screen.text
        screen.command("1 + 1", "^2$")
        assert QUERIES.findall(screen.output) == []


@pytest.mark.parametrize("command", ["devices", "disks", "why", "history", "mounts", "help keys"])
def test_everything_that_is_asked_for_is_paged_on_a_small_screen(command: str) -> None:
    with prompt("linux", 40, 8, "--failed") as screen:
        for line in ("let m = mount LABEL=GENTOO", "let a = 1", "let b = 2", "let c = 3") * 2:
            screen.type(f"{line}\r")
            screen.wait_cursor("kxsh>")
        for _ in range(5):
            screen.type("for d in devices --with-filesystem { mount $d --keep else { } }\r")
        screen.wait_cursor("kxsh>")
        screen.type(f"{command}\r")
        screen.wait(PAGED if command != "history" else r"\d history\nlines \d+-(\d+) of \1 ")
        screen.type("q")
        screen.wait_cursor("kxsh>")


def test_letters_that_become_longer_on_a_serial_line_hide_nothing() -> None:
    with prompt("linux", 40, 10, "--serial") as screen:
        screen.type("let a = []; for i in [10, 11, 12, 13, 14, 15, 16, 17, 18, 19] ")
        screen.type(f'{{ set a = $a + ["line $i {20 * chr(228)}"] }}; $a\r')
        seen = set()
        for top in range(1, 23):  # 30 lines, 9 of them on the screen
            screen.wait(f"lines {top}-{top + 8} of 30 ")
            seen.update(re.findall(r"^ ?\[?\"line (\d\d)", screen.text, re.MULTILINE))
            screen.type("\x1b[B")
        assert seen == {str(number) for number in range(10, 20)}


def test_nothing_is_paged_on_a_dumb_terminal() -> None:
    with prompt("dumb", 80, 10) as screen:
        screen.type(f"{MANY}\nhelp keys\nlog\nsay done\n")
        screen.wait(r"done\nkxsh>\Z")
        assert "q back" not in screen.everything
        assert "\x1b" not in screen.everything
        assert 'first: ""' in screen.everything


def test_wide_characters_are_wrapped_by_their_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    terminal = Terminal(io.StringIO(), out, color=False, serial=False, term="xterm")
    monkeypatch.setattr(Terminal, "size", lambda self: (20, 5))
    pager = Pager(terminal, ["\u6f22" * 25, "plain"], first=True)
    pager._draw()
    lines = out.getvalue().replace("\x1b[K", "").replace("\x1b[H", "").split("\r\n")
    assert [cells(line) for line in lines[:3]] == [18, 18, 14]
    assert lines[3] == "plain"


def test_a_plan_goes_on_in_its_second_column() -> None:
    with prompt("linux", 40, 24) as screen:
        screen.command("plan LABEL=GENTOO:/isolinux/vmlinuz", "^equal to kexec")
        assert "kernel   /mnt/1/isolinux/vmlinuz\n         (bzImage," in screen.text
        assert re.search(r"^memory   .*\n         available$", screen.text, re.MULTILINE)


def test_what_undo_says_is_broken_between_words() -> None:
    with prompt("linux", 40, 24) as screen:
        screen.command("load LABEL=GENTOO:/isolinux/vmlinuz", "^equal to kexec")
        screen.command("save-script a-name-that-is-quite-long.kxs", "^wrote")
        screen.command("undo", r"^  was new, and stays; it can be removed\n  by hand$")
