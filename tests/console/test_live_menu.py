"""The menu of all disks on a pty: disks that come and go, failures, hostile texts, walks."""

from __future__ import annotations

import codecs
import os
import random
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from screen import QUERIES, Screen


def menu(*arguments: str, term: str = "xterm", columns: int = 80, rows: int = 24) -> Screen:
    return Screen("live_menu_program.py", *arguments, term=term, columns=columns, rows=rows)


@contextmanager
def plugged(folder: Path, *arguments: str, term: str = "xterm") -> Iterator[tuple[Screen, int]]:
    """Give the screen, and a descriptor to plug disks in by."""
    orders = folder / "orders"
    os.mkfifo(orders)
    with menu("--orders", str(orders), *arguments, term=term) as screen:
        descriptor = os.open(orders, os.O_WRONLY)
        try:
            yield screen, descriptor
        finally:
            os.close(descriptor)


def test_disks_come_and_go(tmp_path: Path) -> None:
    with plugged(tmp_path, "stick") as (screen, orders):
        screen.wait("any key stops")
        screen.type("\x1b[B")
        screen.wait("^> 2 beta")
        line = next(at for at, text in enumerate(screen.lines) if text.startswith("> 2 beta"))
        os.write(orders, b"add disk\n")
        screen.wait("the disks changed: 2 new")
        screen.wait("4 delta")
        assert screen.lines[line].startswith("> ") and "beta" in screen.lines[line]
        os.write(orders, b"remove stick\n")
        screen.wait("the disks changed: 2 gone")
        assert not re.search("alpha|beta", screen.text)
        screen.type("\x1b[H")
        screen.wait("^> 1 gamma")
        screen.type("\r")
        screen.wait("ended: jump .*root=/dev/gamma")


def test_a_default_that_comes_during_the_countdown_is_what_starts(tmp_path: Path) -> None:
    with plugged(tmp_path, "stick") as (screen, orders):
        screen.wait(r"Starting alpha in (30|2\d) s")
        os.write(orders, b"add disk\n")
        screen.wait(r"Starting delta in [12]\d s")
        screen.type("\r")
        screen.wait("ended: jump .*root=/dev/delta")


def test_an_installer_never_starts_by_itself() -> None:
    with menu("installer") as screen:
        screen.wait("^> 1 install .*default, installer")
        time.sleep(1)
        screen.pump()
        assert "any key stops" not in screen.everything
        screen.type("\r")
        screen.wait("Start an installer")
        screen.type("y")
        screen.wait("ended: jump .*root=/dev/install")


def test_what_fails_comes_back_with_the_reason() -> None:
    with menu("broken", "stick") as screen:
        screen.wait("1 bad")
        screen.type("1\r")
        screen.wait("the last start failed \\(w: why\\): kernel not found")
        screen.type("w")
        screen.wait("what: +not-found")
        screen.type("q")
        screen.wait("Enter start")
        screen.type("2\r")
        screen.wait("ended: jump .*root=/dev/alpha")


def test_the_plan_and_the_prompt_and_back() -> None:
    with menu("stick") as screen:
        screen.wait("any key stops")
        screen.type("g")
        screen.wait("nomodeset is added")
        screen.type("\t")
        screen.wait("^ Plan: alpha")
        screen.wait("^ kernel   LABEL=STICK:/k ")
        screen.wait("cmdline .*root=/dev/alpha quiet nomodeset")
        screen.wait("^ equal to kexec .*\n {10}\\S")
        screen.type("\x1b")
        screen.wait("Enter start")
        screen.type("c")
        screen.wait("goes back to the menu")
        screen.wait_cursor("kxsh>")
        screen.type("exit\r")
        screen.wait("^> 1 alpha")
        screen.type("c")
        screen.wait_cursor("kxsh>")
        screen.type("\x1b")
        screen.wait("^> 1 alpha")
        screen.type("\r")
        screen.wait("ended: jump .*root=/dev/alpha quiet nomodeset")


@pytest.mark.parametrize(
    ("keys", "ended"),
    [("r", "reboot"), ("o", "poweroff"), ("f", "firmware"), ("\x1b[B\r", "poweroff")],
)
def test_the_ways_out(keys: str, ended: str) -> None:
    with menu("stick") as screen:
        screen.wait("any key stops")
        screen.type("m")
        screen.wait("^ The machine")
        screen.type(keys)
        screen.wait(f"ended: {ended}")


def test_what_the_firmware_starts_next() -> None:
    with menu("stick") as screen:
        screen.wait("any key stops")
        screen.type("mn")
        screen.wait("^> 0000 UiApp")
        screen.wait(r"0001 Win\\x1b\]52.*started this machine")
        screen.type("\r")
        screen.wait("the firmware starts UiApp next")


@pytest.mark.parametrize(
    ("term", "options"), [("xterm", ()), ("linux", ()), ("vt220", ("--serial",)), ("dumb", ())]
)
def test_hostile_texts_through_every_page(term: str, options: tuple[str, ...]) -> None:
    """Titles, labels, paths, command lines: only printable text is sent, nothing is asked."""
    with menu("hostile", *options, term=term) as screen:
        screen.wait("any key stops")
        screen.type("x")
        for number in range(1, 12):
            for keys in (f"{number}", "\t", "q", "/\x1b", ":h\t\t\x1b", "\x1b[C", "mn\x1b"):
                screen.type(keys if term != "dumb" else f"{number}")
                screen.pump(0.15)
                _harmless(screen)
        _leave(screen)
        _harmless(screen)


def _leave(screen: Screen) -> None:
    """Press Ctrl-C until the menu is left. In a page it only goes back, and between two
    screens, where a busy machine still is when the keys are typed, it may count for nothing."""
    while "ended: " not in screen.text:
        screen.type("\x03")
        _until_quiet(screen)
    screen.wait("ended: Interrupted")


def _until_quiet(screen: Screen) -> None:
    before = -1
    while len(screen.output) != before:
        before = len(screen.output)
        if not screen.pump(1):
            return


def _harmless(screen: Screen) -> None:
    assert QUERIES.findall(screen.output) == []
    # What was read may end within a character, and within a sequence.
    text = codecs.getincrementaldecoder("utf-8")().decode(screen.output)
    text = re.sub(r"\x1b(?:\[[0-9;?]*)?$", "", text)
    # Of escape sequences only what moves, erases, colours, and prompt_toolkit's modes.
    rest = re.sub(r"\x1b\[[0-9;]*[ABCDHJKm]|\x1b\[\?(?:1|7|12|25|2004)[hl]|\x1b[=>]", "", text)
    rest = rest.replace("\r", "").replace("\n", "").replace("\x08", "")
    assert all(one.isprintable() for one in rest), ascii(rest)
    assert not re.search("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\x80-\x9f]", rest)


WALK = [
    "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F", "\x1bOP",
    "\r", "\t", "\x7f", "\x1b", "\x0c", "/", ":", "?", "g", "s", "w", "q", "n", "1", "2", "x",
    "\x1b[200~p\x1b[201~", "\x1b[<0;1;1M", "\x1b[99~", "\u00e9", "\x00", "\x1a", "\x1c", "\x04",
    "\x12", "\x13", "\x11", "\x0f", "\x18", "\x1bx",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_random_keys_on_the_pty(seed: int) -> None:
    """No key but those that start something ends the menu; it answers to the end."""
    random_ = random.Random(seed)
    with menu("installer", "stick", columns=random_.choice([40, 80]), rows=24) as screen:
        screen.wait("Enter start")
        for _ in range(60):
            keys = [random_.choice(WALK) for _ in range(5)]
            keys = [key for key in keys if key != "\r"]  # would start something, rightly
            screen.type("".join(keys))
            assert screen.pump(0.02), screen.text
        screen.pump(0.5)
        screen.type("\x1b")
        screen.pump(0.5)
        screen.type("\x1b")
        screen.pump(0.5)
        screen.type("\x1bq\x1b")
        screen.wait("Enter start", 30)
        _leave(screen)
        assert "Traceback" not in screen.everything
        assert QUERIES.findall(screen.output) == []


def test_what_was_edited_and_added_outlives_a_failed_start() -> None:
    with menu("stick", "disk", "broken") as screen:
        screen.wait("Enter start")
        screen.type("2g")
        screen.wait("^> 2 beta")
        screen.wait("nomodeset is added")
        screen.type("e")
        screen.wait("F10")
        screen.type("\x1b[A\x1b[A\x1b[F\x7fsy\t")
        screen.wait("/dev/sda1:/syslinux.cfg +the kernel's file")
        screen.type("\x7f")
        screen.wait("/dev/sda1:/syslinux.cf +KX507: there is no /dev/sda1:/syslinux.cf")
        screen.type("\x1b[21~")
        screen.wait("again: keep all the same")
        screen.type("\x1b[21~")
        screen.wait("^> 2 beta .*edited")
        screen.type("\r")
        screen.wait("the last start failed")
        screen.wait("^> 2 beta .*edited")
        screen.wait("cmdline .*nomodeset")
        screen.type("5\r")
        screen.wait("^> 5 bad")
        screen.wait("the last start failed.*missing")
        screen.type("2")
        screen.wait("^> 2 beta .*edited")
        screen.wait("cmdline .*nomodeset")
