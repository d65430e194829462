"""What a locked machine starts without a password when somebody plugs in a disk: only what is on
the loader's own."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_access import LOCKED, OFF, QUESTION, locked

OWN = "title Own\nroot sda2\nkernel /own\nappend own\n"
# On the disk of the loader, or so it seems.
SEARCHES = [
    "timeout 1\n",  # for GRUB, on whatever disk
    "timeout 1\ngrub-path (sdz2)/boot/grub\n",
    "timeout 1\ntitle Other\nroot LABEL=EVIL\nkernel /k\n",
    "timeout 1\ntitle Other\nroot sda2\nkernel /k\n",  # it is not there, but on sdz2
    f"timeout 1\n{OWN}\ntitle Other\nroot LABEL=EVIL\nkernel /k\ndefault\n",
    f"timeout 1\n{OWN}initrd (sdz2)/k\n",
]


@pytest.mark.parametrize("config", SEARCHES)
@pytest.mark.parametrize("term", ["linux", "dumb"])
def test_a_kexec_loader_stick_does_not_start_other_disks(
    tmp_path: Path, config: str, term: str
) -> None:
    options = ("--script", "none", "--kexec-loader", config, "--plugged")
    with locked(tmp_path, *options, term=term) as screen:
        screen.wait("this menu is locked, and does not start (Evil|Other|Own) by itself")
        screen.wait(r"1 \S+ .*password")
        screen.type("1\r")
        screen.wait(QUESTION)
        assert "machine:" not in screen.everything


@pytest.mark.parametrize("cmdline", [LOCKED, OFF])
def test_it_starts_its_own_target(tmp_path: Path, cmdline: str) -> None:
    options = ("--script", "none", "--kexec-loader", f"timeout 1\n{OWN}", "--plugged")
    with locked(tmp_path, *options, cmdline=cmdline) as screen:
        screen.wait("machine: jump")
        assert "starting own" in screen.everything


def test_and_any_where_nothing_is_locked(tmp_path: Path) -> None:
    options = ("--script", "none", "--kexec-loader", SEARCHES[0], "--plugged")
    with locked(tmp_path, *options, cmdline="") as screen:
        screen.wait("machine: jump")


def test_a_default_that_nobody_named_is_not_on_another_disk(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "found", "--plugged", "--bare") as screen:
        screen.wait("this menu is locked, and does not start Evil by itself")
        screen.type("1\r")
        screen.wait(QUESTION)
        assert "STARTED" not in screen.everything


@pytest.mark.parametrize("plugged", [(), ("--plugged",)])
def test_but_on_the_loaders_own(tmp_path: Path, plugged: tuple[str, ...]) -> None:
    with locked(tmp_path, "--script", "found", *plugged) as screen:
        screen.wait("STARTED Gentoo Linux")


def test_nor_does_it_count_where_nothing_is_locked(tmp_path: Path) -> None:
    with locked(tmp_path, "--script", "found", "--plugged", "--bare", cmdline="") as screen:
        screen.wait("STARTED Evil")
