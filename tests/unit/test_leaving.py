"""Closing everything before the machine goes on: with a disk that hangs, or is only slow."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from kernels import bzimage

from kxsh.commands import leaving
from kxsh.errors import Interrupted, IoFailure
from kxsh.image.rehearsal import Audience
from kxsh.interpreter.context import CallContext
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Device, Ended, Mount
from kxsh.source import Source

STICK = Device("/dev/sdb1", label="STICK", fstype="vfat")
DISKS = [Device("/dev/sda1", label="DATA", fstype="ext4"), STICK]
OPEN = "mount LABEL=DATA /data --rw; mount LABEL=STICK /stick"


class Slow(FakeMachine):
    """The last disk is let go of only when `going` is set."""

    def __init__(self) -> None:
        super().__init__(DISKS, {"/dev/sda1": {"/a": b""}, "/dev/sdb1": {"/b": bzimage()}})
        self.going = threading.Event()
        self.closed = threading.Event()
        self.left: Callable[[], int] = lambda: 0

    def unmount(self, mount: Mount) -> None:
        if mount.device == STICK:
            self.going.wait(60)
        super().unmount(mount)
        self.closed.set()

    def unwritten(self) -> int:
        return self.left()


class World:
    """Two mounted disks, the second of which hangs."""

    def __init__(self) -> None:
        self.machine = Slow()
        self.audience = Audience([])
        self.interpreter = Interpreter(self.machine, self.audience)
        self.interpreter.run_line(Source("<prompt>", OPEN))
        self.context = CallContext(self.interpreter, self.interpreter.globals, None)

    def done(self) -> list[str]:
        return [str(action) for action in self.machine.actions[2:]]


def run(world: World, line: str) -> None:
    world.interpreter.run_line(Source("<prompt>", line))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(leaving, "_QUIET", 0.1)
    monkeypatch.setattr(leaving, "_TICK", 0.05)
    monkeypatch.setattr(leaving, "PATIENCE", 1.0)
    return World()


def test_what_is_quick_is_closed_without_a_word(world: World) -> None:
    world.machine.going.set()
    assert leaving.close_everything(world.context) == ""
    assert world.done() == ["unmount /stick", "unmount /data", "sync"]
    assert world.audience.lines == []


def test_a_disk_that_hangs_is_named_and_left(world: World) -> None:
    assert leaving.close_everything(world.context) == "closing LABEL=STICK (/dev/sdb1)"
    assert world.audience.lines == ["waiting: closing LABEL=STICK (/dev/sdb1)"]
    assert world.done() == []
    # When it answers after all, nobody closes what has been in use since.
    world.machine.going.set()
    assert world.machine.closed.wait(60)
    assert world.context.closing is not None and world.context.closing.ends(60)
    assert leaving.close_everything(world.context) == ""
    assert world.done().count("unmount /stick") == 1


def test_a_disk_that_is_only_slow_has_its_time(world: World) -> None:
    """Three seconds of writing are three times the patience with one that takes nothing."""
    steps = iter(range(60, 0, -1))

    def left() -> int:
        number = next(steps, 0)
        if not number:
            world.machine.going.set()
        return number * 1024

    world.machine.left = left
    assert leaving.close_everything(world.context) == ""
    assert world.audience.lines[0] == (
        "waiting: closing LABEL=STICK (/dev/sdb1) (59.0 KiB not written yet)"
    )
    assert world.done() == ["unmount /stick", "unmount /data", "sync"]


def test_what_hangs_while_it_is_written_out_was_writable(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.machine.going.set()
    release = threading.Event()
    monkeypatch.setattr(world.machine, "sync", lambda: release.wait(60))
    assert leaving.close_everything(world.context) == "writing to LABEL=DATA (/dev/sda1)"
    release.set()


def test_what_fails_is_raised_here(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.machine.going.set()

    def fail() -> None:
        raise IoFailure("no")

    monkeypatch.setattr(world.machine, "sync", fail)
    with pytest.raises(IoFailure, match="no"):
        leaving.close_everything(world.context)


def test_a_kernel_does_not_start_beside_it(world: World) -> None:
    with pytest.raises(IoFailure) as failed:
        run(world, "load /stick/b --cmdline ''\nexec")
    assert failed.value.message == (
        "closing LABEL=STICK (/dev/sdb1) does not end, so b was not started"
    )


def test_nor_at_the_second_try(world: World) -> None:
    """What the first try left behind is open no more, but still at work."""
    run(world, "load /stick/b --cmdline ''")
    for _ in range(2):
        with pytest.raises(IoFailure, match=r"closing LABEL=STICK .* does not end, so b was"):
            run(world, "exec")
    # The other disk waits for none: a restart would leave it closed.
    assert world.done()[1:] == ["unmount /data"]
    world.machine.going.set()
    with pytest.raises(Ended):
        run(world, "exec")
    assert world.done()[-3:] == ["unmount /stick", "sync", "jump"]


def test_nor_after_the_waiting_was_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run(world, "load /stick/b --cmdline ''")
    with monkeypatch.context() as pressed, pytest.raises(Interrupted):
        pressed.setattr(leaving.Closing, "watch", interrupt)
        run(world, "exec")
    with pytest.raises(IoFailure, match=r"closing LABEL=STICK .* does not end, so b was"):
        run(world, "exec")


def interrupt(_: leaving.Closing) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("answers", [False, True])
def test_the_end_of_a_block_waits_for_none(world: World, answers: bool) -> None:
    """What it owns stays open, for what closes everything next."""
    interpreter = world.interpreter
    with interpreter.block(interpreter.globals) as scope:
        scope.resources += interpreter.session.resources
        interpreter.session.resources.clear()
        context = CallContext(interpreter, scope, None)
        assert leaving.close_everything(context) == "closing LABEL=STICK (/dev/sdb1)"
        if answers:
            world.machine.going.set()
            assert context.closing is not None and context.closing.ends(60)
    assert world.done() == (["unmount /stick", "unmount /data"] if answers else [])
    world.machine.going.set()
    assert leaving.close_everything(world.context) == ""
    assert world.done() == ["unmount /stick", "unmount /data", "sync"]
