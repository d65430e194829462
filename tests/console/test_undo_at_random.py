"""`undo` after lines at random: all is as it was before the line, or what stays is named."""

from __future__ import annotations

import random

import pytest
from scripted import Scripted
from typist import Typist, furnish

from kxsh.interpreter.showing import show
from kxsh.source import Source


def state(at: Scripted) -> dict[str, object]:
    """Return all that a line can change and `undo` can take back."""
    machine, interpreter = at.machine, at.interpreter
    session, loaded = interpreter.session, interpreter.loaded
    return {
        "mounts": {str((one.device.path, one.path, one.options)) for one in machine.mounts()},
        "opened": {str(one) for one in machine._opened},
        "owned": sorted(str(x) for scope in interpreter.open_scopes() for x in scope.resources),
        "kernel": machine.loaded and machine.loaded.words(),
        "loaded": loaded and loaded.describe().partition("memory")[0],
        "variables": {name: show(value) for name, value in session.variables.items()},
        "functions": set(session.functions),
        "state": machine._files["/dev/sda2"].get("/kxsh/state/z.json"),
        "policy": (interpreter.policy.action, interpreter.policy.delay),
    }


@pytest.mark.parametrize("seed", range(60))
def test_all_is_as_it_was_or_named(seed: int) -> None:
    at = Scripted(furnish=furnish)
    typist = Typist(at, random.Random(seed))
    for _ in range(10):
        line = typist.line()
        before = state(at)
        at(line, "+ x\nload\n")
        if line == "undo" or state(at) == before:
            continue
        shown = at("undo")
        if "cannot be undone" not in shown and "could not be undone" not in shown:
            assert state(at) == before, (line, shown)
        at(line, "+ x\nload\n")


def test_what_is_no_machines_is_taken_back_too() -> None:
    at = Scripted("kxs 1\non-failure reboot 10s\nlet m = mount LABEL=GENTOO\nfail 'x'\n")
    before = state(at)
    at("on-failure poweroff 500ms")
    assert at("undo") == (
        "undo on-failure poweroff 500ms\nwhat follows a failure is as before: reboot\n"
    )
    assert state(at) == before
    at.interpreter.find_import = lambda path: Source(path, "fn hello() { say hello }\n")
    at('import "greeting.kxs" as b')
    assert at("b.hello") == "hello\n"
    assert at("undo") == 'undo import "greeting.kxs" as b\nas before: $b\n'
    assert "KX201" in at("b.hello")
    at("lock off")
    assert "the machine stays locked (off)" in at("undo")
    assert "/mnt/1" in at("mounts")
    at("if true { on-failure poweroff 500ms; fail 'x' }")
    at("save-script --rest new.kxs")
    assert "on-failure poweroff 500ms\n" in at.file("/new.kxs")


def test_an_edit_that_could_not_be_loaded_is_taken_back() -> None:
    at = Scripted()
    at("let a = 1")
    at("edit LABEL=GENTOO:/none", "+ quiet\nload\n")
    assert at("undo") == "undo edit LABEL=GENTOO:/none\nunmounted /mnt/1\nas before: $edited\n"
    assert "undo let a = 1" in at("undo")
    assert at("undo") == "nothing is left to undo\n"
