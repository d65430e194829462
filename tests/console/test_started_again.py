"""What the kxsh that PID 1 starts after one that died still knows."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from screen import Screen

from kxsh.console.kept import Kept
from kxsh.console.terminal import Terminal
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine
from kxsh.machine.protocol import Device


def start(folder: Path, *arguments: str) -> Screen:
    store = str(folder / "lock")
    return Screen("locked_program.py", "--store", store, *arguments, columns=100, background=True)


def died(folder: Path) -> None:
    with start(folder, "--script", "dies") as screen:
        assert screen.end() == 128 + 9


def test_a_machine_that_nobody_is_at_restarts(tmp_path: Path) -> None:
    died(tmp_path)
    with start(tmp_path, "--restarted") as screen:
        screen.wait("kxsh ended unexpectedly and was started again")
        screen.wait(r"restarting in \d+s; any key: the recovery prompt")
        screen.wait("machine: reboot")


def test_a_disk_that_hangs_holds_up_no_restart(tmp_path: Path) -> None:
    with start(tmp_path, "--script", "reboots", "--hung-disk") as screen:
        screen.wait(r"restarting in \d+s")
        screen.wait("^restarting the machine$")
        screen.wait("^waiting: writing to /dev/sda2$", 60)
        screen.wait("machine: reboot", 60)


@pytest.mark.parametrize(
    ("script", "steps", "end"),
    [
        ("recovery", (("kxsh>$", "reboot\r"), ("^restarting the machine$", "")), "reboot"),
        ("recovery", (("kxsh>$", "poweroff\r"), ("^switching off the machine$", "")), "poweroff"),
        ("recovery", (("kxsh>$", "firmware\r"), ("^restarting into the firm", "")), "firmware"),
        ("menu", (("Starting", "x"), ("^> ", "m"), ("^ The machine", "r"),
                  ("^restarting the machine$", "")), "reboot"),
    ],
)  # fmt: skip
def test_a_disk_that_hangs_holds_up_no_way_out(
    tmp_path: Path, script: str, steps: Sequence[tuple[str, str]], end: str
) -> None:
    with start(tmp_path, "--script", script, "--hung-disk") as screen:
        for shown, keys in steps:
            screen.wait(shown)
            screen.type(keys)
        screen.wait("^waiting: writing to /dev/sda2", 60)
        screen.wait("^writing to /dev/sda2.* does not end: .* without it$", 60)
        screen.wait(f"machine: {end}", 60)


def test_a_kernel_does_not_start_beside_a_disk_that_hangs(tmp_path: Path) -> None:
    with start(tmp_path, "--script", "recovery", "--hung-disk") as screen:
        screen.wait_cursor("kxsh>$")
        screen.command("load LABEL=GENTOO:/isolinux/vmlinuz", "^equal to kexec")
        screen.type("exec\r")
        screen.wait("^waiting: writing to /dev/sda2, /dev/sda1$", 60)
        screen.type("\x03")
        screen.wait("stopped by Ctrl-C")
        screen.type("exec\r")
        screen.wait("writing to /dev/sda2, /dev/sda1 does not end, so vmlinuz was not started", 60)
        screen.command("say still here", "^still here$")


@pytest.mark.parametrize("disks", ["/dev/sda2", "/dev/sda1,/dev/sda2"])
def test_disks_that_hang_keep_no_fallback_away(tmp_path: Path, disks: str) -> None:
    """What hangs is what a menu's entry has mounted: it closes that at its end."""
    with start(tmp_path, "--script", "boots by a menu", "--hung-mounts", disks) as screen:
        screen.wait(r"^waiting: closing LABEL=KXSH ESP \(/dev/sda2\)$", 60)
        screen.wait("THE FALLBACK", 60)
        # Nor does the fallback's kernel start beside them.
        screen.wait("restarting the machine", 90)
        screen.wait("machine: reboot", 60)
        assert "starting vmlinuz" not in screen.everything


def test_disks_that_hang_keep_no_prompt_from_who_stops_the_waiting(tmp_path: Path) -> None:
    disks = "/dev/sda1,/dev/sda2"
    with start(tmp_path, "--script", "boots by a menu", "--hung-mounts", disks) as screen:
        screen.wait(r"^waiting: closing LABEL=KXSH ESP \(/dev/sda2\)$", 60)
        screen.type("\x03")
        screen.wait_cursor("kxsh>$")
        screen.type("exec\r")
        screen.wait("closing LABEL=.* does not end, so vmlinuz was not started", 60)
        screen.command("say still here", "^still here$")


def test_disks_that_hang_hold_up_no_end_of_a_block(tmp_path: Path) -> None:
    disks = "/dev/sda1,/dev/sda2"
    with start(tmp_path, "--script", "boots in a block", "--hung-mounts", disks) as screen:
        screen.wait("does not end, so vmlinuz was", 60)
        screen.wait(r"restarting in \d+s")
        screen.wait("does not end: restarting without it$", 60)
        screen.wait("machine: reboot", 60)


def test_who_is_there_saves_a_report_beside_the_loader(tmp_path: Path) -> None:
    died(tmp_path)
    with start(tmp_path, "--restarted") as screen:
        screen.wait("restarting in")
        screen.type(" ")
        screen.wait("Recovery prompt, started from /dev/sda2")
        screen.command("say the disk is $esp", "^the disk is /dev/sda2$")
        screen.command("why --save", r"^wrote /kxsh/reports/report-\S+ on /dev/sda2$")


def test_two_presses_are_a_person(tmp_path: Path) -> None:
    died(tmp_path)
    with start(tmp_path, "--restarted", "--ended", "77") as screen:
        screen.wait("Recovery prompt, started from /dev/sda2")
        assert "restarting" not in screen.everything


def test_without_a_disk_nothing_is_written_into_memory(tmp_path: Path) -> None:
    with start(tmp_path, "--restarted") as screen:
        for command in ("why --save", "save-script /root/new.kxs"):
            screen.command("let disk = findfs LABEL=GENTOO", "kxsh>")
            screen.command(command, "the loader's own partition is not known")
            screen.command("run clear else { }", "kxsh>")
        screen.command("mount LABEL='KXSH ESP' /mnt/other", "kxsh>$")
        screen.command("why --to LABEL='KXSH ESP':/report.txt", "^wrote /report.txt on /dev/sda2$")


def interpreter() -> Interpreter:
    nowhere = io.StringIO()
    terminal = Terminal(nowhere, nowhere, color=False, serial=False, term="dumb")
    return Interpreter(FakeMachine([]), terminal)


ODD = Device("/dev/sd\udcffa", label="a\nb\\n", size=7, removable=True, names=("/dev/x", "/dev/y"))
DAMAGED = [None, "", "x", "reboot\0soon", "frobnicate\0001.0", "reboot\0001.0\0x"]


@pytest.mark.parametrize("esp", [None, Device("/dev/sda2"), ODD])
def test_what_is_kept_comes_back(tmp_path: Path, esp: Device | None) -> None:
    path = str(tmp_path / "state")
    before = interpreter()
    if esp is not None:
        before.set_esp(esp)
    before.policy.changed = Kept(path, before).save
    before.policy.set("poweroff", 1.5)
    after = interpreter()
    Kept(path, after).restore()
    assert (after.policy.action, after.policy.delay, after.esp) == ("poweroff", 1.5, esp)


@pytest.mark.parametrize("text", DAMAGED)
def test_a_damaged_note_is_none(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "state").write_text(text)
    after = interpreter()
    Kept(str(tmp_path / "state"), after).restore()
    assert after.esp is None
