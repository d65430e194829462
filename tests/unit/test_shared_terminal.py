"""One program on two consoles, with real pseudo-terminals in the consoles' place."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

PROGRAM = """
import os, select, sys
from kxsh.machine.shared_terminal import share
share(sys.argv[1:])
try:
    size = os.get_terminal_size()
    own = os.ttyname(0) not in sys.argv
    print("ready", os.isatty(0), own, size.columns, size.lines, flush=True)
    FIRST
    while True:
        while not select.select([0], [], [], 0.2)[0]:
            pass  # a signal just before a read(2) is noticed after it
        print("got", input(), flush=True)
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""

LINES = "for number in range(1000): print(f'line {number} {60 * chr(120)}', flush=True)"


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


@contextmanager
def started(*paths: str, first: str = "pass") -> Iterator[subprocess.Popen[bytes]]:
    """The program on these consoles, which does what `first` says before it reads lines."""
    argv = [sys.executable, "-c", PROGRAM.replace("FIRST", first), *paths]
    process = subprocess.Popen(
        argv, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_both_show_everything_and_either_types(consoles: tuple[Console, Console]) -> None:
    first, second = consoles
    before = first.mode()
    with started(first.path, second.path) as process:
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
    with started("/dev/no-such-console", consoles[0].path) as process:
        consoles[0].expect(b"ready")
        os.write(consoles[0].person, b"\x03")
        assert process.wait(10) == 0


def test_keys_that_nobody_reads_hold_nothing_up(consoles: tuple[Console, Console]) -> None:
    sleep = "import time; input = lambda: time.sleep(0.05)"
    with started(consoles[0].path, first=sleep):
        consoles[0].expect(b"ready")
        for _ in range(40):
            if select.select([], [consoles[0].person], [], 1)[1]:
                os.write(consoles[0].person, b"x" * 1000 + b"\r")
        consoles[0].seen = b""
        consoles[0].expect(b"got None\r\n")


def test_one_that_takes_nothing_does_not_hold_up_the_other(
    consoles: tuple[Console, Console],
) -> None:
    first, second = consoles
    with started(first.path, second.path, first=LINES):
        first.expect(b"line 999 ")
        os.write(first.person, b"one\r")
        first.expect(b"got one")
        while select.select([second.person], [], [], 0.2)[0]:  # somebody looks there again
            os.read(second.person, 65536)
        os.write(second.person, b"two\r")
        for console in consoles:
            console.expect(b"got two")


def test_a_slow_one_gets_every_line(consoles: tuple[Console, Console]) -> None:
    first, second = consoles
    with started(first.path, second.path, first=LINES):
        while b"line 999 " not in second.seen:
            second.seen += os.read(second.person, 300)
            if select.select([first.person], [], [], 0.001)[0]:
                first.seen += os.read(first.person, 4096)
        first.expect(b"line 999 ")
        for console in consoles:
            assert re.findall(rb"line (\d+)", console.seen) == [b"%d" % n for n in range(1000)]


def test_the_next_one_gets_all_keys_whoever_kept_the_terminal_open(
    consoles: tuple[Console, Console],
) -> None:
    first, second = consoles
    leave = (
        "import subprocess; child = subprocess.Popen(['sleep', '600'], process_group=0);"
        "print('left', child.pid, 'last words', flush=True); os._exit(0)"
    )
    with started(first.path, second.path, first=leave) as process:
        first.expect(b"last words")
        process.wait(10)
    left = int(first.seen.split(b"left ")[1].split()[0])
    try:
        with started(first.path, second.path) as process:
            second.expect(b"ready")
            for number in range(50):
                os.write(first.person, b"key%d\r" % number)
                second.expect(b"got key%d\r" % number)
            os.write(first.person, b"\x03")
            assert process.wait(10) == 0
    finally:
        os.kill(left, signal.SIGKILL)


@pytest.mark.parametrize(("consoles", "shared"), [("", False), ("ttyS0", False), ("a b", True)])
def test_what_copies_is_loaded_for_several_consoles_only(consoles: str, shared: bool) -> None:
    code = (
        "import sys\nfrom kxsh import start\nstart.supervise = lambda work: 0\n"
        "start.main()\nprint('kxsh.machine.shared_terminal' in sys.modules)"
    )
    environment = {**os.environ, "KXSH_CONSOLES": consoles}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.returncode) == (f"{shared}\n", 0), done.stderr
