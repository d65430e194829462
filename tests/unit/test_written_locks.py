"""The lock lines of a script that may be damaged, read before any of it runs."""

from __future__ import annotations

import pytest

from kxsh.options import written_locks


@pytest.mark.parametrize(("line", "mode"), [
    (b"lock off", "off"), (b"lock off\r", "off"), (b"lock", "off"),
    (b"lock\tpassword 'x'", "password"),
    (b"lock \xff", "\ufffd"), (b"lock\xffoff", "off"), (b"lock\0off", "off"), (b"lock;", "off"),
    (b"lock open", "open"),
])  # fmt: skip
def test_what_counts(line: bytes, mode: str) -> None:
    for script in (b"kxs 1\n" + line + b"\n", b"\xef\xbb\xbf" + line, b"\xff\xfe\n\n"[2:] + line):
        assert [lock.mode for lock in written_locks(script)] == [mode]


@pytest.mark.parametrize("line", [
    b"locked 1", b"lock1 2", b"lock_up", b"lock-up", b" lock off", b"say lock",
])  # fmt: skip
def test_what_does_not(line: bytes) -> None:
    assert not list(written_locks(line))


@pytest.mark.parametrize("line", [
    b"lock password --menu $m", b"lock password --menu=$m # all", b"lock --menu $m password",
    b"lock password # of the menu\n  --menu $m", b"lock password\n\t--delay 5s\r\n--menu $m",
    b"lock password '$7$x' --menu $m", b"lock password\n# of the menu\n\n  --menu $m",
])  # fmt: skip
def test_what_waits_for_a_menu(line: bytes) -> None:
    assert [lock.awaited for lock in written_locks(b"kxs 1\n" + line + b"\nexec\n")] == [True]


@pytest.mark.parametrize("line", [
    b"lock off --menu $m", b"lock off # --menu $m", b"lock password x # --menu $m",
    b"lock --delay 5s off", b"lock --menu $m off", b"lock --menu $m",
])  # fmt: skip
def test_what_waits_for_none(line: bytes) -> None:
    assert [lock.awaited for lock in written_locks(line)] == [False]


def test_how_long() -> None:
    line = b"lock password --menu $m\n  --delay 5s"
    assert [lock.delay for lock in written_locks(line)] == [5.0]


@pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-16-be"])
def test_two_bytes_a_sign(name: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(name, b"")
    script = mark + "kxs 1\r\nlock off\r\n".encode(name)
    assert [lock.mode for lock in written_locks(script)] == ["off"]
    assert [lock.mode for lock in written_locks(script[:-1])] == ["off"]
