"""Entries: where their files are, seen from a mount point or another filesystem."""

from __future__ import annotations

import pytest

from kxsh.boot.entry import Entry, elsewhere


def test_an_entrys_files_move_below_a_mount_point() -> None:
    entry = Entry(
        "x", "X", "/k", ("/i", "/dev/sdb:/j"), dtb="/d", modules=("/m a /b", "/dev/sda1:/n"),
        source="/menu.cfg",
    ).rebased("/mnt/1/")  # fmt: skip
    assert (entry.kernel, entry.dtb, entry.source) == ("/mnt/1/k", "/mnt/1/d", "/mnt/1/menu.cfg")
    assert entry.initrds == ("/mnt/1/i", "/dev/sdb:/j")
    assert entry.modules == ("/mnt/1/m a /b", "/dev/sda1:/n")
    assert Entry("x", "X", "http://host/k").rebased("/mnt/1").kernel == "http://host/k"
    assert Entry("x", "X").rebased("/mnt/1").kernel == ""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/dev/sda1:/k", ("/dev/sda1", "/k")),
        ("/boot/k", None),
        ("/a=b:/k", None),
        ("http://host/k", None),
        ("10.0.0.1::k", None),
    ],
)
def test_the_device_of_a_path(path: str, expected: tuple[str, str] | None) -> None:
    assert elsewhere(path) == expected
