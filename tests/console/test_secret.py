"""A passphrase on a real terminal: it is not shown, and the terminal is as it was."""

from __future__ import annotations

import io
import os
import select
import termios
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kxsh.console.terminal import Terminal
from kxsh.errors import IoFailure, TimedOut


class Line:
    """A pseudo-terminal: `master` is the person's side."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        self.stream = open(self.slave, "r+b", buffering=0, closefd=False)  # noqa: SIM115
        text_in = io.TextIOWrapper(self.stream)
        text_out = open(self.slave, "w", closefd=False)  # noqa: SIM115
        self.terminal = Terminal(text_in, text_out, color=False, serial=False, term="linux")
        self.mode = termios.tcgetattr(self.slave)

    def type_when_asked(self, text: bytes) -> threading.Thread:
        def work() -> None:
            while termios.tcgetattr(self.slave)[3] & termios.ECHO:
                time.sleep(0.01)
            os.write(self.master, text)

        thread = threading.Thread(target=work)
        thread.start()
        return thread

    def shown(self) -> bytes:
        os.set_blocking(self.master, False)
        try:
            return os.read(self.master, 4096)
        except BlockingIOError:
            return b""


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    assert termios.tcgetattr(made.slave) == made.mode, "the terminal was left changed"
    made.terminal.stream_in.close()
    made.terminal.stream_out.close()
    made.stream.close()
    for fd in (made.master, made.slave):
        os.close(fd)


def ask(line: Line, typed: bytes, timeout: float | None = 20) -> str:
    thread = line.type_when_asked(typed)
    try:
        return line.terminal.ask_secret("Passphrase: ", timeout)
    finally:
        thread.join()


def test_what_is_typed_is_not_shown(line: Line) -> None:
    os.write(line.master, b"typed before\n")
    assert select.select([line.slave], [], [], 20)[0]  # it has come through
    assert ask(line, b"op\x7fpen s\xc3\xa4same\r") == "open säsame"
    assert b"open" not in (shown := line.shown().split(b"Passphrase: ")[1]) and b"same" not in shown


def test_nobody_types(line: Line) -> None:
    with pytest.raises(TimedOut, match="nothing was typed within 100ms"):
        line.terminal.ask_secret("Passphrase: ", 0.1)


def test_the_end_of_input(line: Line) -> None:
    with pytest.raises(IoFailure, match="the input ended"):
        ask(line, b"\x04")


@pytest.mark.parametrize("stream", [lambda: io.StringIO("secret\n"), Path("/dev/null").open])
def test_without_a_terminal(stream: Callable[[], io.TextIOWrapper]) -> None:
    with stream() as given:
        terminal = Terminal(given, io.StringIO(), color=False, serial=False, term="linux")
        with pytest.raises(IoFailure, match="no terminal") as caught:
            terminal.ask_secret("Passphrase: ", None)
    assert "--key-file" in caught.value.hint
