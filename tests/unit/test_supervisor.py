"""The process that watches over kxsh, on a real terminal."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect
import pytest

from kxsh.machine import supervisor
from kxsh.machine.supervisor import ABANDONED, WINDOW

PROGRAM = """
import os, select, signal, sys, time
from kxsh.machine import supervisor
from kxsh.machine.supervisor import supervise

def lines():
    while True:
        while not select.select([0], [], [], 0.2)[0]:
            pass  # a signal just before a read(2) is noticed after it
        yield sys.stdin.readline()

def work(board):
    def on_press(*_):
        if obeys:
            time.sleep(0.1)
            os.pwrite(board, bytes(8), 0)
        print("pressed", flush=True)

    obeys = []
    signal.signal(signal.SIGINT, on_press)
    os.pwrite(board, int(sys.argv[1]).to_bytes(8, "little"), 0)
    print("child", os.getpid(), flush=True)
    for line in lines():
        word = line.split()
        if word[0] == "command":
            os.pwrite(board, int(word[1]).to_bytes(8, "little"), 0)
            print("now", word[1], flush=True)
        elif word[0] == "obey":
            obeys.append(True)
            print("obeys", flush=True)
        elif word[0] == "exit":
            return int(word[1])
        elif word[0] == "give-up":
            os.kill(os.getppid(), signal.SIGUSR1)
        elif word[0] == "die":
            os.kill(os.getpid(), int(word[1]))

sys.exit(supervise(work))
"""
_SEIZE = 0x4206  # PTRACE_SEIZE of ptrace(2)


@contextmanager
def supervised(command: int = 1) -> Iterator[tuple[pexpect.spawn[str], int]]:
    """Run the program; yield it, and the process that does the work."""
    process = pexpect.spawn(
        sys.executable, ["-c", PROGRAM, str(command)], timeout=20, encoding="utf-8", echo=False
    )
    process.delaybeforesend = None
    process.expect(r"child (\d+)\r\n")
    assert isinstance(process.match, re.Match)
    try:
        yield process, int(process.match[1])
    finally:
        process.close(force=True)


def press(process: pexpect.spawn[str], wanted: str = "pressed") -> None:
    process.send("\x03")
    process.expect(wanted)


def status(process: pexpect.spawn[str]) -> int:
    process.expect(pexpect.EOF)
    process.close()
    assert process.exitstatus is not None
    return process.exitstatus


def test_two_presses_end_a_command() -> None:
    with supervised() as (process, _):
        press(process)
        press(process, "stopped by two Ctrl-C: starting again")
        assert status(process) == ABANDONED


def test_a_press_that_is_heard_of_late_ends_no_other_command() -> None:
    """On a busy machine the one who watches wakes when the next command runs already."""
    with supervised() as (process, _):
        process.sendline("obey")
        process.expect("obeys")
        process.kill(signal.SIGSTOP)
        press(process)
        process.sendline("command 2")
        process.expect("now 2")
        process.kill(signal.SIGCONT)
        _wait_until_taken(process.pid)
        press(process)
        process.sendline("exit 5")
        assert status(process) == 5


def _wait_until_taken(pid: int) -> None:
    """Wait until a process has taken all signals that were sent to it (proc(5))."""
    deadline = time.monotonic() + 20
    while re.search(r"^ShdPnd:\s*0*[1-9a-f]", Path(f"/proc/{pid}/status").read_text(), re.M):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_init_knows_the_status_that_tells_it() -> None:
    script = Path(supervisor.__file__).parents[1] / "image/init.sh"
    assert f"[ $KXSH_ENDED = {ABANDONED} ]" in script.read_text()


def test_it_ends_by_its_own_word() -> None:
    with supervised(0) as (process, _):
        process.send("give-up\n")
        process.expect("stopped by two Ctrl-C: starting again")
        assert status(process) == ABANDONED


@pytest.mark.parametrize("pause", [0.0, WINDOW + 1.5])
def test_what_two_presses_do_not_end(pause: float) -> None:
    """One command that is stopped, and the next; one, slowly; none."""
    with supervised(0 if pause == 0 else 7) as (process, _):
        for number in (1, 2, 3):
            press(process)
            time.sleep(pause)
            if pause == 0:
                process.send(f"command {number}\n")
                process.expect(f"now {number}")
        process.send("exit 0\n")
        assert status(process) == 0


@pytest.mark.parametrize("end", ["exit 3", "die 9", "die 11"])
def test_its_own_end_is_told(end: str) -> None:
    with supervised() as (process, _):
        process.send(f"{end}\n")
        number = int(end.split()[1])
        assert status(process) == (number if end.startswith("exit") else 128 + number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_who_ends_the_one_ends_the_other(number: int) -> None:
    with supervised() as (process, child):
        process.kill(number)
        assert status(process) == 128 + number
        assert not Path(f"/proc/{child}").exists()


def test_it_waits_for_nothing_that_hangs_in_the_kernel() -> None:
    """A process that a tracer holds stays there for its parent after SIGKILL, as one does
    that waits for a dying disk."""
    libc = ctypes.CDLL(None, use_errno=True)
    with supervised() as (process, child):
        if libc.ptrace(_SEIZE, child, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")
        process.send("\x03")
        assert os.waitpid(child, 0)[0] == child  # it stands still for us, whatever comes
        time.sleep(0.5)
        began = time.monotonic()
        process.send("\x03")
        process.expect("stopped by two Ctrl-C: starting again")
        process.expect("hangs in the kernel, and is left behind")
        assert status(process) == ABANDONED
        assert time.monotonic() - began < 10
        assert Path(f"/proc/{child}").exists()
        os.waitpid(child, 0)
