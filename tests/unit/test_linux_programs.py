"""Programs really run: captured, on a terminal, out of time, interrupted."""

from __future__ import annotations

import ctypes
import errno
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest

from kxsh.errors import Denied, FormatFailure, Interrupted, NotFound, TimedOut
from kxsh.machine.linux.programs import run


def test_capture() -> None:
    done = run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture=True)
    assert (done.status, done.output) == (3, "out\nerr\n")
    assert run(["cat"], capture=True).output == ""  # stdin is closed
    assert run(["printf", r"\377"], capture=True).output == "\udcff"


def test_out_of_time_kills_the_whole_group() -> None:
    start = time.monotonic()
    with pytest.raises(TimedOut, match="stopped after 300ms"):
        run(["sh", "-c", "sleep 60 & sleep 60"], capture=True, timeout=0.3)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("capture", [True, False])
def test_out_of_time_it_can_clean_up(capture: bool, tmp_path: Path) -> None:
    done = tmp_path / "done"
    script = f"trap 'echo bye >{done}; exit 0' TERM; while :; do sleep 0.1; done"
    with pytest.raises(TimedOut, match="sh was stopped after 2s"):
        run(["sh", "-c", script], capture=capture, timeout=2)
    assert done.read_text() == "bye\n"


@pytest.mark.parametrize("capture", [True, False])
def test_out_of_time_one_that_ignores_it_is_killed(capture: bool, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"trap '' TERM; sleep 61 & echo $! $$ >{pids}; sleep 61; sleep 61"
    start = time.monotonic()
    with pytest.raises(TimedOut, match="sh was killed after 2s: it did not end by SIGTERM"):
        run(["sh", "-c", script], capture=capture, timeout=2)
    assert time.monotonic() - start < 15
    deadline = time.monotonic() + 10
    for pid in pids.read_text().split():
        while os.path.exists(f"/proc/{pid}/exe"):  # a zombie has none
            assert time.monotonic() < deadline


def test_interrupted() -> None:
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(Interrupted):
        run(["sleep", "60"], capture=True)
    timer.join()


def test_on_a_thread_that_hears_no_signal() -> None:
    """As when what is open is closed on one: a LUKS container by its own tool."""
    said: list[object] = []

    def work() -> None:
        try:
            said.append(run(["echo", "closed"], capture=True).output)
        except BaseException as error:
            said.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert said == ["closed\n"]


@contextmanager
def held(pid: int) -> Iterator[None]:
    """Have a process that neither reacts to a signal nor is gone once it was killed, as if
    it waited for a dying disk: a tracer does that (ptrace(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    for request in (0x4206, 0x4207):  # PTRACE_SEIZE, PTRACE_INTERRUPT
        if libc.ptrace(request, pid, None, None) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")
    assert os.WIFSTOPPED(os.waitpid(pid, 0)[1])
    try:
        yield
    finally:
        os.kill(pid, signal.SIGKILL)
        while not os.WIFSIGNALED(os.waitpid(pid, 0)[1]):
            continue


HOLDER = """
import sys
from kxsh.machine.linux.programs import run
from kxsh.errors import KxshError
try:
    if sys.argv[1] == "here":
        print("status", run(["sh", "-c", "echo pid $$; exec sleep 60"]).status, flush=True)
    elif sys.argv[1] == "timed":
        run(["sh", "-c", "echo pid $$; exec sleep 60"], timeout=6)
    else:
        run(["sh", "-c", "echo pid $$ >/dev/tty; exec sleep 60"], capture=True, timeout=6)
except KxshError as error:
    print("failed:", error.message, flush=True)
"""


@pytest.mark.parametrize(("way", "said"), [
    ("here", "sh hangs in the kernel, and is left behind"),
    ("timed", "sh hangs in the kernel, and is left behind after 6s"),
    ("captured", "sh hangs in the kernel, and is left behind after 6s"),
])  # fmt: skip
def test_what_cannot_be_killed_is_left_behind(way: str, said: str) -> None:
    child = pexpect.spawn(sys.executable, ["-c", HOLDER, way], timeout=20)
    try:
        child.expect(r"pid (\d+)")
        assert isinstance(child.match, re.Match)
        time.sleep(0.5)
        with held(int(child.match[1])):
            child.send("\x03" if way == "here" else "")
            child.expect(f"failed: {said}")
            child.expect(pexpect.EOF)
    finally:
        child.close(force=True)


def test_a_kernel_without_pidfd(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(pid: int) -> int:
        raise OSError(errno.ENOSYS, "not there")

    monkeypatch.setattr(os, "pidfd_open", missing)
    assert run(["sh", "-c", "exit 3"]).status == 3


def test_one_that_is_stopped_ends_by_ctrl_c() -> None:
    child = pexpect.spawn(sys.executable, ["-c", HOLDER, "here"], timeout=20)
    try:
        child.expect(r"pid (\d+)")
        assert isinstance(child.match, re.Match)
        time.sleep(0.5)
        os.kill(int(child.match[1]), signal.SIGSTOP)
        child.send("\x03")
        child.expect("status -9")
    finally:
        child.close(force=True)


def test_what_cannot_start(tmp_path: object) -> None:
    with pytest.raises(NotFound) as caught:
        run(["sleeep", "1"])
    assert caught.value.hint == "did you mean 'sleep'?"
    with pytest.raises(Denied):
        run(["/dev/null"])
    broken = f"{tmp_path}/broken"
    with open(broken, "wb") as file:
        file.write(b"\x7fELF nothing")
    os.chmod(broken, 0o755)
    with pytest.raises(FormatFailure, match="not a program of this machine"):
        run([broken])
    with pytest.raises(FormatFailure):
        run(["echo", "a\0b"])


def test_a_program_has_the_terminal_and_gives_it_back() -> None:
    """Ctrl-C ends the program and not us; Ctrl-Z stops nothing."""
    code = (
        "from kxsh.machine.linux.programs import run\n"
        "import os\n"
        "print('status', run(['sh', '-c', 'echo ready; read x; echo got $x']).status)\n"
        "print('status', run(['sh', '-c', 'echo again; exec sleep 60']).status)\n"
        "print('ours', os.tcgetpgrp(0) == os.getpgrp())\n"
    )
    child = pexpect.spawn(sys.executable, ["-c", code], timeout=20)
    try:
        child.expect("ready")
        child.send("\x1a")  # Ctrl-Z
        child.sendline("word")
        child.expect("got word")
        child.expect("status 0")
        child.expect("again")
        time.sleep(0.5)
        child.send("\x03")  # Ctrl-C
        child.expect("status -2")
        child.expect("ours True")
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)


@pytest.mark.parametrize(("name", "capture"), [("sleep", True), ("no-such-program", False)])
def test_a_press_while_a_program_starts_is_no_failure_of_it(
    monkeypatch: pytest.MonkeyPatch, name: str, capture: bool
) -> None:
    """One that has the terminal is sent it; another would end as by itself, with a status."""
    real = subprocess.Popen

    def start(*words: Any, **options: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return real(*words, **options)

    monkeypatch.setattr(subprocess, "Popen", start)
    with pytest.raises(Interrupted, match=f"{name} was interrupted"):
        run([name, "60"], capture=capture)
