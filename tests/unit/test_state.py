"""State files: what they may hold, and that a power cut leaves a whole one."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from kxsh.boot.state import SIZE_LIMIT, format_state, parse_state, read_state
from kxsh.errors import Failure, FormatFailure, IoFailure, NotFound
from kxsh.machine.linux import durable, syscalls
from kxsh.machine.linux.kmsg import KernelLog
from kxsh.machine.linux.modules import Modules
from kxsh.machine.linux.mounts import Mounts
from kxsh.machine.protocol import Device
from kxsh.machine.root import DirectoryRoot

PATH = "/kxsh/state/slots.json"


def test_what_is_written_is_read() -> None:
    data: dict[str, Any] = {"a": [1, True, None, "ü\n"], "b": {"c d": -(2**62)}, "e": {}, "f": []}
    assert parse_state(format_state(data), "x") == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 512,
        b"\xff\xfe{}",
        b"[1]",
        b"7",
        b'{"a": 1.5}',
        b'{"a": NaN}',
        b'{"a": 99999999999999999999}',
        b'{"a": ' * 50 + b"1" + b"}" * 50,
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"left": {"A": 3',
    ],
)
def test_what_is_no_state_is_a_failure(data: bytes) -> None:
    with pytest.raises(FormatFailure):
        parse_state(data, "x")


def test_a_state_that_grows_too_large_is_not_written() -> None:
    with pytest.raises(FormatFailure, match="64 KiB"):
        format_state({"a": "x" * SIZE_LIMIT})


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b" " * (SIZE_LIMIT + 1))
    with pytest.raises(FormatFailure):
        read_state(DirectoryRoot(str(tmp_path)), "s")


def write(base: Path, value: int) -> None:
    durable.replace(str(base), PATH, format_state({"value": value}))


def read(base: Path) -> object:
    return read_state(DirectoryRoot(str(base)), PATH)[0]["value"]


def test_replacing_makes_folders_and_keeps_the_one_before(tmp_path: Path) -> None:
    for value in (1, 2, 3):
        write(tmp_path, value)
    assert read(tmp_path) == 3
    folder = tmp_path / "kxsh/state"
    assert sorted(os.listdir(folder)) == ["slots.json", "slots.json.old"]
    assert b"2" in (folder / "slots.json.old").read_bytes()


CALLS = ("open", "write", "fsync", "replace")


@pytest.mark.parametrize("number", range(12))
def test_a_cut_at_any_step_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    write(tmp_path, 1)
    write(tmp_path, 2)
    left = [number]

    def cut(name: str) -> None:
        real = getattr(os, name)

        def call(*words: Any, **named: Any) -> Any:
            if left[0] == 0:
                raise OSError(errno.EIO, "power cut")
            left[0] -= 1
            return real(*words, **named)

        monkeypatch.setattr(durable.os, name, call)

    with monkeypatch.context():
        for name in CALLS:
            cut(name)
        try:
            write(tmp_path, 3)
            done = True
        except IoFailure:
            done = False
        monkeypatch.undo()
    assert read(tmp_path) in ((3,) if done else (2, 3))
    write(tmp_path, 4)
    assert read(tmp_path) == 4


def test_a_short_write_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(durable.os, "write", lambda fd, data: real(fd, bytes(data[:3])))
    write(tmp_path, 123456)
    assert read(tmp_path) == 123456


def test_no_link_leads_the_write_elsewhere(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "kxsh").symlink_to(outside)
    with pytest.raises(Failure):
        write(inside, 1)
    (inside / "kxsh").unlink()
    (inside / "kxsh/state").mkdir(parents=True)
    (inside / "kxsh/state/slots.json").symlink_to(outside / "file")
    with pytest.raises(FormatFailure):
        write(inside, 1)
    (inside / "kxsh/state/slots.json").unlink()
    (inside / "kxsh/state/slots.json.new").symlink_to(outside / "file")
    with pytest.raises(Failure):
        write(inside, 1)
    assert os.listdir(outside) == []


# -- the filesystem is writable for that moment only


class Calls:
    """mount(2) as it is called; `refuse` is the number of the error of a remount."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, refuse: int = 0) -> None:
        self.flags: list[int] = []
        self._refuse = refuse
        monkeypatch.setattr(syscalls, "mount", self._mount)

    def _mount(self, source: str, target: str, fstype: str, flags: int, data: str) -> None:
        if self._refuse and flags & syscalls.MS_REMOUNT:
            raise OSError(self._refuse, os.strerror(self._refuse))
        self.flags.append(flags)


def mounts(tmp_path: Path) -> Mounts:
    log = KernelLog()
    return Mounts(str(tmp_path), log, Modules(log))


DEVICE = Device("/dev/sdz1", fstype="vfat", disk="/dev/sdz1")


def test_a_read_only_mount_is_writable_for_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Calls(monkeypatch)
    made = mounts(tmp_path)
    mount = made.mount(DEVICE, "", "", [], False)
    calls.flags.clear()
    with made.writable(f"{mount.path}{PATH}") as (base, inner):
        assert (base, inner) == (mount.path, PATH)
        assert calls.flags[-1] & syscalls.MS_REMOUNT
        assert not calls.flags[-1] & syscalls.MS_RDONLY
    assert calls.flags[-1] & syscalls.MS_REMOUNT and calls.flags[-1] & syscalls.MS_RDONLY
    assert len(calls.flags) == 2
    with pytest.raises(IoFailure), made.writable(f"{mount.path}{PATH}"):
        raise IoFailure("while writing")
    assert calls.flags[-1] & syscalls.MS_RDONLY


def test_a_writable_mount_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = Calls(monkeypatch)
    made = mounts(tmp_path)
    mount = made.mount(DEVICE, "", "", [], True)
    calls.flags.clear()
    with made.writable(f"{mount.path}{PATH}"):
        pass
    assert calls.flags == []


def test_write_protection_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Calls(monkeypatch, refuse=errno.EACCES)
    made = mounts(tmp_path)
    mount = made.mount(DEVICE, "", "", [], False)
    with (
        pytest.raises(IoFailure, match="writable: read-only file system"),
        made.writable(f"{mount.path}/x"),
    ):
        pass


def test_nothing_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_state(DirectoryRoot(str(tmp_path)), PATH)
