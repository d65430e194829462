"""One program on two consoles, with real pseudo-terminals in the consoles' place."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import termios
import time
from collections.abc import Iterator

import pytest

PROGRAM = """
import os, sys
from kxsh.machine.shared_terminal import share
share(sys.argv[1:])
size = os.get_terminal_size()
print("ready", os.isatty(0), os.ttyname(0) not in sys.argv, size.columns, size.lines, flush=True)
try:
    while True:
        print("got", input(), flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""


class Console:
    """A console: what the program's side opens, and what a person sees and types."""

    def __init__(self) -> None:
        self.person, self._keep = os.openpty()
        self.path = os.ttyname(self._keep)
        self.seen = b""

    def close(self) -> None:
        os.close(self.person)
        os.close(self._keep)

    def mode(self) -> list[object]:
        return list(termios.tcgetattr(self._keep))

    def expect(self, text: bytes) -> None:
        deadline = time.monotonic() + 10
        while text not in self.seen:
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} did not come: {self.seen!r}"
            if select.select([self.person], [], [], left)[0]:
                self.seen += os.read(self.person, 4096)


@pytest.fixture
def consoles() -> Iterator[tuple[Console, Console]]:
    pair = Console(), Console()
    yield pair
    for console in pair:
        console.close()


def start(*paths: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *paths],
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def test_both_show_everything_and_either_types(consoles: tuple[Console, Console]) -> None:
    first, second = consoles
    before = first.mode()
    with start(first.path, second.path) as process:
        for console in consoles:
            console.expect(b"ready True True 80 24\r\n")
        os.write(first.person, b"one\r")
        second.expect(b"got one\r\n")
        os.write(second.person, b"two\r")
        first.expect(b"got two\r\n")
        os.write(second.person, b"\x03")
        for console in consoles:
            console.expect(b"interrupted\r\n")
        assert process.wait(10) == 0
    deadline = time.monotonic() + 10
    while first.mode() != before:  # the copying process ends a moment later
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_console_that_is_not_there_is_left_out(consoles: tuple[Console, Console]) -> None:
    with start("/dev/no-such-console", consoles[0].path) as process:
        consoles[0].expect(b"ready")
        os.write(consoles[0].person, b"\x03")
        assert process.wait(10) == 0


def test_keys_that_nobody_reads_hold_nothing_up(consoles: tuple[Console, Console]) -> None:
    program = PROGRAM.replace("input()", "__import__('time').sleep(0.05)")
    argv = [sys.executable, "-c", program, consoles[0].path]
    with subprocess.Popen(argv, start_new_session=True, stdout=subprocess.DEVNULL) as process:
        consoles[0].expect(b"ready")
        for _ in range(40):
            if select.select([], [consoles[0].person], [], 1)[1]:
                os.write(consoles[0].person, b"x" * 1000 + b"\r")
        consoles[0].seen = b""
        consoles[0].expect(b"got None\r\n")
        process.kill()
