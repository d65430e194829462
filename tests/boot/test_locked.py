"""A locked loader on a machine: wrong passwords, kxsh killed, and what PID 1 does then."""

from __future__ import annotations

import re
from pathlib import Path

from lab import PATIENCE, PROMPT, Lab

from kxsh.image.guest import GuestTimeout
from kxsh.image.qemu import Disk, VirtualMachine
from kxsh.machine import passwords

PASSWORD = "correct horse"
QUESTION = r"Password for the recovery prompt \(empty: it restarts\): "
DIED = r"kxsh ended unexpectedly \(status 137\)"
# Once a person was asked, kxsh is killed from behind, three times.
KILLER = """\
kxs 1
run sh -c '(for i in 1 2 3; do sleep 25; killall -9 python3; done) >/dev/null 2>&1 &'
fail "broken on purpose"
"""
BROKEN = 'kxs 1\nfail "broken on purpose"\n'


def locked_image(lab: Lab, script: str) -> Path:
    loader = lab.loader(recovery="password,30s", password=passwords.make(PASSWORD))
    return lab.scripted(lab.legacy("small-isohybrid"), script, loader)


def test_wrong_passwords_and_kills_give_no_shell(lab: Lab) -> None:
    image = locked_image(lab, KILLER)
    with lab.boot(VirtualMachine((Disk(image),)), "locked-killed") as guest:
        guest.expect("broken on purpose", PATIENCE)
        for left in ("5 tries are", "4 tries are", "3 tries are"):
            guest.expect(QUESTION, PATIENCE)
            guest.send("wrong\r")
            guest.expect(f"Wrong password; {left} left", PATIENCE)
            guest.expect(DIED, PATIENCE)
        guest.expect("there is no shell on this machine", PATIENCE)
        guest.send("\r\x03\r\x03reboot -f\r")
        assert guest.wait(PATIENCE) == 0  # it restarted
        said = guest.serial.text
        assert not re.search(rf"{PROMPT}|^[~/].* [#$] |plain shell", said, re.MULTILINE)


def test_ctrl_c_from_the_first_moment_and_then_the_right_password(lab: Lab) -> None:
    image = locked_image(lab, BROKEN)
    with lab.boot(VirtualMachine((Disk(image),)), "locked-opened") as guest:
        for _ in range(60):  # all the time that firmware, kernel and kxsh take to start
            guest.send("\x03\x1c\x1a\r")
            try:
                guest.expect("Password for|no shell on this machine", 1)
                break
            except GuestTimeout:
                continue
        # It may count down by now, where the first key only brings the question back.
        for _ in range(4):
            guest.send(f"{PASSWORD}\r")
            try:
                guest.expect(PROMPT, 20)
                break
            except GuestTimeout:
                continue
        guest.send("sh\r")
        guest.expect("a plain shell", PATIENCE)


def test_nobody_gets_in_before_the_menu_that_locks_was_read(lab: Lab) -> None:
    """Neither a Ctrl-C nor a kxsh that was killed opens what its lock has not decided yet."""
    script = f'{KILLER.partition("fail")[0]}say "still waiting"\nsleep 1h\n'
    script += "lock password --menu (grub-entries LABEL=NONE:/grub.cfg) --delay 120s\n"
    image = lab.scripted(lab.legacy("small-isohybrid"), script)
    with lab.boot(VirtualMachine((Disk(image),)), "locked-undecided") as guest:
        guest.expect("still waiting", PATIENCE)
        guest.send("\x03")
        for _ in range(3):
            guest.expect("was not decided yet", PATIENCE)
            guest.send("\r\x03\r")
            guest.expect(DIED, PATIENCE)
        guest.expect("there is no shell on this machine", PATIENCE)
        guest.send("\r\x03\r\x03reboot -f\r")
        assert guest.wait(PATIENCE) == 0
        said = guest.serial.text
        assert not re.search(rf"{PROMPT}|^[~/].* [#$] |plain shell", said, re.MULTILINE)
