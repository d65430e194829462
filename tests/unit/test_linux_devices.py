"""Block devices from stand-ins for pyudev's objects, over real images."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from kxsh.machine.linux import LinuxMachine, devices
from kxsh.machine.linux.devices import BlockDevices


class Found:
    """What pyudev says of a block device, its node being an image file."""

    def __init__(self, name: str, path: Path | str, kind: str = "disk", **attributes: str) -> None:
        self.sys_name = name
        self.sys_path = f"/sys/devices/{attributes.pop('parent', '')}/{name}".replace("//", "/")
        self.device_node = str(path)
        self.device_type = kind
        self.properties = {"DISKSEQ": attributes.pop("diskseq", "1")}
        self.attributes = self
        self._attributes = {name.replace("__", "/"): value for name, value in attributes.items()}

    def asstring(self, name: str) -> str:
        return self._attributes[name]


class Udev:
    """A context and its monitor."""

    def __init__(self, *found: Found) -> None:
        self.found = list(found)
        self.events: list[Any] = []
        self.looks = 0

    def list_devices(self, subsystem: str) -> list[Found]:
        self.looks += 1
        return self.found

    def poll(self, timeout: float) -> Any:
        event = self.events.pop(0) if self.events else None
        if isinstance(event, OSError):
            raise event
        return event


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """An MBR disk with a FAT at 1 MiB, as an optical drive shows it: no partition nodes."""
    path = tmp_path / "sr0"
    with path.open("wb") as file:
        file.truncate(9 << 20)
    table = "label: dos\nlabel-id: 0x12345678\nstart=2048, size=16384, type=ef\n"
    subprocess.run(["sfdisk", "-q", str(path)], input=table, text=True, check=True)
    fat = ["mkfs.vfat", "-n", "ESP", "--offset", "2048", str(path), "8192"]
    subprocess.run(fat, check=True, stdout=subprocess.DEVNULL)
    return path


def look(monkeypatch: pytest.MonkeyPatch, udev: Udev) -> BlockDevices:
    monkeypatch.setattr(devices, "open_context", lambda: (udev, udev))
    return BlockDevices()


def test_a_partition_that_the_kernel_has_no_node_for(
    monkeypatch: pytest.MonkeyPatch, disk: Path
) -> None:
    found = Found("sr0", disk, size="18432", removable="1", device__model="DVD-ROM  ")
    whole, esp = look(monkeypatch, Udev(found)).look()
    assert (whole.path, whole.pttype, whole.model) == (str(disk), "dos", "DVD-ROM")
    assert whole.removable and whole.disk == whole.path and whole.number == 0
    assert (esp.path, esp.label, esp.fstype) == (f"{disk}p1", "ESP", "vfat")
    assert (esp.number, esp.start, esp.size) == (1, 1 << 20, 8 << 20)
    assert (esp.partuuid, esp.parttype, esp.disk) == ("12345678-01", "0xef", str(disk))


def test_a_second_look_costs_nothing(monkeypatch: pytest.MonkeyPatch, disk: Path) -> None:
    udev = Udev(Found("sda", disk, size="18432"))
    block = look(monkeypatch, udev)
    first = block.look()
    assert block.look() == first and udev.looks == 1
    udev.events = [Found("sdb", "/dev/sdb")]
    assert block.look() == first and udev.looks == 2
    udev.events = [OSError(105, "events were lost")]  # ENOBUFS
    block.look()
    assert udev.looks == 3


def test_an_event_taken_while_waiting_is_not_lost(
    monkeypatch: pytest.MonkeyPatch, disk: Path
) -> None:
    udev = Udev()
    block = look(monkeypatch, udev)
    assert block.wait(0)  # never looked: everything is news
    assert block.look() == []
    udev.events = [Found("sda", disk)]
    udev.found = [Found("sda", disk, size="18432")]
    assert block.wait(0)
    assert [device.label for device in block.look()] == ["", "ESP"]


class Netlink(Udev):
    """A monitor that is readable for what concerns no block device, too."""

    def __init__(self, *found: Found) -> None:
        super().__init__(*found)
        self._reader, self.writer = os.pipe2(os.O_NONBLOCK)

    def fileno(self) -> int:
        return self._reader

    def poll(self, timeout: float) -> Any:
        try:
            return Found("sda", "/dev/sda") if os.read(self._reader, 1) == b"b" else None
        except BlockingIOError:
            return None


def test_other_events_end_no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    udev = Netlink()
    block = look(monkeypatch, udev)
    block.look()
    other = threading.Timer(0.1, os.write, (udev.writer, b"o"))
    other.start()
    begin = time.monotonic()
    assert not block.wait(0.5)
    assert time.monotonic() - begin >= 0.5
    other.join()
    block_event = threading.Timer(0.1, os.write, (udev.writer, b"ob"))
    block_event.start()
    assert block.wait(20)
    block_event.join()
    os.close(udev.fileno())
    os.close(udev.writer)


def test_a_changed_medium_is_read_again(monkeypatch: pytest.MonkeyPatch, disk: Path) -> None:
    udev = Udev(Found("sr0", disk, size="18432"))
    block = look(monkeypatch, udev)
    assert block.look()[1].label == "ESP"
    subprocess.run(["mlabel", "-i", f"{disk}@@1M", "::OTHER"], check=True)
    udev.events = [Found("sr0", disk)]
    assert block.look()[1].label == "OTHER"


def test_the_same_medium_put_in_again_is_another_one(
    monkeypatch: pytest.MonkeyPatch, disk: Path
) -> None:
    """What may start without a password stands on that."""
    udev = Udev(Found("sr0", disk, size="18432"))
    block = look(monkeypatch, udev)
    first = block.look()
    assert [device.sequence for device in first] == ["1", "1"]
    udev.events = [Found("sr0", disk)]
    assert block.look() == first
    udev.events, udev.found = [Found("sr0", disk)], [Found("sr0", disk, size="18432", diskseq="2")]
    again = block.look()
    assert [device.path for device in again] == [device.path for device in first]
    assert not set(again) & set(first)


def test_what_cannot_be_read_has_no_facts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    udev = Udev(Found("sda", tmp_path / "gone", size="100"), Found("sdb", "/dev/null", size="0"))
    block = look(monkeypatch, udev)
    (only,) = block.look()
    assert (only.fstype, only.label, only.size) == ("", "", 51200)
    block.look()
    assert udev.looks == 2  # and is asked again: it may have got a medium


def test_what_is_skipped(monkeypatch: pytest.MonkeyPatch, disk: Path) -> None:
    uuid = "LVM-" + "x" * 64
    udev = Udev(
        Found("ram0", disk, size="8"),
        Found("zram0", disk, size="8"),
        Found("fd0", disk, size="8"),
        Found("loop0", disk, size="8"),
        Found("loop1", disk, size="8", loop__backing_file="/dev/sr0"),
        Found("loop2", "/dev/null", size="8", loop__backing_file="/tmp/x.img"),
        Found("dm-0", "/dev/null", size="8", dm__uuid=uuid),
        Found("dm-1", disk, size="8", dm__uuid=uuid + "-real"),
        Found("dm-2", "/dev/null", size="8", dm__uuid="CRYPT-LUKS2-x"),
    )
    block = look(monkeypatch, udev)
    assert len(block.look()) == 3


def test_disks_before_their_partitions_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    udev = Udev(
        Found("sdaa", "/x/sdaa", size="8"),
        Found("sda10", "/x/sda10", "partition", size="4", partition="10", parent="sda"),
        Found("sda2", "/x/sda2", "partition", size="4", partition="2", start="8", parent="sda"),
        Found("sdb", "/x/sdb", size="8"),
        Found("sda", "/x/sda", size="8"),
    )
    found = look(monkeypatch, udev).look()
    assert [device.path for device in found] == [
        "/x/sda",
        "/x/sda2",
        "/x/sda10",
        "/x/sdb",
        "/x/sdaa",
    ]
    assert (found[1].disk, found[1].start) == ("/x/sda", 4096)


def test_the_real_machine() -> None:
    """Whatever this machine has: the look, a wait without a change, and the look again."""
    machine = LinuxMachine()
    first = machine.devices()
    assert all(device.size > 0 and device.path.startswith("/dev/") for device in first)
    before = machine.now()
    machine.wait_for_change(before + 0.05)
    assert machine.now() - before < 5
    assert {device.path for device in machine.devices()} == {device.path for device in first}
