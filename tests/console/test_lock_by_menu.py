"""Getting in before the menu was read whose superusers lock the machine: it is closed until
that is decided, whatever happens meanwhile."""

from __future__ import annotations

import hashlib
import signal
import time
from pathlib import Path

import pytest
from screen import Screen
from test_access import INSIDE, give, locked

from kxsh.machine.supervisor import ABANDONED

SALT = bytes(range(64))
MADE = hashlib.pbkdf2_hmac("sha512", b"secret", SALT, 10000).hex()
GRUB = ("--grub", f"grub.pbkdf2.sha512.10000.{SALT.hex()}.{MADE}")
WITHOUT = ("--script", "none")
OWN, OTHER = "/dev/sda1", "/dev/sdb1"
UNDECIDED = "was not decided yet"


def start(tmp_path: Path, *arguments: str) -> Screen:
    return locked(tmp_path, *arguments, cmdline="")


def stays_closed(screen: Screen) -> None:
    screen.wait(UNDECIDED)
    screen.wait("restarting in [0-9]+s$")
    screen.type("\r\x1b\x03r1")
    screen.wait(r"restarting in (1\d|2[0-8])s$")
    for inside in INSIDE.split("|"):
        assert inside not in screen.everything


# -- no boot.kxs


def test_ctrl_c_while_other_disks_are_read(tmp_path: Path) -> None:
    """As soon as it says that it shows what was found; a superuser goes on from there."""
    with start(tmp_path, *WITHOUT, *GRUB, "--slow", f"{OTHER}=6") as screen:
        screen.wait("here is every entry that was found")
        screen.type("\x03")
        give(screen, "wonderland")
        screen.wait("Wrong password")
        assert "kxsh>" not in screen.everything
        give(screen, "secret")
        screen.wait_cursor("kxsh>")
        screen.type("retry --whole\r")
        screen.wait(r"2 For root", 40)
        screen.type("\x03")
        screen.wait_cursor("kxsh>")


def test_ctrl_c_while_its_own_disk_is_read(tmp_path: Path) -> None:
    with start(tmp_path, *WITHOUT, *GRUB, "--slow", f"{OWN}=2") as screen:
        screen.wait("mounting .* slowly")
        screen.type("\x03")
        give(screen, "secret")
        screen.wait_cursor("kxsh>")


def test_it_locks_nobody_out_of_an_open_machine(tmp_path: Path) -> None:
    with start(tmp_path, *WITHOUT, "--slow", f"{OWN}=2") as screen:
        screen.wait("mounting .* slowly")
        screen.type("\x03")
        screen.wait_cursor("kxsh>")
        assert not (tmp_path / "lock").exists()  # PID 1 looks for it


@pytest.mark.parametrize("boot", [WITHOUT, ("--script", "superusers")])
def test_an_own_disk_that_hangs(tmp_path: Path, boot: tuple[str, ...]) -> None:
    with start(tmp_path, *boot, *GRUB, "--slow", OWN) as screen:
        screen.wait("mounting .* slowly")
        screen.type("\x03")
        time.sleep(0.5)  # two at once are one signal
        screen.type("\x03")
        assert screen.end() in (ABANDONED, -signal.SIGKILL)
    with start(tmp_path, *boot, *GRUB, "--restarted", "--ended", str(ABANDONED)) as screen:
        stays_closed(screen)


def test_an_own_disk_that_is_pulled(tmp_path: Path) -> None:
    with start(tmp_path, *WITHOUT, *GRUB, "--slow", f"{OWN}=1", "--pulled") as screen:
        screen.wait("a disk is gone")
        stays_closed(screen)


def test_a_menu_that_cannot_be_read_counts_as_none(tmp_path: Path) -> None:
    """Who mends it needs the prompt."""
    with start(tmp_path, *WITHOUT, *GRUB, "--fault", "reader") as screen:
        screen.wait("could not be read: .*a fault in a reader")
        screen.wait_cursor("kxsh>")


def test_a_menu_that_was_read_counts_where_its_disk_stays_open(tmp_path: Path) -> None:
    with start(tmp_path, *WITHOUT, *GRUB, "--fault", "unmount") as screen:
        screen.wait("here is every entry that was found|Starting Open to all in")
        screen.type("\x03")
        give(screen, "wonderland")
        screen.wait("Wrong password")
        assert "kxsh>" not in screen.everything


# -- a script as `kximage adapt` writes it


def test_its_menu_is_not_there(tmp_path: Path) -> None:
    with start(tmp_path, "--script", "superusers") as screen:
        screen.wait("grub.cfg")
        stays_closed(screen)


def test_its_failure_is_handled(tmp_path: Path) -> None:
    """Then it has not run, and nobody knows who may get in."""
    with start(tmp_path, "--script", "superusers, handled") as screen:
        screen.wait("^no menu")
        stays_closed(screen)
    open_menu = tmp_path / "grub.cfg"
    open_menu.write_text('menuentry "Open to all" { linux /isolinux/gentoo open }\n')
    with start(tmp_path, "--script", "superusers, handled", "--grub-cfg", str(open_menu)) as screen:
        screen.wait_cursor("kxsh>")


@pytest.mark.parametrize("script", ["superusers, refused", "superusers, unreadable"])
def test_it_is_refused(tmp_path: Path, script: str) -> None:
    with start(tmp_path, "--script", script, *GRUB) as screen:
        stays_closed(screen)
        assert "MOUNTED" not in screen.everything


def test_ctrl_c_before_its_menu_is_read(tmp_path: Path) -> None:
    with start(tmp_path, "--script", "superusers", *GRUB, "--slow", f"{OWN}=20") as screen:
        screen.wait("mounting .* slowly")
        screen.type("\x03")
        stays_closed(screen)


def test_it_is_killed_before(tmp_path: Path) -> None:
    with start(tmp_path, "--script", "superusers", *GRUB, "--slow", OWN) as screen:
        screen.wait("mounting .* slowly")
        screen.process.kill(signal.SIGKILL)
        screen.pump(0.3)
    with start(tmp_path, "--script", "superusers", *GRUB, "--restarted") as screen:
        stays_closed(screen)


def test_then_the_superusers_may(tmp_path: Path) -> None:
    """What was decided holds as well for a kxsh that is started again."""
    with start(tmp_path, "--script", "superusers", *GRUB) as screen:
        screen.wait("Starting Open to all in")
        screen.type("\x03")
        give(screen, "secret")
        screen.wait_cursor("kxsh>")
    with start(tmp_path, "--script", "superusers", *GRUB, "--restarted") as screen:
        give(screen, "secret")
        screen.wait_cursor("kxsh>")
        screen.type("retry\r")
        screen.wait("Starting Open to all in")
        screen.type("\x03")
        screen.wait_cursor("kxsh>")


@pytest.mark.parametrize("ask", ["retry", "retry --whole", "step\r\r\r\r\r"])
def test_a_menu_without_superusers_opens(tmp_path: Path, ask: str) -> None:
    open_menu = tmp_path / "grub.cfg"
    open_menu.write_text('menuentry "Open to all" { linux /isolinux/gentoo open }\n')
    with start(tmp_path, "--script", "superusers", "--grub-cfg", str(open_menu)) as screen:
        screen.wait("Starting Open to all in")
        screen.type("\x03")
        screen.wait_cursor("kxsh>")
        assert not (tmp_path / "lock").exists()
        screen.type(f"{ask}\r")
        screen.wait("GRUB")
        screen.type("\x03")
        screen.wait_cursor("kxsh>")


# -- from an open prompt


def test_what_runs_from_the_prompt_may_close_it(tmp_path: Path) -> None:
    with start(tmp_path, "--script", "late") as screen:
        screen.wait_cursor("kxsh>")
        screen.type("retry --skip\r")
        screen.wait("second")
        screen.wait("switched off on this machine")
        screen.wait("machine: reboot", 30)
