"""disks: what is there, which menus it has, and what comes and goes."""

from __future__ import annotations

import pytest
from machines import HOSTILE, devices, machine
from screen import QUERIES, Screen

from kxsh.console.disk_list import changes, disk_list, menus_of
from kxsh.machine.protocol import Device, Mount


def test_says_where_a_filesystem_is_mounted() -> None:
    here = devices()
    shown = disk_list(here, 100, [Mount(here[1], "/mnt/7", "iso9660")])
    lines = shown.splitlines()
    at = next(index for index, line in enumerate(lines) if "/dev/sda1" in line)
    assert lines[at + 1] == "    mounted on /mnt/7, read-only"
    assert shown.count("mounted on") == 1


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
