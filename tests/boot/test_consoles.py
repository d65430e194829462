"""What the loader's options make of its consoles, on a machine with a screen and a serial line;
at last the way out that only a real firmware can prove."""

from __future__ import annotations

from lab import PATIENCE, PROMPT, Lab

from kxsh.image.qemu import Disk, VirtualMachine

SCRIPT = 'kxs 1\nsay "gr\u00fc\u00df dich"\nrecovery "to be looked at"\n'


def test_options_of_consoles_and_the_log(lab: Lab) -> None:
    loader = lab.loader(
        term="ttyS0:vt100", size="ttyS0:100x30", keymap="de", debug="tty2", console="ttyS0"
    )
    image = lab.scripted(lab.legacy("small-isohybrid"), SCRIPT, loader)
    with lab.boot(VirtualMachine((Disk(image),), restarts=True), "consoles") as guest:
        guest.expect(r"gr\\xfc\\xdf dich", PATIENCE)  # a serial line gets ASCII
        guest.expect("wrong letters\\?  keymap de", PATIENCE)
        guest.expect(PROMPT, PATIENCE)
        for command, wanted in (
            ("run stty size", r"^30 100"),
            ("run sh -c 'echo $TERM/$PROMPT_TOOLKIT_NO_CPR'", r"^vt100/1"),
            ("keymap nowhere", "there is no keyboard layout nowhere"),
            ("keymap us", PROMPT),
            ("log --find command", r"kernel: Kernel command line: .*kxsh.term=ttyS0:vt100"),
            ("log --find grunz", PROMPT),
            # What is on the second screen (vcs(4)): both kxsh's words and the kernel's.
            ("run sh -c 'cat /dev/vcs2 | tr -s \" \" | grep -o \"to be looked at\" | head -n 1'",
             "^to be looked at"),
            ("run sh -c 'cat /dev/vcs2 | tr -s \" \" | grep -o \"kernel: [a-z]*\" | head -n 1'",
             "^kernel: "),
        ):  # fmt: skip
            guest.send(f"{command}\r")
            guest.expect(wanted, PATIENCE)
            if wanted != PROMPT:
                guest.expect(PROMPT, PATIENCE)
        assert "\x1b[6n" not in guest.serial.raw
        guest.send("log\r")
        guest.expect(r"lines \d+-\d+ of \d+", PATIENCE)
        guest.send("/usb\rq")
        guest.expect("kxsh> ", PATIENCE)  # the pager has cleared the screen, and no line ended
        guest.send("firmware\r")
        guest.expect(r"Boot Maintenance Manager", PATIENCE)  # OVMF's set-up
