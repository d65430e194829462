"""Which entries look like installers."""

from __future__ import annotations

import pytest

from kxsh.boot.entry import Entry
from kxsh.boot.installer import installer


@pytest.mark.parametrize(
    ("title", "kernel", "cmdline", "why"),
    [
        ("Graphical install", "/k", "", "its title says `install`"),
        ("^Install", "/k", "", "its title says `install`"),
        ("Automatic setup...", "/k", "", "its title says `setup`"),
        ("Fedora 43", "/k", "inst.stage2=hd:LABEL=F quiet", "Fedora's installer reads"),
        ("Ubuntu Server", "/casper/vmlinuz", "autoinstall ds=nocloud", "Ubuntu's installer"),
        ("Debian", "/install.amd/vmlinuz", "vga=788", "a folder `install.amd`"),
        ("Try or Install Ubuntu", "/casper/vmlinuz", "", ""),
        ("Rescue an installed system", "/k", "rescue", ""),
        ("Gentoo Linux", "/boot/vmlinuz", "root=/dev/sda1 installed=yes", ""),
        ("Reinstalled", "/installs/vmlinuz", "", ""),
    ],
)
def test_what_looks_like_one(title: str, kernel: str, cmdline: str, why: str) -> None:
    found = installer(Entry("x", title, kernel, cmdline=cmdline))
    assert found.find(why) >= 0 and bool(found) == bool(why)


def test_what_has_no_entry_is_none() -> None:
    assert installer(None) == ""
