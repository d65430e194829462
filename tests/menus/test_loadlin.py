"""LOADLIN: batch files, CONFIG.SYS and parameter files (its manual, sections 3 and 4)."""

from __future__ import annotations

import pytest

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.fake import MemoryRoot
from kxsh.menus import loadlin
from kxsh.menus.search import find_menus

TREE = {"/LOADLIN/ZIMAGE": "k", "/LOADLIN/RDIMAGE": "i", "/Program Files/Linux/vmlinuz.old": "k"}


def read(text: str, path: str = "/LINUX.BAT", **files: str) -> Menu:
    """Read a file; in the names of others a ``_`` is a dot."""
    more = {"/LOADLIN/" + name.replace("_", "."): content for name, content in files.items()}
    return loadlin.read(MemoryRoot({path: text, **TREE, **more}, ignores_case=True), path)


def only(menu: Menu) -> Entry:
    assert len(menu.entries) == 1, menu.problems
    return menu.entries[0]


def test_a_batch_file() -> None:
    menu = read(
        "@echo off\r\nrem loadlin c:\\x\r\nsmartdrv /C\r\n"
        "C:\\LOADLIN\\LOADLIN.EXE -v c:\\loadlin\\zimage root=/dev/hdb2 ro vga=3 "
        "initrd=c:\\loadlin\\rdimage %1\r\n"
    )
    assert (menu.format, menu.default, menu.timeout) == ("loadlin", "LINUX.BAT", 0)
    assert only(menu) == Entry(
        id="LINUX.BAT",
        title="LINUX.BAT",
        kernel="/LOADLIN/ZIMAGE",
        initrds=("/LOADLIN/RDIMAGE",),
        cmdline="root=/dev/hdb2 ro",
        boot_image="c:\\loadlin\\zimage",
        handover="root=/dev/hdb2 ro BOOT_IMAGE=c:\\loadlin\\zimage",
        default=True,
        source="/LINUX.BAT",
    )


PARAMETERS = "# x\n\n..\\LOADLIN\\zImage  # the kernel\n-t\nvga=ask\nroot=/dev/hdb2\nro\nMY=One\n"


@pytest.mark.parametrize(
    ("call", "kernel", "cmdline"),
    [
        ("@c:\\loadlin\\test.par", "/LOADLIN/ZIMAGE", "root=/dev/hdb2 ro MY=One"),
        ("@c:\\loadlin\\test.par root=/dev/x rw", "/LOADLIN/ZIMAGE", "ro MY=One root=/dev/x rw"),
        ("@c:\\loadlin\\test.par image=c:\\other", "/other", "root=/dev/hdb2 ro MY=One"),
        ("c:loadlin\\zimage -d c:\\dump.txt a", "/LOADLIN/ZIMAGE", "a"),
        ("c:\\progra~1\\linux\\vmlinu~1.old", "/Program Files/Linux/vmlinuz.old", ""),
    ],
)
def test_parameter_files_and_names(call: str, kernel: str, cmdline: str) -> None:
    entry = only(read(f"call loadlin {call}\r\n", test_par=PARAMETERS))
    assert (entry.kernel, entry.cmdline) == (kernel, cmdline)


def test_a_parameter_file_by_itself() -> None:
    entry = only(read(PARAMETERS, "/LOADLIN/linux.par"))
    assert (entry.title, entry.kernel) == ("linux.par", "/LOADLIN/ZIMAGE")


def test_config_sys_and_its_menu() -> None:
    menu = read(
        "[menu]\r\nmenuitem=DOS, DOS boot\r\nmenuitem=L1, LINUX boot\r\nmenuitem=L2\r\n"
        "menudefault=L2, 20\r\n[DOS]\r\nSHELL=C:\\COMMAND.COM\r\n[L1]\r\n"
        "shell=c:\\loadlin\\loadlin.exe C:\\LOADLIN\\ZIMAGE ROOT=/DEV/HDB2 RO FOO=Bar\r\n"
        "[L2]\r\nshell=c:\\loadlin\\loadlin.exe @c:\\loadlin\\test.par ROOT=/DEV/HDB3\r\n",
        "/CONFIG.SYS",
        test_par=PARAMETERS,
    )
    assert [(entry.title, entry.cmdline) for entry in menu.entries] == [
        ("LINUX boot", "root=/dev/hdb2 ro FOO=Bar"),
        ("L2", "ro MY=One root=/dev/hdb3"),
    ]
    assert (menu.default, menu.timeout) == ("L2", 20)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("loadlin", "names no kernel"),
        ("loadlin @none.par", "no such file"),
        ("loadlin c:\\none root=/dev/hda1", "no file /none"),
        ("loadlin c:\\loadlin\\zimage -t", "LOADLIN would test only"),
    ],
)
def test_mistakes_are_told(text: str, problem: str) -> None:
    menu = read(text)
    told = [*map(str, menu.problems), *(entry.not_bootable for entry in menu.entries)]
    assert any(problem in text for text in told), told


def test_only_batch_files_that_start_it_are_menus() -> None:
    root = MemoryRoot({"/AUTOEXEC.BAT": "ver\n", "/LINUX.BAT": "LOADLIN zimage\n"}, True)
    assert [menu.source for menu in find_menus(root)] == ["/LINUX.BAT"]
