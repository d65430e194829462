"""Menus of the SYSLINUX family as they are found on real media."""

from __future__ import annotations

from pathlib import Path

from trees import folder

from kxsh.machine.root import DirectoryRoot
from kxsh.menus import syslinux
from kxsh.menus.search import find_menus

INSTALLER = Path("/usr/lib/debian-installer/images/12/amd64")


def test_the_installers_menu_has_its_kernels() -> None:
    top = INSTALLER / "text"
    assert top.is_dir(), "install debian-installer-12-netboot-amd64"
    # The tree is a server's: pxelinux.cfg and the files it names are below `text`.
    menu = syslinux.read(DirectoryRoot(str(top)), "/pxelinux.cfg/default")
    bootable = [entry for entry in menu.entries if not entry.not_bootable]
    kernel = "/debian-installer/amd64/linux"
    assert {entry.kernel for entry in bootable} == {kernel}
    assert all(entry.initrds == ("/debian-installer/amd64/initrd.gz",) for entry in bootable)
    assert menu.default == "install"
    # This flavour comes without the menus of the graphical installer that it includes.
    assert all("no such file" in problem.message for problem in menu.problems)
    lines = [(entry.source, entry.handover) for entry in menu.entries]
    assert len(lines) == len(set(lines)), "menus that lead back are listed twice"
    assert ("Advanced options",) in {entry.parents for entry in menu.entries}


def test_a_filesystem_shows_its_menus(shared: Path) -> None:
    porteus = find_menus(folder(shared / "wild/syslinux/porteus"))
    assert [menu.format for menu in porteus] == ["isolinux", "extlinux", "syslinux"]
    suse = find_menus(folder(shared / "wild/syslinux/opensuse-live"))
    assert [menu.source for menu in suse] == ["/boot/x86_64/loader/isolinux.cfg"]
