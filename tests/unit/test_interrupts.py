"""What Ctrl-C does is the same again after each command, whenever it is pressed."""

from __future__ import annotations

import subprocess
import sys

import pytest

# A storm of Ctrl-C; what ends a round is kept for some time, as the prompt keeps its failures.
PROGRAM = """
import os, signal, sys, time
from kxsh.console import interrupts
from kxsh.console.interrupts import abandonable, heard, ignored, postponed

board = os.memfd_create("board")
interrupts.ignore_from_now(board)
kept = []

def state():
    return interrupts._State.now, os.pread(board, 8, 0), signal.getsignal(signal.SIGINT)

def one():
    with abandonable():
        for _ in range(50):
            os.getppid()

def nested():
    with abandonable():
        with ignored():
            with heard():
                os.getppid()

def whole():
    done = 0
    try:
        with abandonable():
            with postponed():
                for done in range(50):
                    os.getppid()
                done = 50
    finally:
        assert done in (0, 50), done

os.pwrite(board, bytes(8), 0)
before = state()
parent = os.getpid()
child = os.fork()
if child == 0:
    while os.getppid() == parent:
        os.kill(parent, signal.SIGINT)
    os._exit(0)
work = {"one": one, "nested": nested, "whole": whole}[sys.argv[1]]
pressed = rounds = 0
deadline = time.monotonic() + 5
try:
    while pressed < 1000 and time.monotonic() < deadline:
        rounds += 1
        try:
            work()
        except KeyboardInterrupt as error:
            pressed += 1
            kept = [*kept, error][-20:]
        assert state() == before, (rounds, pressed, state())
finally:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
print("pressed" if pressed > 10 else f"never pressed: {pressed} of {rounds}")
"""


@pytest.mark.parametrize("work", ["one", "nested", "whole"])
def test_a_storm_of_presses_leaves_all_as_it_was(work: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, work], capture_output=True, text=True, timeout=100
    )
    assert done.stdout == "pressed\n", done.stdout + done.stderr


def test_a_press_where_nothing_can_be_interrupted_shows_nothing() -> None:
    """As while modules are imported: Python itself would show a traceback."""
    program = """
import os, signal
from kxsh.console.interrupts import heard, ignore_from_now

class Pressing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            len("")

ignore_from_now()
with heard():
    Pressing()
    print("went on")
    try:
        os.kill(os.getpid(), signal.SIGINT)
        for _ in range(1000):
            len("")
    except KeyboardInterrupt:
        print("heard")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert (done.stdout, done.stderr) == ("went on\nheard\n", "")
