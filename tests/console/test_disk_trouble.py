"""Live menus whose disks fail, hang or are pulled in a bad moment: what is on the screen can
still be started, and who presses a key is heard."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from screen import Screen

Orders = Callable[[str], None]


@contextmanager
def live(
    folder: Path, script: str, options: str = "", columns: int = 80, rows: int = 24
) -> Iterator[tuple[Screen, Orders]]:
    """Give the screen, and a function that says what happens to the disks."""
    orders = folder / "orders"
    os.mkfifo(orders)
    program = ("disk_trouble_program.py", script, options, str(orders))
    with Screen(*program, columns=columns, rows=rows) as screen:
        descriptor = os.open(orders, os.O_WRONLY)
        done = folder / "orders.done"
        sent = 0

        def order(line: str) -> None:
            """Return when it was done; the screen is read meanwhile."""
            nonlocal sent
            sent += 1
            os.write(descriptor, f"{line}\n".encode())
            deadline = time.monotonic() + 20
            while not done.exists() or done.read_text().count("\n") < sent:
                screen.pump()
                assert time.monotonic() < deadline, line

        try:
            yield screen, order
        finally:
            os.close(descriptor)


@pytest.mark.parametrize(("script", "why"), [
    ("named", "a disk is gone: LABEL=STICK"), ("found", "this menu has no entries"),
])  # fmt: skip
@pytest.mark.parametrize("start", ["by time", "\r", "full"])
def test_what_is_shown_can_be_started_though_the_block_fails_now(
    tmp_path: Path, script: str, why: str, start: str
) -> None:
    limit = "" if start == "full" else "--timeout 4s" if start == "by time" else "--timeout 60s"
    with live(tmp_path, script, limit) as (screen, order):
        screen.wait("Enter start" if start == "full" else "any key stops")
        order("remove stick")
        screen.wait(f"the disks changed, but {why}")
        if start != "by time":
            screen.type("\r")
        if script == "named":
            screen.wait("BOOTED a")
        else:  # it fails for what is wrong with it
            screen.wait("a disk is gone: LABEL=STICK ./dev/sda1.")
        assert "fault in" not in screen.everything


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 10)])
def test_a_disk_that_was_pulled_is_named(tmp_path: Path, columns: int, rows: int) -> None:
    """What is chosen on it is not missing: the disk is, and what to do is all there to read."""
    with live(tmp_path, "mounted", columns=columns, rows=rows) as (screen, order):
        screen.wait("Enter start")
        if rows == 24:
            screen.wait("^kernel   LABEL=STICK:/k$")
        order("remove stick")
        screen.type("\r")
        screen.wait("the last start failed")
        screen.wait("then retry")
        lines = screen.text.splitlines()
        at = next(at for at, line in enumerate(lines) if "the last start failed" in line)
        said = " ".join(line.strip() for line in lines[at:])
        assert "a disk is gone: LABEL=STICK (/dev/sda1); plug it in again, then retry" in said
        assert "/mnt/" not in screen.text


def test_a_missing_file_is_named_with_its_disk(tmp_path: Path) -> None:
    with live(tmp_path, "lacking") as (screen, _):
        screen.wait("Enter start")
        screen.type("\r")
        screen.wait("the last start failed .w: why.: kernel not found: LABEL=STICK:/none; in that")
        assert "/mnt/" not in screen.text


def test_what_was_found_on_a_pulled_disk_names_it(tmp_path: Path) -> None:
    with live(tmp_path, "found") as (screen, order):
        screen.wait("Enter start")
        order("remove stick")
        screen.type("\r")
        screen.wait("a disk is gone: LABEL=STICK ./dev/sda1.")


@pytest.mark.parametrize("key", ["", "x"])
def test_a_default_that_is_named_may_go_and_come(tmp_path: Path, key: str) -> None:
    """The others stay, and are shown as they are; after the time nothing else starts."""
    with live(tmp_path, "default", "--timeout 8s") as (screen, order):
        screen.wait("Starting alpha in")
        order("remove stick")
        screen.wait("The default is gone: [0-9] s - any key stops")
        assert "beta" not in screen.text
        if not key:
            screen.wait("ended: TimedOut nobody chose an entry")
            return
        screen.type(key)
        screen.wait("Enter start")
        order("add stick")
        screen.wait("^> 2 alpha .*default")
        screen.type("\x1b[H\r")
        screen.wait("BOOTED other")


def test_a_key_counts_that_is_pressed_while_disks_are_read(tmp_path: Path) -> None:
    """Also where the time is over before they have been read."""
    with live(tmp_path, "found", "--timeout 10s") as (screen, order):
        screen.wait("Starting alpha in")
        order("hang")
        order("add disk")
        screen.wait("the disks changed: reading them")
        screen.type("x")
        time.sleep(10.5)
        order("go")
        screen.wait("countdown is over")
        screen.wait("delta")
        assert "BOOTED" not in screen.everything


def test_ctrl_c_leaves_a_countdown_whose_disk_hangs(tmp_path: Path) -> None:
    with live(tmp_path, "found", "--timeout 60s") as (screen, order):
        screen.wait("Starting alpha in")
        order("hang")
        order("add disk")
        screen.wait("the disks changed: reading them")
        screen.type("\x1a\x1c\x03")
        screen.wait("ended: Interrupted the menu was left with Ctrl-C")


def test_a_disk_that_hangs_stops_no_key(tmp_path: Path) -> None:
    with live(tmp_path, "found") as (screen, order):
        screen.wait("Enter start")
        order("hang")
        order("add disk")
        order("hung")
        screen.type("\r")
        screen.wait("disks are being read: press it again")
        screen.wait("^> 1 alpha")
        screen.type("2g")
        screen.wait("nomodeset is added")
        screen.wait("^> 2 beta")
        screen.type("w")
        screen.wait("nothing has failed so far")
        screen.type("qe")
        screen.wait("disks are being read: press it again")
        order("go")
        screen.wait("the disks changed: 2 new")
        screen.type("\r")
        screen.wait("ended: jump .*root=/dev/beta quiet nomodeset")


def test_a_machine_whose_disk_hangs_can_be_restarted(tmp_path: Path) -> None:
    with live(tmp_path, "found") as (screen, order):
        screen.wait("Enter start")
        order("hang")
        order("add disk")
        order("hung")
        screen.type("m")
        screen.wait("^ The machine")
        screen.type("r")
        screen.wait("ended: reboot")


@pytest.mark.parametrize("pause", [0, 0.5, 4])
def test_ctrl_c_twice_ends_a_menu_whose_disk_hangs(tmp_path: Path, pause: float) -> None:
    """As it ends every command that is stuck; at any pace, and never after one."""
    with live(tmp_path, "found") as (screen, order):
        screen.wait("Enter start")
        order("hang")
        order("add disk")
        order("hung")
        screen.type("\x03")
        time.sleep(pause)
        if pause > 3:
            screen.wait("Ctrl-C twice: kxsh starts anew")
        screen.type("\x03")
        screen.wait("stopped by two Ctrl-C")
        assert screen.end() == 77


def test_a_fault_in_what_a_key_does_costs_no_screen(tmp_path: Path) -> None:
    with live(tmp_path, "found") as (screen, order):
        screen.wait("Enter start")
        order("spoil")
        screen.type("mn")
        screen.wait(r"RuntimeError: firmware \\x1b\[2J")
        screen.type("q")
        screen.wait("^> 1 alpha")
        screen.type("w")
        screen.wait("RuntimeError")
        screen.type("q")
        screen.wait("^> 1 alpha")
        screen.type("\r")
        screen.wait("ended: jump .*root=/dev/alpha")
        assert "lines instead" not in screen.everything


def test_what_keeps_the_menu_from_looking_is_told(tmp_path: Path) -> None:
    """In its place, once, as text that can be shown; and it goes on."""
    with live(tmp_path, "found") as (screen, order):
        screen.wait("Enter start")
        order("break")
        screen.wait(r"^ the disks changed, but OSError: \[Errno 5\] udev \\x1b\[2J is gone")
        order("mend")
        order("add disk")
        screen.wait("the disks changed: 2 new")
        screen.wait("4 delta")
        assert "Traceback" not in screen.everything


def test_a_yes_to_an_entry_that_has_changed_meanwhile_starts_nothing(tmp_path: Path) -> None:
    with live(tmp_path, "found") as (screen, order):
        screen.wait("Enter start")
        order("add installer")
        screen.wait("3 install")
        screen.type("3\r")
        screen.wait("Start an installer")
        order("exchange installer")
        order("settled")
        screen.type("y")
        screen.wait("that entry changed with the disks: look at it again")
        screen.wait("cmdline .*init=/bin/sh root=/dev/install")
        assert "ended" not in screen.everything


# -- what of a locked menu starts without a password is what was there at first


QUESTION = r"Password to start this entry \(empty: back\):"


@pytest.mark.parametrize("script", ["locked", "guarded"])
@pytest.mark.parametrize("options", ["--timeout 60s --live", "--timeout 60s"])
def test_the_default_of_a_locked_menu_starts_for_everybody(
    tmp_path: Path, script: str, options: str
) -> None:
    with live(tmp_path, script, options) as (screen, order):
        screen.wait("any key stops")
        order("add disk")
        if "live" in options:
            screen.wait("gamma|For root .*password")
        screen.type("\r")
        screen.wait("ended: jump .*root=/dev/(alpha|open)")
        assert "Password" not in screen.everything


@pytest.mark.parametrize("options", ["--timeout 60s --live", "--live", "--timeout 60s"])
def test_another_disk_in_its_place_does_not(tmp_path: Path, options: str) -> None:
    """Also where the menu has not looked at it: its kernel may be any, too."""
    with live(tmp_path, "locked", options) as (screen, order):
        screen.wait("any key stops|Enter start")
        order("exchange stick")
        if "live" in options:
            screen.wait("1 alpha .*password")
        screen.type("\r")
        screen.wait_cursor(QUESTION)
        assert "ended" not in screen.everything
        screen.type("secret\r")
        screen.wait("ended: jump")


def test_nor_does_one_that_copies_a_guarded_menu(tmp_path: Path) -> None:
    with live(tmp_path, "guarded", "--timeout 60s") as (screen, order):
        screen.wait("any key stops")
        order("exchange grub")
        screen.type("\r")
        screen.wait(QUESTION)
        assert "ended" not in screen.everything


def test_nor_what_was_away(tmp_path: Path) -> None:
    """What was read of it elsewhere meanwhile, or written on it, nobody knows."""
    with live(tmp_path, "locked", "--live") as (screen, order):
        screen.wait("Enter start")
        order("remove stick")
        screen.wait("the disks changed: 2 gone")
        order("add stick")
        screen.wait("1 alpha .*password")
        screen.type("1\r")
        screen.wait(QUESTION)


def test_nor_does_time_start_it(tmp_path: Path) -> None:
    with live(tmp_path, "locked", "--timeout 5s --live") as (screen, order):
        screen.wait("any key stops")
        order("exchange stick")
        screen.wait("1 alpha .*password")
        screen.wait("ended: NotFound another disk is LABEL=STICK ./dev/sda1. now: `alpha`")
        assert "Password" not in screen.everything  # nobody may be there


@pytest.mark.parametrize("options", ["--timeout 5s", "--timeout 5s --live"])
def test_nor_is_a_password_asked_for_where_its_disk_is_gone(tmp_path: Path, options: str) -> None:
    """The time is over once, and what is missed is said."""
    with live(tmp_path, "locked", options) as (screen, order):
        screen.wait("Starting alpha in")
        order("remove stick")
        screen.wait("ended: NotFound a disk is gone: LABEL=STICK ./dev/sda1.: `alpha` does not")
        assert "Password" not in screen.everything


@pytest.mark.parametrize("options", ["--timeout 5s", "--timeout 5s --live"])
def test_the_fallback_starts_where_the_defaults_disk_is_gone(tmp_path: Path, options: str) -> None:
    with live(tmp_path, "locked", f"{options} --fallback second") as (screen, order):
        screen.wait("Starting alpha in")
        order("remove stick")
        screen.wait("starting the fallback, since that failed: Second")
        screen.wait("ended: by itself")
        assert "Password" not in screen.everything


def test_a_default_that_needs_a_password_is_asked_for_once(tmp_path: Path) -> None:
    """As GRUB does; where nobody gives it, the menu waits and does not count down again."""
    with live(tmp_path, "guarded", "--timeout 3s --default root") as (screen, _):
        screen.wait("Starting For root in")
        screen.wait(QUESTION)
        screen.type("\r")
        screen.wait("the last start failed .w: why.: `For root` needs a password, and nobody")
        screen.wait("Enter start")
        assert "ended" not in screen.everything


@pytest.mark.parametrize("exchanged", ["", "before", "while the first one runs"])
def test_the_fallback_is_what_it_was_as_well(tmp_path: Path, exchanged: str) -> None:
    with live(tmp_path, "fallback", "--timeout 60s") as (screen, order):
        screen.wait("any key stops")
        if exchanged == "before":
            order("exchange stick")
        screen.type("\r")
        screen.wait("first runs")
        if exchanged.startswith("while"):
            order("exchange stick")
        order("wake")
        if exchanged:
            screen.wait("last start failed .*as it does; the fallback alpha was not(\n| )+started")
        else:
            screen.wait("ended: jump .*root=/dev/alpha")
        assert bool(exchanged) != ("ended" in screen.everything)


def test_the_menu_does_not_wait_for_a_fallback_that_may_not_start(tmp_path: Path) -> None:
    with live(tmp_path, "fallback", "--timeout 1s") as (screen, order):
        screen.wait("first runs")
        order("exchange stick")
        order("wake")
        screen.wait("ended: Denied as it does; the fallback alpha was not started")
