"""What the loader says before anything else: whole words on any screen, and each fault."""

from __future__ import annotations

import io
from pathlib import Path
from typing import NoReturn

import machines
import pytest
from screen import Screen

from kxsh import init
from kxsh.console.terminal import Terminal
from kxsh.errors import IoFailure
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Ended
from kxsh.options import LoaderOptions


def target(
    folder: Path, monkeypatch: pytest.MonkeyPatch, machine: FakeMachine, cmdline: str = ""
) -> tuple[init.Target, io.StringIO]:
    """Return what PID 1 starts, on a made-up machine, and what it says."""
    out = io.StringIO()
    monkeypatch.setattr(init, "LinuxMachine", lambda _: machine)
    monkeypatch.setattr(init, "STATE", str(folder / "state"))
    terminal = Terminal(io.StringIO(), out, color=False, serial=False, term="dumb")
    return init.Target(LoaderOptions(cmdline), terminal), out


def test_letters_that_stay_small_cost_no_keyboard_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, told = machines.machine("kxs 1\n"), ""

    def small(console: str) -> NoReturn:
        raise IoFailure(f"enlarging the letters of {console}: no such thing")

    monkeypatch.setattr("kxsh.machine.linux.font.double", small)
    monkeypatch.setattr(init, "_columns", lambda _: 240)
    monkeypatch.setenv("KXSH_CONSOLES", "tty1 ttyS0")
    for layout in ("de", "dee"):
        started, out = target(tmp_path, monkeypatch, machine, f"kxsh.keymap={layout}")
        started.prepare_screen()
        told += out.getvalue()
    assert [action.words for action in machine.actions if action.verb == "keymap"] == [
        ("de",),
        ("dee",),
    ]
    assert told.count("enlarging the letters of /dev/tty1: no such thing\n") == 2
    assert "there is no keyboard layout dee; did you mean de?\n" in told


@pytest.mark.parametrize("action", ["reboot", "poweroff"])
def test_a_fault_in_closing_keeps_no_machine_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    machine = machines.machine("kxs 1\n")

    def broken() -> NoReturn:
        raise RuntimeError("a fault")

    monkeypatch.setattr(machine, "sync", broken)
    started, out = target(tmp_path, monkeypatch, machine, f"kxsh.on-failure={action},0s")
    with pytest.raises(Ended, match=action):
        started.after(IoFailure("it failed"))
    assert "it failed" in out.getvalue() and "while closing: a fault\n" in out.getvalue()


@pytest.mark.parametrize(
    ("script", "cmdline", "until", "whole"),
    [
        ("fails", "kxsh.recovery=off,1s", "restarting in",
         ("disk that we\n  came from", "no device LABEL=NOWHERE\n  (waited")),
        ("refused", "kxsh.recovery=off,1s", "restarting in",
         ("loaded, so\n  there is", "switched off on\n  this machine")),
        ("refused", "kxsh.on-failure=reboot,1s", "restarting in", ("loaded, so\n  there is",)),
    ],
)  # fmt: skip
def test_what_failed_is_said_in_whole_words(
    tmp_path: Path, script: str, cmdline: str, until: str, whole: tuple[str, ...]
) -> None:
    arguments = ("--store", str(tmp_path / "lock"), "--script", script, "--cmdline", cmdline)
    with Screen("locked_program.py", *arguments, columns=40, rows=24) as screen:
        screen.wait(until, 60)
        for piece in whole:
            assert piece in screen.text
