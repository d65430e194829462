"""A menu at which nobody is: what it starts by itself fails, and the script's policy decides."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_access import QUESTION, locked

GRUB_HASH = f"grub.pbkdf2.sha512.10000.{'00' * 64}.{'00' * 64}"  # of no password
BOTH = r"a is broken; then the fallback B: b is broken"


@pytest.mark.parametrize("term", ["linux", "dumb"])
@pytest.mark.parametrize("lock", ["", "lock off"])
def test_nothing_waits_for_ever_where_the_fallback_fails_as_well(
    tmp_path: Path, term: str, lock: str
) -> None:
    """In an open menu and in a locked one; the failure tells of both."""
    arguments = ("--script", "both fail", "--lock", lock)
    with locked(tmp_path, *arguments, cmdline="", term=term) as screen:
        screen.wait("starting the fallback, since that failed: B")
        screen.wait("machine: reboot")
        assert BOTH in screen.everything


def test_why_tells_of_both(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "both fail", cmdline="", term="dumb") as screen:
        screen.wait("restarting in")
        screen.type("\r")
        screen.wait_cursor("kxsh>")
        screen.command("why", BOTH)


@pytest.mark.parametrize("term", ["linux", "dumb"])
def test_a_person_gets_the_menu_back(tmp_path: Path, term: str) -> None:
    """Longer than the policy would take."""
    with locked(tmp_path, "--script", "one chosen", cmdline="", term=term) as screen:
        screen.wait("any key stops")
        screen.type("\r")
        screen.wait(rf"last start failed .*{BOTH}")
        screen.pump(4)
        assert "machine:" not in screen.everything


@pytest.mark.parametrize("cmdline", ["", "kxsh.on-failure=reboot,1s"])
def test_nor_does_the_question_for_a_passphrase(tmp_path: Path, cmdline: str) -> None:
    options = ("--script", "encrypted" if not cmdline else "asks", "--patience", "2")
    with locked(tmp_path, *options, cmdline=cmdline) as screen:
        screen.wait("Passphrase for /dev/sda:")
        screen.wait("nothing was typed within 2s")
        screen.wait("machine: reboot")


@pytest.mark.parametrize("term", ["linux", "dumb"])
def test_nor_does_the_menu_after_a_password_that_nobody_gave(tmp_path: Path, term: str) -> None:
    """That of a default which GRUB lets its superusers start alone."""
    options = ("--script", "guarded", "--grub", GRUB_HASH, "--patience", "2")
    with locked(tmp_path, *options, cmdline="", term=term) as screen:
        screen.wait(QUESTION)
        screen.wait("`For root` needs a password, and nobody gave one")
        screen.wait("machine: reboot")
        assert "STARTED" not in screen.everything


def test_it_waits_where_a_failure_leads_to_a_person(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "asks", "--patience", "1", cmdline="") as screen:
        screen.wait("Passphrase for /dev/sda:")
        screen.pump(3)
        assert "nothing was typed" not in screen.everything
