"""disks: what is there, which menus it has, and what comes and goes."""

from __future__ import annotations

import io
import sys

import pytest
from machines import HOSTILE, devices, machine
from screen import QUERIES, Screen

from kxsh.console import tables
from kxsh.console.prompt.disk_list import changes, disk_list, menus_of
from kxsh.console.terminal import Terminal
from kxsh.machine.protocol import Device, Mount


def test_says_where_a_filesystem_is_mounted() -> None:
    here = devices()
    shown = disk_list(here, 100, [Mount(here[1], "/mnt/7", "iso9660")])
    lines = shown.splitlines()
    at = next(index for index, line in enumerate(lines) if "/dev/sda1" in line)
    assert lines[at + 1] == "    mounted on /mnt/7, read-only"
    assert shown.count("mounted on") == 1


@pytest.mark.parametrize("columns", [100, 50])
def test_a_label_that_is_shown_as_escapes_keeps_its_columns(columns: int) -> None:
    """A serial line has only ASCII; there a label is wider than on a screen."""
    here = [
        Device("/dev/sda1", fstype="vfat", label="gr\u00fc\u00df \u4e2d\u6587", uuid="11-22"),
        Device("/dev/sdb1", fstype="ext4", label="plain", uuid="33-44"),
    ]
    out = io.StringIO()
    terminal = Terminal(sys.stdin, out, color=False, serial=True)
    terminal.say(disk_list(here, columns, shown=terminal.shown))
    lines = out.getvalue().splitlines()
    assert r"gr\xfc\xdf \u4e2d\u6587" in lines[1]
    if columns == 100:
        at = lines[0].index("uuid")
        assert (lines[1].index("11-22"), lines[2].index("33-44")) == (at, at)
        mounted = tables.mounts([(Mount(one, "/m", one.fstype), "x") for one in here], 99,
                                terminal.shown)  # fmt: skip
        assert len({line.rindex("  ") for line in mounted.splitlines()[1:]}) == 1


LONG = "a1b2c3d4-1234-4321-aaaa-0123456789ab"


@pytest.mark.parametrize("columns", [199, 79, 39])
def test_a_disks_model_is_no_label(columns: int) -> None:
    here = [
        Device("/dev/nvme0n1", disk="/dev/nvme0n1", pttype="gpt", model="Samsung SSD 980 PRO"),
        Device("/dev/sr0", disk="/dev/sr0", label="CD", model="DVD-ROM", removable=True),
    ]
    lines = disk_list(here, columns).splitlines()
    assert [line.strip() for line in lines[2::2]] == [
        "disk Samsung SSD 980 PRO", "disk DVD-ROM, removable",
    ]  # fmt: skip
    assert [line.split()[-1] for line in lines[1::2]] == ["gpt", "CD"]
    assert all("label" not in line for line in lines[1:])


def test_a_uuid_is_whole_where_it_fits_somewhere() -> None:
    here = [
        Device("/dev/nvme0n1p2", fstype="crypto_LUKS", uuid=LONG),
        Device("/dev/sda1", label="EFI system partition", uuid="1234-ABCD"),
    ]
    wide, narrow = disk_list(here, 120).splitlines(), disk_list(here, 79).splitlines()
    assert [line.split()[-1] for line in wide] == ["uuid", LONG, "1234-ABCD"]
    assert narrow[2] == f"    UUID={LONG}"
    assert narrow[3].endswith("1234-ABCD")


def test_on_a_narrow_screen_a_type_stands_where_there_is_no_label() -> None:
    here = [Device("/dev/sda2", fstype="swap"), Device("/dev/sda3", fstype="ext4", label="root")]
    lines = disk_list(here, 39).splitlines()
    assert [line.split()[-1] for line in lines] == ["label/type", "swap", "root"]


def test_why_a_menu_cannot_be_read_is_told_whole() -> None:
    shown = disk_list(devices(), 79, (), menus_of(machine()))
    assert "cannot be mounted: there is no filesystem on it" in " ".join(shown.split())


def test_names_the_menus_below_their_filesystem() -> None:
    lines = disk_list(devices(), 100, (), menus_of(machine())).splitlines()
    at = next(index for index, line in enumerate(lines) if "/dev/sda1" in line)
    assert lines[at + 1].split() == [
        "menu", "isolinux", "/isolinux/isolinux.cfg:", "2", "entries,", "in", "charge",
    ]  # fmt: skip
    assert all(len(line) <= 100 for line in lines)


def test_changes_are_told() -> None:
    before = [Device("/dev/sda", size=1024), Device("/dev/sr0")]
    now = [Device("/dev/sr0", label="CD"), Device("/dev/sdb1", fstype="vfat", label="STICK")]
    assert changes(before, now) == ["- /dev/sda 1.0 KiB", "+ /dev/sdb1 STICK vfat", "~ /dev/sr0 CD"]
    assert changes(now, now) == []


TERMINALS = [("xterm", 80, 24), ("vt100", 40, 10), ("dumb", 80, 24), ("linux", 200, 60)]


@pytest.mark.parametrize(("term", "columns", "rows"), TERMINALS)
def test_watch_shows_a_stick_that_comes_and_goes(term: str, columns: int, rows: int) -> None:
    arguments = ["--plug", "2"] + ([] if term in ("xterm", "linux") else ["--serial"])
    with Screen("prompt_program.py", *arguments, term=term, columns=columns, rows=rows) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("disks --watch\r")
        screen.wait("watching; any key ends")
        screen.wait(r"^\d\d:\d\d:\d\d \+ /dev/sdc1 bad")
        if term in ("xterm", "linux"):
            assert any("/dev/sdc1" in line and "1.0 GiB" in line for line in screen.lines)
            assert screen.text.count("watching") == 1
        screen.wait(r"^\d\d:\d\d:\d\d - /dev/sdc1 bad")
        assert all(len(line) < columns for line in screen.lines)
        screen.type("x")
        screen.wait_cursor("kxsh>")
        assert QUERIES.findall(screen.output) == []
        assert HOSTILE not in screen.everything
        assert b"\x07" not in screen.output


def test_on_a_small_screen_watch_shows_the_disks_before_their_models() -> None:
    with Screen("prompt_program.py", "--plug", "2", term="linux", columns=40, rows=9) as screen:
        screen.wait_cursor("kxsh>")
        screen.type("disks --watch\r")
        screen.wait("watching; any key ends")
        assert [line.split()[0] for line in screen.lines[2:8]] == [
            "device", "/dev/sda", "/dev/sda1", "/dev/sda2", "/dev/sdb", "/dev/sdb1",
        ]  # fmt: skip
        screen.type("x")
        screen.wait_cursor("kxsh>")


def test_the_line_that_mounted_something_is_seen_whole() -> None:
    device = Device("/dev/nvme0n1p2", label="DEBIAN LIVE", fstype="iso9660")
    mount = Mount(device, "/mnt/image", "iso9660")
    place = "EFI/BOOT/boot.kxs (edited):123"
    for columns in (79, 99, 200):
        shown = tables.mounts([(mount, place), (Mount(device, "/b", "x"), "")], columns)
        assert place in shown
        assert max(map(len, shown.split("\n"))) <= columns
    assert tables.mounts([(mount, place)], 79).split("\n")[1:] == [
        "/mnt/image  /dev/nvme0n1p2  iso9660  ro    DEBIAN LIVE",
        f"  mounted by {place}",
    ]
    assert tables.mounts([(mount, "folder/" * 20 + place)], 79).endswith(place)
