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
    b"locked 1", b"lock1 2", b"lock_up", b"lock-up", b" lock off", b"lock --menu $m", b"say lock",
])  # fmt: skip
def test_what_does_not(line: bytes) -> None:
    assert not list(written_locks(line))


@pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-16-be"])
def test_two_bytes_a_sign(name: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(name, b"")
    script = mark + "kxs 1\r\nlock off\r\n".encode(name)
    assert [lock.mode for lock in written_locks(script)] == ["off"]
    assert [lock.mode for lock in written_locks(script[:-1])] == ["off"]
