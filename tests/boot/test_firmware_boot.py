"""The menu's page of the machine, with a real firmware behind it: what OVMF starts next, its
set-up screen, restarting and switching off, all over the serial line.

One machine for all of it. The proof is what OVMF itself does after each restart.
"""

from __future__ import annotations

from lab import PATIENCE, Lab
from serial_screen import SerialScreen

from kxsh.image.qemu import Disk, VirtualMachine

COUNTDOWN = r"Starting gentoo in \d+ s - any key stops"
SHELL = "EFI Internal Shell"
# OVMF's own screens.
IN_SHELL = r"^UEFI Interactive Shell(.|\n)*^Shell> $"
IN_SETUP = r"Standard English(.|\n)*Boot Manager(.|\n)*Continue"


def test_what_the_firmware_is_told_in_the_menu(lab: Lab) -> None:
    image = lab.edited(lab.adapted(lab.legacy("small-isohybrid")), None)
    with lab.boot(VirtualMachine((Disk(image),), restarts=True), "firmware") as guest:
        screen = SerialScreen(guest)
        guest.expect(COUNTDOWN, PATIENCE)
        screen.type("mn")
        screen.wait(r"^ What the firmware starts next")
        screen.wait(r"^> 0001 .*\(started this machine\)\n  0002 EFI Internal Shell$")
        screen.type("\x1b[B\r")
        screen.wait(rf"the firmware starts {SHELL} next \(m, r: restart\)")
        screen.type("mr")
        guest.expect(IN_SHELL, PATIENCE)

        guest.send("reset\r")  # once: now it is the stick's turn again
        guest.expect(COUNTDOWN, PATIENCE)
        screen.type("c")
        screen.wait_cursor("kxsh>")
        screen.type("next-boot\r")
        screen.wait_new(rf"\(started this machine\)\n0002 {SHELL}\n(.|\n)*kxsh> $")
        screen.type("next-boot nowhere\r")
        screen.wait_new(r"no boot entry `nowhere`(.|\n)*it has: 0001 .*EFI\s+Internal Shell")
        screen.wait_cursor("kxsh>")
        screen.type(f'next-boot "{SHELL.lower()}"; next-boot\r')
        screen.wait_new(rf"the firmware starts 0002 {SHELL} next\n(.|\n)*{SHELL} \(is next\)")
        screen.wait_cursor("kxsh>")
        # Nobody can change variables by mistake.
        screen.type("run grep efivarfs /proc/mounts\r")
        screen.wait_new(r"efivars efivarfs ro,")
        screen.wait_cursor("kxsh>")
        screen.type("exit\r")
        screen.wait("^> 1 gentoo")
        screen.type("mf")
        guest.expect(IN_SETUP, PATIENCE)

        screen.type("\x1b[A")
        screen.wait(r"<Standard English> +Reset")
        screen.type("\x1b[A")
        screen.wait(r"<Standard English> +Continue")
        guest.send("\r")  # what was chosen is next still
        guest.expect(IN_SHELL, PATIENCE)
        guest.send("reset\r")
        guest.expect(COUNTDOWN, PATIENCE)
        screen.type("mo")
        guest.expect(r"reboot: Power down", PATIENCE)
        assert guest.wait(PATIENCE) == 0
