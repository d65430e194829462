"""The keys by which a live system finds its image in a file, framework by framework."""

from __future__ import annotations

import pytest

from kxsh.boot.cmdline import Cmdline
from kxsh.boot.live import FRAMEWORKS, find_itself, framework
from kxsh.errors import FormatFailure

PATH, UUID = "/isos/x.iso", "12-34"
SCAN = "iso-scan/filename=/isos/x.iso"
LOOP = "img_dev=/dev/disk/by-uuid/12-34 img_loop=/isos/x.iso"
FIND = "findiso=/isos/x.iso"
# Framework, kernel, command line, what is added.
ROWS = [
    ("casper", "/casper/vmlinuz", "maybe-ubiquity quiet", SCAN),
    ("casper", "/k", "boot=casper", SCAN),
    ("live-boot", "/live/vmlinuz", "boot=live quiet", FIND),
    ("dracut or kiwi", "/k", "root=live:CDLABEL=Fedora rd.live.image", SCAN),
    ("dracut or kiwi", "/boot/x86_64/loader/linux", "root=live:CDLABEL=openSUSE", SCAN),
    ("archiso", "/k", "archisobasedir=arch archisosearchuuid=1", LOOP),
    ("Manjaro", "/k", "misobasedir=manjaro misolabel=M", LOOP),
    ("NixOS", "/boot/bzImage", "init=/nix/store/a/init root=LABEL=nixos", FIND),
]


@pytest.mark.parametrize(("name", "kernel", "before", "added"), ROWS)
def test_each_framework(name: str, kernel: str, before: str, added: str) -> None:
    line = Cmdline.parse(before)
    found = framework(line, kernel)
    assert found is not None and found.name == name
    changed = find_itself(line, kernel, PATH, UUID)
    assert str(changed) == f"{before} {added}"
    assert str(find_itself(changed, kernel, PATH, UUID)) == str(changed)


def test_what_is_there_already_is_replaced_and_the_separator_goes() -> None:
    line = Cmdline.parse("boot=live findiso=/old quiet --- mine")
    assert str(find_itself(line, "/k", PATH, UUID)) == f"boot=live {FIND} quiet mine"


def test_every_row_of_the_table_is_tried() -> None:
    assert {one.name for one in FRAMEWORKS if one.keys} == {row[0] for row in ROWS}


@pytest.mark.parametrize(
    ("kernel", "line", "said"),
    [
        ("/install.amd/vmlinuz", "vga=788 --- quiet", "Debian's installer looks for a CD"),
        ("/boot/x86_64/loader/linux", "splash=silent", "openSUSE's installer looks for"),
        ("/boot/vmlinuz", "root=/dev/ram0 liveroot", "nothing on the command line shows"),
        ("/boot/vmlinuz", "boot=lively", "nothing on the command line shows"),
    ],
)
def test_what_cannot_find_itself(kernel: str, line: str, said: str) -> None:
    with pytest.raises(FormatFailure) as caught:
        find_itself(Cmdline.parse(line), kernel, PATH, UUID)
    assert said in caught.value.message and caught.value.hint


def test_paths_that_cannot_be_told() -> None:
    line = Cmdline.parse("boot=live")
    for path in ("/my iso.iso", '/a"b.iso', "/a\tb.iso"):
        with pytest.raises(FormatFailure, match="blanks or quotes"):
            find_itself(line, "/k", path, UUID)
    with pytest.raises(FormatFailure, match="has no UUID"):
        find_itself(Cmdline.parse("archisobasedir=a"), "/k", PATH, "")
