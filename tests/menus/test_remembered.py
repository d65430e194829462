"""A root whose directories are listed once, for the look at many names."""

from __future__ import annotations

from collections import Counter

import pytest

from kxsh.errors import FormatFailure, NotFound
from kxsh.machine.fake import MemoryRoot
from kxsh.machine.protocol import FileFacts
from kxsh.menus.remembered import Remembered
from kxsh.menus.search import READERS


class Counted(MemoryRoot):
    """A root that counts what it is asked; /many cannot be listed."""

    def __init__(self) -> None:
        super().__init__(
            {"/Boot/GRUB/menu.lst": "title x\n", "/many/file": "f", "/a": "1", "/A": "2"}
        )
        self.asked: Counter[str] = Counter()

    def list(self, path: str) -> list[str]:
        self.asked[f"list {path}"] += 1
        if path == "/many":
            raise FormatFailure("/many has too many names")
        return super().list(path)

    def stat(self, path: str) -> FileFacts | None:
        self.asked[f"stat {path}"] += 1
        return super().stat(path)


def test_files_are_found_as_the_disk_spells_them() -> None:
    root = Remembered(Counted())
    facts = root.stat("/boot/grub/MENU.LST")
    assert facts is not None and facts.path == "/Boot/GRUB/menu.lst"
    assert root.read("boot//./grub/menu.lst") == root.open("/BOOT/grub/menu.lst").read()
    assert root.list("/boot") == ["GRUB"]
    assert (root.read("/a"), root.read("/A")) == (b"1", b"2")
    assert root.stat("/none") is root.stat("/a/b") is None
    for ask in (root.read, root.list):
        with pytest.raises(NotFound):
            ask("/none")


def test_what_cannot_be_listed_is_asked_for_as_written() -> None:
    root = Remembered(Counted())
    assert root.stat("/many/file") is not None
    assert root.stat("/many/FILE") is None
    assert root.stat("/Boot/../a") is not None


def test_each_directory_is_listed_once_for_all_readers() -> None:
    disk = Counted()
    root = Remembered(disk)
    found = [path for reader in READERS for path in reader.find(root)]
    assert found == ["/Boot/GRUB/menu.lst"]
    assert max(disk.asked.values()) <= 2
    assert sum(disk.asked.values()) < 20
