"""What the prompt says to fingers and eyes that other systems have trained."""

from __future__ import annotations

import io
from typing import NoReturn

import pytest
from scripted import Scripted

from kxsh.commands import choices
from kxsh.commands.context import Choice, Offer
from kxsh.console.menu.countdown import Menu
from kxsh.console.prompt import grub_names
from kxsh.console.terminal import Terminal
from kxsh.errors import IoFailure
from kxsh.machine.gone import MOUNT_AGAIN


def test_what_tells_of_disks_elsewhere_leads_to_disks() -> None:
    at = Scripted()
    for name in ("blkid", "fdisk", "parted"):
        assert "`disks` lists every disk with its partitions" in at(name), name


def test_retry_takes_no_file() -> None:
    shown = " ".join(Scripted("kxs 1\nfail here\n")("retry --save LABEL=ROOTFS:/boot.kxs").split())
    assert "`retry` takes no more" in shown
    assert "`save-script --rest FILE` writes that elsewhere" in shown


def test_grubs_root_is_not_set_but_named_in_the_path() -> None:
    at = Scripted()
    shown = " ".join(at("set root=(hd0,1)").split())
    assert "KX607" in shown
    assert "here that is LABEL=GENTOO: `load LABEL=GENTOO:/vmlinuz`; nothing is set" in shown
    devices = at.machine.devices
    esp = at.interpreter.esp
    assert grub_names.rewritten("set root=(hd0,1)", devices, esp) == "set root=(hd0,1)"
    assert grub_names.rewritten("ls (hd0,1)/", devices, esp) == "ls LABEL=GENTOO:/"


def test_an_error_number_ends_with_one_sign() -> None:
    at = Scripted()
    assert "allow it?\n" in at("help EACCES") and "more.\n" in at("help EIO")


class Console:
    def __init__(self, locked: bool) -> None:
        self.console, self.locked = self, locked


def test_where_nobody_may_have_the_prompt_no_command_of_it_is_advised() -> None:
    error = IoFailure("a disk is gone", hint=MOUNT_AGAIN)
    told = [choices._told(Console(locked), error) for locked in (True, False)]  # type: ignore[arg-type]
    assert told[0] == "a disk is gone\nplug it in again, then retry, or restart the machine"
    assert "`retry --whole`" in told[1]


def test_ctrl_c_while_the_menu_is_opened_ends_the_line() -> None:
    out = io.StringIO()
    terminal = Terminal(io.StringIO(), out, color=False, serial=False, term="dumb")
    menu = Menu(terminal, Offer("m", [Choice("a", "A")], "a", None))
    menu._status("opening the menu...")

    def face() -> NoReturn:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        menu._on(face, None, "")  # type: ignore[arg-type]
    assert out.getvalue().endswith("opening the menu...\n")
