"""Trying to get in: every way to a prompt, a shell or another entry that a person at the
keyboard has, on a machine whose loader or script is locked."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from screen import Screen

from kxsh.machine import passwords

PASSWORD = "correct horse"
HASH = passwords.make(PASSWORD)
LOCKED = f"kxsh.recovery=password,1s kxsh.password={HASH}"
OFF = "kxsh.recovery=off,1s"
QUESTION = r"Password .*\(empty: (?:back|it restarts)\):"
INSIDE = r"kxsh>|A SHELL RAN|ANOTHER STARTED"


def locked(tmp_path: Path, *arguments: str, cmdline: str = LOCKED, term: str = "linux") -> Screen:
    store = str(tmp_path / "lock")
    return Screen(
        "locked_program.py", "--store", store, "--cmdline", cmdline, *arguments, term=term
    )


def ends_outside(screen: Screen, how: str = "reboot") -> None:
    """The machine ends as told, and nothing of the inside was ever shown."""
    screen.wait(f"machine: {how}", 30)
    assert screen.end() == 0
    for inside in INSIDE.split("|"):
        assert inside not in screen.everything


def give(screen: Screen, password: str) -> None:
    screen.wait_cursor(QUESTION)
    screen.type(password + "\r")
    screen.wait_cursor(f"(?!{QUESTION}).*")


# -- the door itself


def test_the_right_password_opens(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "fails") as screen:
        screen.wait_cursor(r"Password for the recovery prompt \(empty: it restarts\):")
        give(screen, PASSWORD)
        screen.wait_cursor("kxsh>")
        assert PASSWORD not in screen.everything
        screen.command("sh", "A SHELL RAN")
        screen.command("log --find password", r"\] the password for the recovery prompt was given$")


def test_wrong_ones_cost_time_and_then_all(tmp_path: Path) -> None:
    """Six tries, after which nothing is asked; a new process gives no new ones."""
    with locked(tmp_path, "--script", "fails") as screen:
        give(screen, "wrong")
        screen.wait(r"Wrong password; 5 tries are left. Wait 1s")
        begin = time.monotonic()
        give(screen, "wrong too")
        screen.wait(r"4 tries are left. Wait 2s")
        assert time.monotonic() - begin >= 0.9
        screen.process.kill(signal.SIGKILL)
    with locked(tmp_path, "--restarted") as screen:
        give(screen, PASSWORD[:-1])
        screen.wait("3 tries are left")
        screen.process.kill(signal.SIGKILL)
    note = (tmp_path / "lock").read_text()
    (tmp_path / "lock").write_text(note.replace("\n3\n", "\n5\n"))  # as after two more
    with locked(tmp_path, "--restarted") as screen:
        give(screen, "x")
        screen.wait("only a restart gives new tries")
        screen.type(PASSWORD + "\r" + PASSWORD + "\r")
        ends_outside(screen)
    with locked(tmp_path, "--restarted") as screen:
        screen.wait("only a restart gives new tries")
        ends_outside(screen)


@pytest.mark.parametrize("key", ["\r", "\x1b", "\x03", "\x04", "\x1a", "\x1c", "\x00", "\x0c"])
def test_no_key_at_the_question_opens(tmp_path: Path, key: str) -> None:
    with locked(tmp_path, "--script", "recovery") as screen:
        screen.wait(QUESTION)
        time.sleep(0.1)
        screen.type(key)
        if key in "\r\x1b\x03\x04":
            ends_outside(screen)
        else:  # it is no key of a password, and the right one still opens
            give(screen, PASSWORD)
            screen.wait_cursor("kxsh>")


def test_nobody_at_the_question(tmp_path: Path) -> None:
    """A hung-up line is no password, no loop without a pause, and no way in."""
    with locked(tmp_path, "--script", "fails") as screen:
        screen.wait(QUESTION)
        screen.process.sendeof()
        ends_outside(screen)


def test_a_broken_dialog_fails_closed(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "fails", "--break-dialog") as screen:
        ends_outside(screen)


def test_libcrypt_missing_fails_closed(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "fails", "--no-libcrypt") as screen:
        give(screen, PASSWORD)
        ends_outside(screen)


@pytest.mark.parametrize("script", ["fails", "refused", "recovery"])
def test_off(tmp_path: Path, script: str) -> None:
    with locked(tmp_path, "--script", script, cmdline=OFF) as screen:
        screen.wait("restarting in")
        for _ in range(4):
            screen.type("\r\x1b\x03r1")
            screen.pump(0.1)
        ends_outside(screen)


@pytest.mark.parametrize("cmdline", [
    "kxsh.recovery=0", "kxsh.recovery=", "kxsh.recovery", "kxsh.recovery=open,1s,x",
    "kxsh.recovery=open kxsh.recovery=off", "kxsh.recovery=off kxsh.recovery=open",
    "kxsh.recovery=Open", '"kxsh.recovery=off"', "kxsh.recovery=off,0", "kxsh.recovery=password",
])  # fmt: skip
def test_what_nobody_understands_is_off(tmp_path: Path, cmdline: str) -> None:
    """S4: `panic=0` turned the shell on elsewhere; here no value opens but `open`."""
    with locked(tmp_path, "--script", "recovery", cmdline=cmdline) as screen:
        screen.wait("restarting in 30s$")
        screen.type("\r\x1b\x03r1")
        screen.wait("restarting in 2[0-9]s$")
        assert "kxsh>" not in screen.text


def test_keys_from_the_first_moment_on(tmp_path: Path) -> None:
    """Ctrl-C may end Python while it starts; PID 1 starts it again, and nothing opens."""
    for start in range(3):
        again = ["--restarted"] if start else []
        with locked(tmp_path, "--script", "recovery", *again, cmdline=OFF) as screen:
            for _ in range(20):
                screen.type("\x03\r\x1a\x1c")
                if not screen.pump(0.05):
                    break
            for inside in INSIDE.split("|"):
                assert inside not in screen.everything


# -- the four lessons of petitboot, and Heads'


def test_lesson_1_any_doubt_is_a_no(tmp_path: Path) -> None:
    """Errors other than "bad signature" let boot go on there. Here: a hash that cannot be
    checked, a note of the lock that is damaged."""
    damaged = f"kxsh.recovery=password,1s kxsh.password={HASH[:-5]}"
    with locked(tmp_path, "--script", "fails", cmdline=damaged) as screen:
        give(screen, PASSWORD)
        screen.wait("Wrong password")
        give(screen, "")
        ends_outside(screen)
    for note in ("", "open", "open\n30\nmany\n\n", "password\nx\n0\n\n", "\udc80"):
        (tmp_path / "lock").write_text(note, errors="surrogateescape")
        with locked(tmp_path, "--restarted", cmdline="") as screen:
            screen.wait("restarting in")
            assert "kxsh>" not in screen.text


def test_lesson_2_deleting_a_file_removes_no_lock(tmp_path: Path) -> None:
    """The lock stands in the loader; without its script it starts nothing of others."""
    with locked(tmp_path, "--script", "none") as screen:
        screen.wait("no boot.kxs is on")
        give(screen, "")
        ends_outside(screen)


@pytest.mark.parametrize("key", ["\x03", "\x1b", "x", "q", "\x04", "\x1b[A\x03", "\x1a"])
def test_lesson_3_leaving_the_menu_reaches_no_shell(tmp_path: Path, key: str) -> None:
    with locked(tmp_path, "--script", "menu") as screen:
        screen.wait("Kiosk")
        screen.type(key)
        time.sleep(0.3)
        if "\x03" not in key:
            screen.type("\x03")
        give(screen, "")
        ends_outside(screen)


def test_lesson_4_one_path_decides_for_keys_and_for_time(tmp_path: Path) -> None:
    """The default starts by time and by key; another entry by neither way without it."""
    with locked(tmp_path, "--script", "default") as screen:
        ends_outside(screen)
        assert "DEFAULT STARTED" in screen.everything
    with locked(tmp_path, "--script", "menu") as screen:
        screen.wait("Kiosk")
        screen.type("\r")
        ends_outside(screen)
        assert "DEFAULT STARTED" in screen.everything
    with locked(tmp_path, "--script", "menu") as screen:
        screen.wait("Kiosk")
        screen.type("c")
        ends_outside(screen)
        assert "FREE STARTED" in screen.everything
    with locked(tmp_path, "--script", "menu") as screen:
        screen.wait("Kiosk")
        screen.type("2\r")
        give(screen, "wrong")
        screen.wait("5 tries are left")
        give(screen, PASSWORD)
        screen.wait("ANOTHER STARTED")


def test_giving_up_the_password_says_so_and_starts_nothing(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "menu") as screen:
        screen.wait("Kiosk")
        screen.type("2\r")
        give(screen, "")
        screen.wait("that is not allowed here")
        screen.wait("^> 2 Another")
        assert "Starting Another" not in screen.everything


# -- crashes, signals, time


@pytest.mark.parametrize("script", ["menu", "sleeps"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP,
                                    signal.SIGINT, signal.SIGTSTP])  # fmt: skip
def test_signals_and_the_start_after_them(tmp_path: Path, script: str, number: int) -> None:
    with locked(tmp_path, "--script", script) as screen:
        screen.wait("Kiosk|sleeping now")
        os.killpg(screen.process.pid, number)
        screen.pump(0.5)
        assert "kxsh>" not in screen.everything
    with locked(tmp_path, "--script", script, "--restarted") as screen:
        give(screen, "")
        ends_outside(screen)


def test_ctrl_c_twice_while_a_program_runs(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "sleeps") as screen:
        screen.wait("sleeping now")
        screen.type("\x03\x03")
        screen.pump(1)
        assert "kxsh>" not in screen.everything


def test_the_countdown_of_a_policy_offers_no_prompt_when_off(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "reboots", cmdline=OFF) as screen:
        screen.wait("restarting in")
        assert "any key" not in screen.text
        screen.type("x\x03\r")
        ends_outside(screen)


def test_the_countdown_of_a_policy_says_that_a_password_is_asked_for(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "reboots") as screen:
        screen.wait("restarting in .*; any key: the password, then the recovery prompt")
        ends_outside(screen)


# -- a script's own lock


def test_a_script_locks(tmp_path: Path) -> None:
    line = f"lock password '{HASH}' --delay 1s"
    with locked(tmp_path, "--script", "fails", "--lock", line, cmdline="") as screen:
        give(screen, "")
        ends_outside(screen)
    with locked(tmp_path, "--restarted", cmdline="") as screen:  # it need not be read again
        give(screen, "")
        ends_outside(screen)


@pytest.mark.parametrize("line", ["lock", "lock off", "lock opn", "lock password",
                                  "lock password x", "lock password '$7$x' --frob"])  # fmt: skip
@pytest.mark.parametrize("script", ["fails", "refused"])
def test_a_faulty_lock_is_closed(tmp_path: Path, line: str, script: str) -> None:
    """It counts though the script is refused for it, or for something else."""
    with locked(tmp_path, "--script", script, "--lock", line, cmdline="") as screen:
        screen.wait("restarting in|Password")
        screen.type("\r\x03")
        screen.wait_new("restarting in", 0)
        assert "kxsh>" not in screen.everything


@pytest.mark.parametrize(("script", "encoding"), [
    ("umlaut", "latin-1"), ("nul", "utf-8"), ("fails", "utf-16"), ("recovery", "utf-8-sig"),
])  # fmt: skip
def test_a_lock_in_a_script_that_is_no_text(tmp_path: Path, script: str, encoding: str) -> None:
    told = ("--script", script, "--encoding", encoding, "--lock")
    with locked(tmp_path, *told, "lock off --delay 1s", cmdline="") as screen:
        ends_outside(screen)
    (tmp_path / "lock").unlink()
    with locked(tmp_path, *told, f"lock password '{HASH}' --delay 1s", cmdline="") as screen:
        give(screen, PASSWORD)
        screen.wait_cursor("kxsh>")


@pytest.mark.parametrize("line", ["lock password '{other}'", "lock off --delay 1s"])
def test_a_script_cannot_weaken_the_loader(tmp_path: Path, line: str) -> None:
    line = line.format(other=passwords.make("mine"))
    with locked(tmp_path, "--script", "recovery", "--lock", line, cmdline=OFF) as screen:
        ends_outside(screen)
    (tmp_path / "lock").unlink()
    with locked(tmp_path, "--script", "recovery", "--lock", line) as screen:
        if "off" not in line:
            give(screen, "mine")
            screen.wait("Wrong password")
            give(screen, "")
        ends_outside(screen)


# -- superusers of GRUB


def test_grubs_superusers_guard_what_grub_would(tmp_path: Path) -> None:
    """Without a boot.kxs, where GRUB with superusers is in charge of the loader's disk."""
    salt = bytes(range(64))
    made = hashlib.pbkdf2_hmac("sha512", b"secret", salt, 10000).hex()
    secret = f"grub.pbkdf2.sha512.10000.{salt.hex()}.{made}"
    grub = ("--script", "none", "--grub", secret)
    with locked(tmp_path, *grub, cmdline="") as screen:
        screen.wait("Starting Open to all in")
        screen.type("\r")  # unrestricted: it starts, and fails at this made-up kernel
        screen.wait("last start failed")
        assert "Password" not in screen.everything
    (tmp_path / "lock").unlink()
    with locked(tmp_path, *grub, cmdline="") as screen:
        screen.wait("Starting Open to all in")
        screen.wait(r"^  2 For root \(password\)")
        screen.type("2")
        screen.wait(r"^> 2 For root +password")
        assert not re.search("Open to all .*password", screen.text)
        screen.type("\r")
        give(screen, "wonderland")  # is Alice's, and she is not one of this entry's users
        screen.wait("Wrong password")
        give(screen, "secret")
        screen.wait("last start failed")
        screen.wait(r"^> 2 For root")  # the menu comes back, and a superuser is asked nothing more
        assert not re.search("For .* password", screen.text)
    (tmp_path / "lock").unlink()
    with locked(tmp_path, *grub, cmdline="") as screen:
        screen.wait("Starting Open to all in")
        screen.type("3\r")
        give(screen, "wonderland")
        screen.wait("last start failed")
        screen.type("\x03")  # to the prompt, which is not Alice's
        give(screen, "wonderland")
        screen.wait("Wrong password")
        assert "kxsh>" not in screen.everything
        give(screen, "secret")
        screen.wait_cursor("kxsh>")


def test_a_lock_costs_the_way_to_the_jump_nothing_heavy() -> None:
    heavy = (
        "re hashlib hmac json enum logging prompt_toolkit kxsh.machine.passwords kxsh.console.pager"
    )
    program = (
        "import sys, io; import kxsh.init\n"
        "from kxsh.console.terminal import Terminal\n"
        "terminal = Terminal(io.StringIO(), io.StringIO(), color=True, serial=False)\n"
        "terminal.access.restrict('password', ['$7$x$y$z'], fixed=True)\n"
        "assert terminal.access.allows('boot', free=True)\n"
        "assert not terminal.access.allows('prompt')\n"
        f"print(*[name for name in {heavy.split()} if name in sys.modules])\n"
    )
    paths = [
        str(Path(__file__).parents[2]),
        *(path for path in sys.path if "site-packages" in path),
    ]
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", f"import sys; sys.path += {paths}\n{program}"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.split() == []
