"""The firmware's own boot entries, as files of efivarfs."""

from __future__ import annotations

import errno
import os
import struct
from pathlib import Path
from types import SimpleNamespace

import pytest

from kxsh.errors import IoFailure, NotFound
from kxsh.machine.linux import firmware, power, variables
from kxsh.machine.linux.syscalls import (
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_RDONLY,
    MS_REMOUNT,
)
from kxsh.machine.linux.variables import GLOBAL
from kxsh.machine.protocol import FirmwareEntry


def put(folder: Path, name: str, data: bytes) -> None:
    (folder / f"{name}-{GLOBAL}").write_bytes(struct.pack("<I", 7) + data)


def option(title: str, attributes: int = 1, path: bytes = b"\x7f\xff\x04\x00") -> bytes:
    """Return an EFI_LOAD_OPTION: attributes, length of the path, title, path."""
    head = struct.pack("<IH", attributes, len(path))
    return head + title.encode("utf-16-le") + b"\0\0" + path


@pytest.fixture
def efivars(tmp_path: Path) -> Path:
    put(tmp_path, "BootOrder", struct.pack("<3H", 10, 1, 0x7777))
    put(tmp_path, "BootCurrent", struct.pack("<H", 1))
    put(tmp_path, "Boot0000", option("UiApp", 1))
    put(tmp_path, "Boot0001", option("KXSH"))
    put(tmp_path, "Boot0002", option("switched off", 0))
    put(tmp_path, "Boot0003", option("hidden", 9))
    put(tmp_path, "Boot0004", b"\1")
    put(tmp_path, "Boot000A", option("Win\x1b[2Jdows \u6f22"))
    put(tmp_path, "BootOptionSupport", b"\1\0\0\0")
    return tmp_path


def test_entries_come_in_the_firmwares_order(efivars: Path) -> None:
    assert firmware.entries(str(efivars)) == [
        FirmwareEntry(10, "Win\x1b[2Jdows \u6f22"),
        FirmwareEntry(1, "KXSH", current=True),
        FirmwareEntry(0, "UiApp"),
    ]


def test_the_next_one_is_chosen(efivars: Path) -> None:
    firmware.set_next(10, str(efivars))
    assert (efivars / f"BootNext-{GLOBAL}").read_bytes() == struct.pack("<IH", 7, 10)
    assert firmware.entries(str(efivars))[0].following
    firmware.set_next(0, str(efivars))
    assert [entry.number for entry in firmware.entries(str(efivars)) if entry.following] == [0]
    with pytest.raises(NotFound, match="no boot entry 0BAD"):
        firmware.set_next(0xBAD, str(efivars))


def test_without_uefi(tmp_path: Path) -> None:
    with pytest.raises(IoFailure, match="did not start by UEFI"):
        firmware.entries(str(tmp_path / "efi/efivars"))


def test_without_what_the_kernel_calls_runtime_services(tmp_path: Path) -> None:
    (tmp_path / "efi").mkdir()
    with pytest.raises(IoFailure, match=r"does not reach the firmware's variables .efi=noruntime"):
        firmware.entries(str(tmp_path / "efi/efivars"))


def test_why_nothing_can_be_written(efivars: Path) -> None:
    """A full memory, and a firmware that says yes and forgets."""
    next_boot = efivars / f"BootNext-{GLOBAL}"
    next_boot.symlink_to("/dev/full")
    with pytest.raises(IoFailure, match="entry 000A for the next start: no space left") as full:
        firmware.set_next(10, str(efivars))
    assert "memory for variables is full" in full.value.hint and "F12" in full.value.hint
    next_boot.unlink()
    next_boot.symlink_to("/dev/null")
    with pytest.raises(IoFailure, match="took it, but did not keep it") as lost:
        firmware.set_next(10, str(efivars))
    assert "F12" in lost.value.hint


def test_it_is_writable_for_the_moment_of_a_write(
    efivars: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kernel that counts: mounted read-only, and only a write makes that writable."""
    calls: list[tuple[int, bool]] = []
    next_boot = efivars / f"BootNext-{GLOBAL}"

    def mount(source: str, target: str, kind: str, flags: int, data: str) -> None:
        assert (source, target, kind) == ("efivarfs", str(efivars), "efivarfs")
        calls.append((flags, next_boot.exists()))

    read_only = SimpleNamespace(f_flag=os.ST_RDONLY)
    monkeypatch.setattr(variables.syscalls, "mount", mount)
    monkeypatch.setattr(os, "statvfs", lambda path: read_only)
    firmware.entries(str(efivars))
    assert calls == []
    firmware.set_next(10, str(efivars))
    safe = MS_NOSUID | MS_NODEV | MS_NOEXEC
    assert calls == [(MS_REMOUNT | safe, False), (MS_REMOUNT | MS_RDONLY | safe, True)]


def test_nobody_mounted_it_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr(variables.syscalls, "mount", lambda *given: calls.append(given[3]))
    assert firmware.entries(str(tmp_path)) == []
    assert calls == [MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC]

    def refused(*_: object) -> None:
        raise OSError(errno.ENODEV, "No such device")

    monkeypatch.setattr(variables.syscalls, "mount", refused)
    with pytest.raises(IoFailure, match="mounting efivarfs: no such device"):
        firmware.entries(str(tmp_path))


def test_the_set_up_screen_is_asked_for(efivars: Path) -> None:
    with pytest.raises(IoFailure, match="cannot be told"):
        power.request_firmware_setup(str(efivars))
    put(efivars, "OsIndicationsSupported", struct.pack("<Q", 0x41))
    put(efivars, "OsIndications", struct.pack("<Q", 0x40))
    power.request_firmware_setup(str(efivars))
    written = (efivars / f"OsIndications-{GLOBAL}").read_bytes()
    assert written == struct.pack("<IQ", 7, 0x41)


def test_the_loaders_own_partition(efivars: Path) -> None:
    assert power.loader_partuuid(str(efivars)) == ""
    name = "LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
    (efivars / name).write_bytes(b"\6\0\0\0" + "ABCD-EF\0".encode("utf-16-le"))
    assert power.loader_partuuid(str(efivars)) == "abcd-ef"
