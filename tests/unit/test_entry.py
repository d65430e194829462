"""Entries: where their files are, seen from a mount point or another filesystem."""

from __future__ import annotations

import pytest

from kxsh.boot.entry import Entry, Menu, elsewhere


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


def test_a_name_that_no_entry_has_gets_a_near_one_or_each_label_in_quotes() -> None:
    titles = ("Debian", "More > Debian, with Linux 6.1", "More > Debian, with Linux 5.10")
    menu = Menu("grub2", "/grub.cfg", tuple(Entry(title, title, "/k") for title in titles))
    near = "did you mean 'More > Debian, with Linux 6.1'?"
    assert menu.named_instead("Debian, with Linux 6.2", "its labels") == near
    assert menu.named_instead("nothing", "its labels") == (
        "its labels: Debian, 'More > Debian, with Linux 6.1', 'More > Debian, with Linux 5.10'"
    )
    many = Menu("grub2", "/grub.cfg", tuple(Entry(f"e{n}", "t", "/k") for n in range(40)))
    assert many.named_instead("nothing", "its labels").endswith("e11, and 28 more")
    assert Menu("grub2", "/grub.cfg", ()).named_instead("x", "its labels") == "its labels: none"
