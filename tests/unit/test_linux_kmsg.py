"""Marks in the kernel's log, over a FIFO that gives one record per read as /dev/kmsg does."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from kxsh.machine.linux import kmsg

RECORDS = [
    b"6,10,100,-;first\n",
    b"14,11,101,-;said by a program, not by the kernel\n",
    b"3,12,102,-;kexec: bad \\x1b image\n SUBSYSTEM=x\n",
]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[kmsg.KernelLog, list[object]]:
    waiting: list[object] = []

    def read(descriptor: int, size: int) -> bytes:
        if not waiting:
            raise BlockingIOError(errno.EAGAIN, "no more")
        record = waiting.pop(0)
        if isinstance(record, OSError):
            raise record
        assert isinstance(record, bytes)
        return record

    device = tmp_path / "kmsg"
    device.touch()
    monkeypatch.setattr(kmsg.os, "read", read)
    return kmsg.KernelLog(str(device)), waiting


def test_since_a_mark(log: tuple[kmsg.KernelLog, list[object]]) -> None:
    kernel_log, waiting = log
    before = kernel_log.mark()
    waiting += RECORDS[:2]
    middle = kernel_log.mark()
    waiting += [BrokenPipeError(errno.EPIPE, "overwritten"), RECORDS[2]]
    assert kernel_log.since(middle) == ["kexec: bad \\x1b image"]
    assert kernel_log.since(before) == ["first", "kexec: bad \\x1b image"]
    assert kernel_log.since(kernel_log.mark()) == []
    os.close(kernel_log._descriptor or 0)


def test_no_log_is_an_empty_one(tmp_path: Path) -> None:
    kernel_log = kmsg.KernelLog(str(tmp_path / "nothing"))
    assert kernel_log.since(kernel_log.mark()) == [] and kernel_log.since(-1) == []
