"""The menu's full screen over the serial line: an entry found, edited, and booted.

The proof is the command line that the target's kernel and its first program print.
"""

from __future__ import annotations

import re
import time

import legacy_images
import pyte
from lab import PATIENCE, TARGET_LINE, Lab

from kxsh.image.guest import Guest
from kxsh.image.qemu import Disk, VirtualMachine

COLUMNS, ROWS = 80, 24
EDITED = "BOOT_IMAGE=gentoo root=/dev/ram0 init=/linuxrc typed=here initrd=gentoo.igz console=ttyS0"


def screen(guest: Guest) -> str:
    """Return what a terminal at the other end of the line shows now."""
    shown = pyte.Screen(COLUMNS, ROWS)
    pyte.Stream(shown).feed(guest.serial.raw)
    return "\n".join(line.rstrip() for line in shown.display)


def wait_for(guest: Guest, pattern: str) -> str:
    deadline = time.monotonic() + PATIENCE
    while not re.search(pattern, text := screen(guest), re.MULTILINE):
        assert time.monotonic() < deadline, f"no {pattern!r} on the screen:\n{text}"
        time.sleep(0.5)
    return text


def test_an_entry_is_found_edited_and_booted(lab: Lab) -> None:
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), None)
    with lab.boot(VirtualMachine((Disk(image),)), "menu-screen") as guest:
        guest.expect(r"Starting gentoo in \d+ s - any key stops", PATIENCE)
        guest.send("/")
        listed = wait_for(guest, r"^ find:")
        assert re.search(r"^> 1 gentoo +default$", listed, re.MULTILINE), listed
        assert re.search(r"^kernel +/dev/\w+:/isolinux/gentoo$", listed, re.MULTILINE), listed
        guest.send("nofb")
        wait_for(guest, r"1 of 3 match(.|\n)*^> 2 gentoo-nofb$")
        guest.send("\r")
        wait_for(guest, r"^ Enter start(.|\n)*\n$")
        guest.send("\t")
        plan = wait_for(guest, r"^ Plan: gentoo-nofb")
        assert "bzImage" in plan and "console=ttyS0" in plan, plan
        guest.send("q")
        wait_for(guest, r"^> 2 gentoo-nofb$")
        guest.send("e")
        wait_for(guest, r"F10 or Ctrl-X keep")
        guest.send("\x1b[B" * 3 + "\x15typed=here")
        wait_for(guest, r"^>.*typed=here")
        guest.send("\x18")
        wait_for(guest, r"^> 2 gentoo-nofb +edited$(.|\n)*edited, for this start only")
        guest.send("\r")
        assert guest.expect(TARGET_LINE, PATIENCE)[1] == EDITED
        guest.expect(f"^{legacy_images.TARGET_LINE}: {re.escape(EDITED)}", PATIENCE)
        # Nothing was asked of the terminal: cursor reports, attributes, OSC, DCS.
        ours = guest.serial.raw.partition("any key stops")[2].partition("Starting gentoo-nofb")[0]
        assert not re.search(r"\x1b\[[>=?]?\d*c|\x1b\[\??\d+n|\x1b\]|\x1bP", ours)
