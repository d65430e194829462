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
from kxsh.options import LoaderOptions


def test_letters_that_stay_small_cost_no_keyboard_layout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine, out = machines.machine("kxs 1\n"), io.StringIO()

    def small(console: str) -> NoReturn:
        raise IoFailure(f"enlarging the letters of {console}: no such thing")

    monkeypatch.setattr("kxsh.machine.linux.font.double", small)
    monkeypatch.setattr(init, "LinuxMachine", lambda _: machine)
    monkeypatch.setattr(init, "STATE", str(tmp_path / "state"))
    monkeypatch.setattr(init, "_columns", lambda _: 240)
    monkeypatch.setenv("KXSH_CONSOLES", "tty1 ttyS0")
    terminal = Terminal(io.StringIO(), out, color=False, serial=False, term="dumb")
    for layout in ("de", "dee"):
        init.Target(LoaderOptions(f"kxsh.keymap={layout}"), terminal).prepare_screen()
    assert [action.words for action in machine.actions if action.verb == "keymap"] == [
        ("de",),
        ("dee",),
    ]
    assert out.getvalue().count("enlarging the letters of /dev/tty1: no such thing\n") == 2
    assert "there is no keyboard layout dee; did you mean de?\n" in out.getvalue()


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
