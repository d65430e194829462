"""What happens on a terminal while a line is typed, before it is run."""

from __future__ import annotations

import re
import time

import pytest
from screen import QUERIES, Screen

EDITING = [
    ("xterm", ()),
    ("linux", ()),
    ("vt220", ("--serial",)),
    ("vt100", ("--serial",)),
]


def prompt(term: str, *arguments: str, columns: int = 80, rows: int = 24) -> Screen:
    return Screen("prompt_program.py", *arguments, term=term, columns=columns, rows=rows)


def settle(screen: Screen, seconds: float = 0.5) -> None:
    """Let a screen be drawn to its end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        screen.pump()


# -- faults


@pytest.mark.parametrize(("term", "options"), EDITING)
def test_a_fault_is_underlined_and_told_below(term: str, options: tuple[str, ...]) -> None:
    with prompt(term, *options) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("mont LABEL=GENTOO")
        screen.wait("^KX201 there is no command `mont`; did you mean `mount`.$")
        assert screen.underlined == ["mont"]
        screen.type("\x01\x1b[C\x1b[C\x1b[C" + "\x7f" * 3 + "mount\x1b[3~\x05")
        screen.wait_cursor("kxsh> mount LABEL=GENTOO")
        settle(screen)
        assert "KX201" not in screen.text
        assert screen.underlined == []
        screen.type("\r")
        screen.wait("/mnt/1")
        assert QUERIES.findall(screen.output) == []


def test_a_first_line_that_is_over_at_once_takes_no_note_from_the_others() -> None:
    with prompt("xterm") as screen:
        screen.type("1 + 2\r")
        screen.wait("^3$")
        screen.wait_cursor("kxsh>")
        screen.type("mont x")
        screen.wait("^KX201 there is no command `mont`")


def test_the_note_follows_the_cursor_and_goes_with_the_line() -> None:
    with prompt("linux") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("say $one and ${esp.labl} x")
        screen.wait(r"^2/2 KX107 a device has no field `labl`; did you mean `label`\?$")
        assert screen.underlined == ["$one", "esp.labl"]
        screen.type("\x01")
        screen.wait("^1/2 KX101 there is no variable `.one`")
        screen.type("\x03")
        settle(screen)
        screen.wait_cursor("kxsh>")
        assert "KX101" not in screen.text.rpartition("kxsh>")[2]
        assert screen.underlined == []


def test_a_fault_inside_of_a_block_is_told_before_its_end() -> None:
    with prompt("xterm") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("for n in [1, 2] {\r")
        screen.wait_cursor(r" \.\.\.>")
        screen.type("say $m x")
        screen.wait("KX101 there is no variable `.m`")
        assert screen.underlined == ["$m"]


def test_nothing_is_told_of_a_word_that_may_go_on() -> None:
    with prompt("linux") as screen:
        screen.command("1 + 1", "^2$")
        for word in (
            "mo",
            "mount LA",
            "mount LABEL=GENTOO --ty",
            "say $es",
            "say ${esp.l",
            "let x =",
        ):
            screen.type(word)
            settle(screen, 0.4)
            assert "KX" not in screen.text, word
            assert screen.underlined == [], word
            screen.type("\x03")


def test_eight_colours_are_enough() -> None:
    with prompt("linux") as screen:
        screen.command("findfs LABEL=GENTOO", "path=/dev/sda1")
        screen.type(
            "mont 'x' $y 5 --ty # z\x03mount LABEL=\t\t\x03\x12find\x12\r\x03say ${esp\x1b[11~\x03"
        )
        settle(screen)
        found = re.findall(rb"\x1b\[([0-9;]*)m", screen.output)
        used = {int(number) for numbers in found for number in numbers.split(b";") if number}
        assert used <= {0, 1, 4, 7, *range(30, 38), *range(40, 48), 39, 49}, used


def test_the_note_fits_a_small_screen() -> None:
    with prompt("vt220", "--serial", columns=40, rows=10) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("mount LABEL=GENTOO --optionz ro ")
        screen.wait(r"^KX202 `mount` has no option `--optionz`$")
        screen.type("\r")
        screen.wait("usage: mount")


# -- help


@pytest.mark.parametrize("key", ["\x1b[[A", "\x1bOP", "\x1b[11~"])
def test_f1_marks_the_parameter_and_keeps_the_line(key: str) -> None:
    with prompt("linux") as screen:
        screen.wait_cursor("kxsh>")
        screen.type(f"let m = mount LABEL=GENTOO --ty{key}")
        screen.wait(
            r"^mount DEVICE \[DIRECTORY\] \[--type STR\] .*\n"
            r" {25}\^{12}\n    the filesystem type; left out: what its superblock says$"
        )
        screen.wait_cursor("kxsh> let m = mount LABEL=GENTOO --ty")
        screen.type(f"\x03{key}")
        screen.wait("^`help` lists the commands, `help keys` the keys$")


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 10), (200, 60)])
def test_f1_fits_the_screen(columns: int, rows: int) -> None:
    with prompt("vt220", "--serial", columns=columns, rows=rows) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("load x --drop \x1b[11~")
        screen.wait(r"^ +\^{15}(\n.*)* remove keys from the command line")
        screen.wait_cursor("kxsh> load x --drop")


# -- completion


@pytest.mark.parametrize(("term", "options"), EDITING)
def test_tab_shows_what_things_are(term: str, options: tuple[str, ...]) -> None:
    with prompt(term, *options) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("ls (hd0,1)/\t")
        screen.wait_cursor("kxsh> ls LABEL=GENTOO:/isolinux/")
        screen.type("\r")
        screen.wait(r"^ +2\.9 KiB  gentoo$")
        screen.wait_cursor("kxsh>")
        screen.type('load x --cmdline "quiet console=\t')
        screen.wait(r"ttyS0,115200 +the first serial line")
        screen.type("\x03boot \t")
        screen.wait(r"Gentoo Linux +isolinux on LABEL=GENTOO")
        assert QUERIES.findall(screen.output) == []


def test_grubs_names_are_shown_in_kxshs_words_before_they_run() -> None:
    with prompt("linux") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("cat (hd0,1)/isolinux/isolinux.cfg\r")
        screen.wait_cursor("kxsh> cat LABEL=GENTOO:/isolinux/isolinux.cfg")
        screen.wait("^GRUB's name of the disk, as kxsh writes it; Enter runs the line$")
        assert "MENU LABEL" not in screen.text
        screen.type("\r")
        screen.wait("  MENU LABEL Gentoo Linux")
        screen.wait_cursor("kxsh>")
        screen.command("cat (hd7,1)/x", "KX607")


# -- history


@pytest.mark.parametrize("key", ["\x1b[C", "\x1b[F", "\x05"], ids=["Right", "End", "Ctrl-E"])
def test_a_key_takes_what_the_history_suggests(key: str) -> None:
    with prompt("linux") as screen:
        screen.command("findfs LABEL=GENTOO", "path=/dev/sda1")
        screen.type("fin")
        screen.wait_cursor("kxsh> findfs LABEL=GENTOO")
        screen.type(f"{key}\r")
        screen.wait("(?s)path=/dev/sda1.*path=/dev/sda1")
        screen.wait_cursor("kxsh>")


def test_what_is_not_kept_is_not_suggested() -> None:
    with prompt("linux") as screen:
        screen.command("findfs LABEL=GENTOO", "path=/dev/sda1")
        screen.wait_cursor("kxsh>")
        screen.command(" say secret", "^secret$")
        screen.type("\x1b[A")
        screen.wait_cursor("kxsh> findfs LABEL=GENTOO")
        screen.type("\x03 sa")
        settle(screen)
        assert screen.lines[-1:] != ["kxsh>  say secret"]
        screen.wait_cursor("kxsh>  sa")


@pytest.mark.parametrize(("term", "options"), EDITING)
def test_a_block_is_recalled_and_edited_line_by_line(term: str, options: tuple[str, ...]) -> None:
    with prompt(term, *options) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("for n in [1, 2] {\rsay one $n\r}\r")
        screen.wait("^one 2$")
        screen.wait_cursor("kxsh>")
        screen.type("\x1b[A")
        screen.wait_cursor(r" \.\.\.> }")
        screen.type("\x1b[A")
        screen.wait_cursor(r" \.\.\.> say one \$n")
        screen.type("\x05" + "\x7f" * 6 + "two $n\r")
        screen.wait("^two 2$")
        assert QUERIES.findall(screen.output) == []


def test_a_long_help_is_paged() -> None:
    with prompt("vt220", "--serial", columns=40, rows=10) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("help mount\r")
        screen.wait(r"^lines 1-9 of \d+  q back")
        screen.wait("^usage: mount DEVICE")
        screen.type("/superblock\r")
        screen.wait("superblock")
        screen.type("q")
        screen.wait_cursor("kxsh>")
        screen.command("1 + 2", "^3$")


def test_a_list_that_goes_on_out_of_sight_says_how_long_it_is() -> None:
    with prompt("vt220", "--serial", columns=40, rows=10) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("\t")
        screen.wait(r"^\d\d+ fit: type on, or Tab and arrows$")
        screen.type("\t\t")
        screen.wait(r"^2 of \d\d+$")
        screen.type("\x03")
        screen.wait_cursor("kxsh>")
        screen.type("mount LABEL=\t")
        screen.wait("^ *LABEL=KXSH ESP")
        assert " fit:" not in screen.text
