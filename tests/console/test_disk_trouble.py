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
def live(folder: Path, script: str, time: str = "") -> Iterator[tuple[Screen, Orders]]:
    """Give the screen, and a function that says what happens to the disks."""
    orders = folder / "orders"
    os.mkfifo(orders)
    with Screen("disk_trouble_program.py", script, time, str(orders)) as screen:
        descriptor = os.open(orders, os.O_WRONLY)
        try:
            yield screen, lambda line: [os.write(descriptor, f"{line}\n".encode()), None][1]
        finally:
            os.close(descriptor)


@pytest.mark.parametrize(("script", "why"), [
    ("named", "no device LABEL=STICK"), ("found", "this menu has no entries"),
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
            screen.wait("no device /dev/sda1")
        assert "fault in" not in screen.everything


def test_a_key_counts_that_is_pressed_while_disks_are_read(tmp_path: Path) -> None:
    """Also where the time is over before they have been read."""
    with live(tmp_path, "found", "--timeout 3s") as (screen, order):
        screen.wait("Starting alpha in")
        order("hang")
        order("add disk")
        screen.wait("the disks changed: reading them")
        screen.type("x")
        time.sleep(3.5)
        order("go")
        screen.wait("the countdown is over")
        screen.wait("delta")
        assert "BOOTED" not in screen.everything


def test_ctrl_c_leaves_a_countdown_whose_disk_hangs(tmp_path: Path) -> None:
    with live(tmp_path, "found", "--timeout 60s") as (screen, order):
        screen.wait("Starting alpha in")
        order("hang")
        order("add disk")
        screen.wait("the disks changed: reading them")
        screen.type("\x1a\x1c\x03")
        order("go")
        screen.wait("ended: Interrupted the menu was left with Ctrl-C")
