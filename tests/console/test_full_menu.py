"""The menu's full screen on a pty: real terminals, sizes, keys, and what is never sent."""

from __future__ import annotations

import re
import time

import pytest
from screen import QUERIES, Screen

TERMINALS = [("xterm", ()), ("linux", ()), ("vt220", ("--serial",)), ("vt100", ("--serial",))]
SIZES = [(80, 24), (40, 10), (200, 60)]


def menu(*arguments: str, term: str = "xterm", columns: int = 80, rows: int = 24) -> Screen:
    return Screen(
        "menu_program.py", "--tree", "--default", "e1", *arguments,
        term=term, columns=columns, rows=rows,
    )  # fmt: skip


def settle(screen: Screen, wanted: str = "") -> None:
    """Wait until the screen is `wanted`, or, without that, until nothing more comes."""
    deadline = time.monotonic() + 10
    before = -1
    while time.monotonic() < deadline:
        if screen.text == wanted or (not wanted and len(screen.output) == before):
            return
        before = len(screen.output)
        screen.pump(0.5)
    assert screen.text == wanted


TALL = """\
 Rescue
/dev/sda1 "STICK" (1.9 GiB)
> 1 Live system                                                   default, key l
  2 Graphical install                                                  installer
  - Memory test                                                     cannot start
/dev/nvme0n1p2 "root" (256.0 GiB)
  4 Debian GNU/Linux
  + Advanced options for Debian GNU/Linux                              2 entries
kxsh
  7 Recovery prompt                                                        key r







--------------------------------------------------------------------------------
kernel   /dev/sda1:/live/vmlinuz
cmdline  boot=live components quiet splash
initrd   /dev/sda1:/live/initrd
from     /dev/sda1:/isolinux/live.cfg
 Enter start  ? help  e edit  / find  c prompt  Tab plan  : boot line  m machine"""
SMALL = """\
 Rescue                         3 below
/dev/sda1 "STICK" (1.9 GiB)
> 1 Live system           default, key l
  2 Graphical install          installer
  - Memory test             cannot start
/dev/nvme0n1p2 "root" (256.0 GiB)
  4 Debian GNU/Linux
cmdline  boot=live components quiet s...
 Enter start  ? help  e edit  / find"""


@pytest.mark.parametrize(("term", "options"), TERMINALS)
@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_the_same_screen_on_every_terminal(
    term: str, options: tuple[str, ...], columns: int, rows: int
) -> None:
    with menu(*options, term=term, columns=columns, rows=rows) as screen:
        screen.wait("^> 1 Live system")
        settle(screen, {24: TALL, 10: SMALL}.get(rows, ""))
        if rows == 60:
            assert screen.lines[-2].startswith(" Enter start  ? help")
            assert screen.lines[-11] == "-" * 200
        screen.type("\x1b[B")
        screen.wait("^> 2 Graphical install")
        screen.type("\x1bOA")
        screen.wait("^> 1 Live system")
        screen.type("\r")
        screen.wait("chosen: e1")
        assert QUERIES.findall(screen.output) == []
        assert b"\x1b[?1000h" not in screen.output and b"\x1b[?1049h" not in screen.output
        if options:
            assert screen.output.isascii()


def test_a_key_opens_it_and_the_countdown_is_over() -> None:
    with menu("--timeout", "10") as screen:
        screen.wait(r"Starting Live system in \d+ s - any key stops")
        screen.type("\x1b[B")
        screen.wait("^> 2 Graphical install")
        time.sleep(10.2)  # longer than the countdown
        screen.pump()
        assert "chosen" not in screen.text
        screen.type("\x1b[A\r")
        screen.wait("chosen: e1")


@pytest.mark.parametrize(("key", "shown"), [("/", "^ find: old"), (":", "^ boot: old")])
def test_what_is_typed_after_the_first_key_is_not_lost(key: str, shown: str) -> None:
    with menu("--timeout", "20") as screen:
        screen.wait("any key stops")
        screen.type(key)
        screen.type("old")
        screen.wait(shown)


def test_enter_during_the_countdown_starts_the_default_at_once() -> None:
    with menu("--timeout", "20") as screen:
        screen.wait("any key stops")
        screen.type("\r")
        screen.wait("chosen: e1")


def test_the_filter_and_what_is_found() -> None:
    with menu() as screen:
        screen.wait("^> 1 Live system")
        screen.type("/")
        screen.wait("^ find:")
        screen.type("old")
        screen.wait("^> 5 Advanced options .* > Debian GNU/Linux, with Linux 6.1")
        screen.wait("1 of 7 match")
        screen.type("\x7f\x7f\x7fzzz")
        screen.wait("nothing matches `zzz`")
        screen.type("\x15recovery mode")
        screen.wait("^> 6 Advanced")
        screen.type("\r")
        screen.wait("Enter start(.|\n)*$")
        screen.type("\r")
        screen.wait("chosen: e6")


def test_an_installer_is_asked_about() -> None:
    with menu() as screen:
        screen.wait("^> 1 Live system")
        screen.type("2\r")
        screen.wait("What it offers first\n may erase disks")
        screen.type("\r")
        screen.wait("^> 2 Graphical install")
        screen.type("\ry")
        screen.wait("chosen: e2")


def test_a_boot_line_with_completion() -> None:
    with menu() as screen:
        screen.wait("^> 1 Live system")
        screen.type(":deb\t")
        screen.wait("^ boot: debian$")
        screen.wait("^  debian         Debian GNU/Linux$")
        screen.wait("^  debian-rescue  .*recovery mode")
        screen.type("-o\tinit=/bin/sh 3\r")
        screen.wait("chosen: e5 init=/bin/sh 3")


def test_words_behind_a_label_are_completed_as_in_the_editor() -> None:
    with menu() as screen:
        screen.wait("^> 1 Live system")
        screen.type(":live \t")
        screen.wait("^ type how a kernel parameter begins$")
        screen.type("nomodes\t")
        screen.wait("^ boot: live nomodeset$")
        screen.type("roo\t")
        screen.wait("^ Kernel parameters that begin so")
        screen.wait("^  rootwait  .*wait")
        screen.type("zzz\t")
        screen.wait("^ nothing known begins so$")
        screen.type("\x7f" * 7 + "quiet\r")
        screen.wait("chosen: e1 nomodeset quiet")


def test_a_boot_line_that_names_nothing_can_be_put_right() -> None:
    with menu() as screen:
        screen.wait("^> 1 Live system")
        screen.type(":lve init=/bin/sh\r")
        screen.wait("^ no entry has the label lve")
        screen.wait("^ boot: lve init=/bin/sh$")
        screen.type("\x01\x1b[C" + "i")
        screen.wait("^ boot: live init=/bin/sh$")
        screen.wait("^ Enter start  Tab complete")
        screen.type("\r")
        screen.wait("chosen: e1 init=/bin/sh")


def test_a_title_is_completed_in_the_boot_line() -> None:
    with menu() as screen:
        screen.wait("^> 1 Live system")
        screen.type(":mem\t\x15gra\t")
        screen.wait('^ boot: "Graphical install"$')
        screen.type("\x15zz\t")
        screen.wait("^ no label or title begins so$")


def test_what_is_found_is_edited_and_what_was_marked_comes_back() -> None:
    with menu("--default", "e4") as screen:
        screen.wait("^> 4 Debian")
        screen.type("/i")
        screen.wait("^> 4 Debian")
        screen.type("nst")
        screen.wait("^> 2 Graphical")
        screen.type("\x1b")
        screen.wait("^> 4 Debian")


def test_safe_graphics_and_a_serial_console() -> None:
    with menu() as screen:
        screen.wait("^> 1 Live system")
        screen.type("g")
        screen.wait("nomodeset is added")
        screen.type("s")
        screen.wait("cmdline  boot=live components quiet splash nomodeset console=ttyS0,115200")
        screen.type("\r")
        screen.wait("chosen: e1 nomodeset console=ttyS0,115200")


def test_an_entry_is_edited_and_started() -> None:
    with menu() as screen:
        screen.wait("^> 1 Live system")
        screen.type("e")
        screen.wait("F10 or Ctrl-X keep", 60)
        screen.type("\x05X\x18")
        screen.wait("edited, for this start only", 60)
        screen.wait("default, key l, edited")
        screen.type("\r")
        screen.wait("chosen: e1 edited: boot=liveX components quiet splash")


def test_help_lists_every_key_and_closes() -> None:
    with menu(columns=40, rows=10) as screen:
        screen.wait("^> 1 Live system")
        screen.type("?")
        screen.wait("Keys of the menu +1-")
        seen = screen.text
        while (at := re.search(r" (\d+)-(\d+) of (\d+)$", screen.lines[0]))[2] != at[3]:
            screen.type(" ")
            screen.wait_first(rf" (?!{at[1]}-)\d+-")
            size = 0
            while size != len(screen.output):  # the lines below the first one, too
                size = len(screen.output)
                screen.pump(0.2)
            seen += screen.text
        for key in ("Up Down", "PgUp", "Right Left", "/", ":", "e", "Tab", "g", "s", "c", "m", "w"):
            assert re.search(f"^ {re.escape(key)} ", seen, re.MULTILINE), key
        screen.type("\x1b")
        screen.wait("^> 1 Live system")


def test_control_c_leaves() -> None:
    with menu() as screen:
        screen.wait("^> 1 Live system")
        screen.type("\x03")
        screen.wait("chosen: Interrupted")
        screen.end()


def test_another_size_is_drawn_anew() -> None:
    with menu() as screen:
        screen.wait("^> 1 Live system")
        screen.resize(40, 10)
        settle(screen, SMALL)
        screen.resize(80, 24)
        settle(screen, TALL)


def test_a_terminal_that_hangs_up_starts_the_default() -> None:
    with menu() as screen:
        screen.wait("^> 1 Live system")
        screen.process.close(force=False)
        deadline = time.monotonic() + 10
        while screen.process.isalive() and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not screen.process.isalive()


@pytest.mark.alone
@pytest.mark.parametrize("key", ["/", ":"])
def test_escape_leaves_a_typed_line_at_once(key: str) -> None:
    with menu() as screen:
        screen.wait("Enter start")
        screen.type(key)
        screen.wait("^ (find|boot):")
        started = time.monotonic()
        screen.type("\x1b")
        screen.wait("Enter start  . help")
        assert time.monotonic() - started < 0.9
        screen.type("\x1b[B")
        screen.wait("^> 2 Graphical install")


def test_the_countdown_shows_the_hot_keys_of_disks() -> None:
    with menu("--timeout", "20") as screen:
        screen.wait("any key stops")
        assert re.search(r"1 Live system \[l\] \(default\)", screen.text)
        assert re.search(r"2 Graphical install$", screen.text, re.M)  # `e` is the menu's own
        screen.type("l")
        screen.wait("chosen: e1")
        assert "Starting Live system." in screen.lines


def test_what_is_found_keeps_its_title_in_a_narrow_window() -> None:
    with menu(columns=40, rows=10) as screen:
        screen.wait("Enter start")
        screen.type("/with")
        screen.wait("5 .*Debian GNU/Linux, with")


def test_an_editor_that_fails_asks_for_lines_that_are_seen() -> None:
    with menu("--broken", "edit") as screen:
        screen.wait("Enter start")
        screen.type("4")
        screen.wait("^> 4")
        screen.type("e")
        screen.wait("no full-screen editing here, lines instead: RuntimeError")
        screen.wait("^edit>$")
        screen.type("+ typed")
        screen.wait(r"^edit> \+ typed")
        screen.type("\rkeep\r")
        screen.wait("^> 4 .*edited")
        screen.type("\r")
        screen.wait("chosen: e4 edited: root=UUID=1-2 ro quiet typed")


def test_titles_that_are_cut_can_be_told_apart() -> None:
    with Screen("menu_program.py", "--alike", columns=40, rows=10) as screen:
        screen.wait("Enter start")
        screen.wait("6.1.0-30-amd64")
        screen.wait("6.1.0-31-amd64")
        screen.type("/resc")
        screen.wait("1 .*Linux 12 > Rescue")
        screen.wait("2 .*Linux 13 > Rescue")
