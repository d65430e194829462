"""boot.cfg of VMware ESXi."""

from __future__ import annotations

import pytest

from kxsh.boot.entry import Menu
from kxsh.machine.fake import MemoryRoot
from kxsh.menus import esxi


def read(text: str, path: str = "/boot.cfg") -> Menu:
    return esxi.read(MemoryRoot({path: text}), path)


def test_the_entry_is_listed_with_its_modules_and_the_reason() -> None:
    menu = read(
        "bootstate=0\ntitle=Loading ESXi\ntimeout=5\nprefix=\nkernel=/b.b00\n"
        "kernelopt=runweasel a=b\nmodules=/a.gz --- /b.v00 x y --- \nbuild=7.0\nupdated=3\n"
    )
    (entry,) = menu.entries
    assert (menu.timeout, menu.default, menu.title) == (5, "Loading ESXi", "Loading ESXi")
    assert (entry.kernel, entry.cmdline) == ("/b.b00", "/b.b00 runweasel a=b")
    assert entry.modules == ("/a.gz", "/b.v00 x y")
    assert entry.not_bootable.startswith("VMware ESXi: ")
    assert "bank" not in entry.not_bootable
    assert menu.facts == {"bootstate": "0", "updated": "3", "build": "7.0"}


def test_a_prefix_and_the_folder_of_the_file() -> None:
    menu = read("prefix=7/img\nkernel=b.b00\nmodules=a\n", "/efi/boot/BOOT.CFG")
    assert menu.entries[0].kernel == "/efi/boot/7/img/b.b00"
    assert menu.entries[0].modules == ("/efi/boot/7/img/a",)


@pytest.mark.parametrize(
    ("state", "word"), [("0", ""), ("1", ""), ("", ""), ("2", "=2"), ("3", "=3"), ("9", "=3")]
)
def test_the_state_of_a_boot_bank(state: str, word: str) -> None:
    reason = read(f"kernel=k\nbootstate={state}\n").entries[0].not_bootable
    assert (word in reason) if word else ("bootstate" not in reason)


def test_without_a_kernel_there_is_no_entry() -> None:
    menu = read("title=x\nnonsense\n")
    assert menu.entries == () and menu.default == ""
    assert [problem.message for problem in menu.problems] == [
        "nonsense: no setting",
        "names no kernel",
    ]
