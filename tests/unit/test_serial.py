"""The serial line: escape sequences removed wherever they are cut, searches with deadlines."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import pytest

from kxsh.image.serial import SerialLine, plain


@contextmanager
def line(*pieces: bytes, ends: bool = True) -> Iterator[tuple[SerialLine, IO[bytes]]]:
    """Give a line whose other end wrote `pieces`, one by one."""
    reading, writing = os.pipe()
    heard = threading.Event()
    serial = SerialLine(os.fdopen(reading, "rb"), lambda text: heard.set())
    with os.fdopen(writing, "wb", buffering=0) as writer:
        for piece in pieces:
            heard.clear()
            writer.write(piece)
            heard.wait(0.1)
        if ends:
            writer.close()
        yield serial, writer
    serial.join()


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[2J\x1b[01;01Hhello", "hello"),
        ("\x1b]0;title\x07x\x1b]0;title\x1b\\y", "xy"),
        ("a\r\nb", "a\nb"),
        ("\x1b=\x1b(Bx", "x"),
        ("nothing [0m special", "nothing [0m special"),
    ],
)
def test_plain(raw: str, shown: str) -> None:
    assert plain(raw) == shown


def test_escape_sequences_are_removed_wherever_they_are_cut() -> None:
    raw = b"one \x1b[1;31mtwo\x1b[0m \x1b]0;t\x1b\\three\r\n"
    for cut in range(1, len(raw)):
        with line(raw[:cut], raw[cut:]) as (serial, _):
            assert serial.find("three\n", 2), f"cut at {cut}: {serial.text!r}"
            assert serial.text == "one two three\n"


def test_characters_are_whole_wherever_they_are_cut() -> None:
    with line("ä".encode()[:1], "ä".encode()[1:] + b"\n") as (serial, _):
        assert serial.find("\n", 2)
        assert serial.text == "ä\n"


def test_a_stray_escape_holds_nothing_back_for_long() -> None:
    with line(b"\x1b]" + b"x" * 1000, ends=False) as (serial, _):
        assert serial.find("x{700}", 2)


def test_each_search_begins_where_the_last_ended() -> None:
    with line(b"boot 1\nboot 2\n") as (serial, _):
        assert serial.find(r"boot \d", 2)[0] == "boot 1"  # type: ignore[index]
        assert serial.find(r"boot \d", 2)[0] == "boot 2"  # type: ignore[index]
        assert serial.find(r"boot \d", 2) is None


def test_a_search_ends_at_its_deadline() -> None:
    with line(b"something\n", ends=False) as (serial, _):
        began = time.monotonic()
        assert serial.find("nothing", 0.2) is None
        assert 0.15 < time.monotonic() - began < 2


def test_last_lines_are_fit_for_a_terminal() -> None:
    with line(b"one\n\n  \ntwo\x00three\nfour\n") as (serial, _):
        assert serial.find("four", 2)
        assert serial.last_lines(2) == ["two\\x00three", "four"]
