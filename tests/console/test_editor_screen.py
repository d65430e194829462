"""The entry editor on real terminals, from a keyboard's bytes to what it returns."""

from __future__ import annotations

import re

import pytest
from screen import QUERIES, Screen

TERMINALS = [("xterm", ()), ("linux", ()), ("vt220", ("--serial",)), ("vt100", ("--serial",))]
SIZES = [(80, 24), (40, 10), (200, 60)]
UP, DOWN = "\x1b[A", "\x1b[B"


def editor(term: str, *arguments: str, columns: int = 80, rows: int = 24) -> Screen:
    return Screen("editor_program.py", *arguments, term=term, columns=columns, rows=rows)


@pytest.mark.parametrize(("term", "options"), TERMINALS)
@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_a_word_is_added_changed_and_booted(
    term: str, options: tuple[str, ...], columns: int, rows: int
) -> None:
    with editor(term, *options, columns=columns, rows=rows) as screen:
        screen.wait("Edit: Gentoo Linux")
        screen.wait("kernel: the root filesystem")
        screen.type("rootdealy=5 " + UP)  # goes before nothing: at the end of root=
        screen.wait("changed")
        screen.type(DOWN)
        screen.wait("quiet")
        assert all(len(line) <= columns for line in screen.lines)
        screen.type("\x18")
        assert screen.end() == 0
        assert "edited" in screen.text
        assert "cmdline 'root=/dev/ram0rootdealy=5 " in screen.everything
        assert QUERIES.findall(screen.output) == []
        if options:
            assert screen.output.isascii()


def test_notes_and_findings_come_as_one_types() -> None:
    with editor("xterm") as screen:
        screen.wait(r"cmdline root=/dev/ram0 +kernel: the root filesystem")
        screen.wait(r"dokeymap +init arg: read by the Gentoo live system")
        screen.type(" rootdealy=5")
        screen.wait(r"^>! +rootdealy=5 +KX412: there is no kernel parameter")
        screen.wait(r"did you mean `rootdelay`\?")
        screen.type("\x7f" * 6)
        screen.wait(r"^> +rootd +init arg")
        screen.type("elay=5")
        screen.wait(r"rootdelay=5 +kernel: seconds to wait")
        screen.type("\x1a\x1a\x1a")
        screen.wait(r"cmdline root=/dev/ram0 ")


def test_tab_completes_names_of_parameters() -> None:
    with editor("linux") as screen:
        screen.wait("Edit:")
        screen.type(" rootd\t")
        screen.wait("rootdelay=")
        screen.type("3\x1b[21~")  # F10
        assert screen.end() == 0
        assert "root=/dev/ram0 rootdelay=3 init=" in screen.everything


@pytest.mark.parametrize("key", ["\x1b", "\x03", "\x07"])
def test_escape_gives_up_and_asks_when_something_would_be_lost(key: str) -> None:
    with editor("xterm") as screen:
        screen.wait("Edit:")
        screen.type("x")
        screen.wait("changed")
        screen.type(key)
        screen.wait("again throws the changes away")
        screen.type(key)
        assert screen.end() == 0
        assert "given up" in screen.text
    with editor("xterm") as screen:
        screen.wait("Edit:")
        screen.type(key)
        assert screen.end() == 0
        assert "given up" in screen.text


def test_what_cannot_work_is_said_before_it_starts() -> None:
    with editor("xterm") as screen:
        screen.wait("Edit:")
        screen.type(' dyndbg="open\x18')
        screen.wait("KX408.*never closed")
        screen.wait(r"^\^X \(F10\) again: boot all the same$")
        screen.type(UP * 9 + "\x15\x18")
        screen.wait("there is no kernel")
        screen.type("/k\x18")
        screen.wait("again: boot all the same")
        screen.type("\x18")
        assert screen.end() == 0
        assert "kernel '/k'" in screen.everything


@pytest.mark.parametrize("rows", [10, 24])
def test_what_the_key_does_again_is_said_in_a_small_window_too(rows: int) -> None:
    with editor("xterm", columns=40, rows=rows) as screen:
        screen.wait("Edit:")
        screen.type(' dyndbg="a quote that nobody ever closes on this line\x18')
        screen.wait(r"^\^X \(F10\) again: boot all the same$")
        foot = " ".join(screen.lines)
        assert re.search(r"KX408: .*(never closed|\.\.\.) ", foot), screen.text
        screen.type("\x18")
        assert screen.end() == 0


def test_three_hundred_words_scroll() -> None:
    with editor("vt220", "--many") as screen:
        screen.wait("word0=0")
        screen.type("\x1b[6~" * 30)
        screen.wait("word299=299")
        screen.wait("type here to add a word")
        screen.type("last\x18")
        screen.wait("KX407")  # more than the kernel takes
        screen.type("\x18")
        assert screen.end() == 0


def test_hostile_titles_paths_and_words_are_printable() -> None:
    with editor("xterm", "--hostile") as screen:
        screen.wait(r"Edit: evil\\x1b\]52")
        screen.type(DOWN * 5 + UP * 8 + "\x1b[C" * 40 + "\x05\x01")
        screen.wait("kernel +/evil")
        screen.pump(0.3)
        assert QUERIES.findall(screen.output) == []
        assert not re.search(rb"\x9b|\x07|\xe2\x80\xae", screen.output)
        assert all(line.isprintable() for line in screen.lines)


@pytest.mark.parametrize(("term", "options"), [("dumb", ()), ("linux", ("--missing",))])
def test_line_by_line_where_there_is_no_full_screen(term: str, options: tuple[str, ...]) -> None:
    with editor(term, *options) as screen:
        screen.wait("edit> *$")
        if options:
            assert (
                "no full-screen editing here, lines instead: ModuleNotFoundError"
                in screen.everything
            )
        screen.type("+ rootdealy=3 quiet\n")
        screen.wait(r"did you mean `rootdelay`\?")
        screen.type("-12\n2 /other.img\nu\nu\n-99\n")
        screen.wait("there is no row 99")
        screen.type("quiet now\n")
        screen.wait("`quiet now` is nothing of these; to add it to the command line: . quiet now")
        screen.type("3\n")
        screen.wait("3 TEXT changes that row, -3 removes it")
        screen.type("i\n")
        screen.wait("`i` needs more: i /boot/initrd.img")
        screen.type("i /micro code.img\nboot\n")
        assert screen.end() == 0
        assert "initrds ('/isolinux/gentoo.igz', '/micro code.img')" in screen.everything
        assert " single rootdealy=3" in screen.everything
        assert b"\x1b" not in screen.output


def test_one_line_is_undone_at_once() -> None:
    with editor("dumb") as screen:
        screen.wait("edit> *$")
        screen.type("2 /other.img\n")
        screen.wait(r"(?s)  2 initrd /other\.img.*edit> *$")
        screen.type("+ one two three\nu\nu\nboot\n")
        assert screen.end() == 0
        assert "initrds ('/isolinux/gentoo.igz',)" in screen.everything
        assert "unchanged" in screen.everything


def test_a_terminal_that_goes_away_gives_up() -> None:
    with editor("dumb") as screen:
        screen.wait("edit> *$")
        screen.type("\x04")
        assert screen.end() == 0
        assert "given up" in screen.text


def test_files_are_looked_for_and_completed() -> None:
    with Screen("prompt_program.py", term="linux") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("edit (isolinux-entry LABEL=GENTOO:/isolinux/isolinux.cfg)\r")
        screen.wait(r"kernel +/mnt/1/isolinux/gentoo +the kernel's file, 2\.9 KiB")
        screen.type(UP * 3 + "\x05\x7f")
        screen.wait(r"^>!kernel +/mnt/1/isolinux/gento +KX507: there is no")
        screen.wait(r"did you mean gentoo\?")
        screen.type("\t")
        screen.wait("gentoo +gentoo.igz")
        screen.type("\x15/mnt/1/iso\t")
        screen.wait(r"^>.kernel +/mnt/1/isolinux/ ")
        screen.type("my\t")
        screen.wait(r"^> kernel +/mnt/1/isolinux/my file +the kernel's file")
        screen.type("x\x18")
        screen.wait("^KX507: there is no ")
        screen.wait("again: load all the same")
        screen.type("\x1b")
        screen.wait("Esc again")
        screen.type("\x1b")
        screen.wait("not changed")
        screen.wait_cursor("kxsh>")


@pytest.mark.parametrize("where", ["draw", "press"])
def test_a_fault_in_the_screen_goes_on_in_lines(where: str) -> None:
    """With what was typed so far, and without a question of prompt_toolkit's."""
    with editor("xterm", "--broken", where) as screen:
        if where == "press":
            screen.wait("Edit: Gentoo Linux")
            screen.type("quiet=1 ")
            screen.wait("changed")
            screen.type("\t")
        screen.wait("no full-screen editing here, lines instead: RuntimeError")
        screen.wait("^edit>$")
        screen.type("+ typed\r")
        screen.wait("typed +init arg|[0-9] typed")
        screen.type("boot\r")
        assert screen.end() == 0
        assert ("quiet=1" in screen.text) == (where == "press")
        assert "TERM=linux single typed'" in screen.everything
        assert "ENTER" not in screen.everything
