"""Which devices are gone: what sysfs still shows of them, and of what they are made of."""

from __future__ import annotations

from pathlib import Path

from kxsh.machine.linux.presence import is_gone
from kxsh.machine.protocol import Device

STICK = Device("/dev/sdq1", label="STICK", disk="/dev/sdq", number=1)
CD = Device("/dev/srq1", disk="/dev/srq", number=1)
LOOP = Device("/dev/loopq", label="ISO", disk="/dev/loopq")
VOLUME = Device("/dev/dm-q", disk="/dev/dm-q")
NAMES = ("sdq", "sdq1", "srq", "loopq", "dm-q", "dm-r")


def world(folder: Path) -> str:
    for name in NAMES:
        (folder / name).mkdir(parents=True)
    (folder / "loopq" / "loop").mkdir()
    (folder / "loopq" / "loop" / "backing_file").write_text("/mnt/1/image.iso\n")
    (folder / "dm-q" / "slaves" / "dm-r").mkdir(parents=True)  # a volume on LUKS on the stick
    (folder / "dm-r" / "slaves" / "sdq1").mkdir(parents=True)
    return str(folder)


def gone(device: Device, blocks: str) -> bool:
    return is_gone(device, lambda path: STICK if path.startswith("/mnt/1/") else None, blocks)


def test_what_is_there_is_not_gone(tmp_path: Path) -> None:
    blocks = world(tmp_path)
    for device in (STICK, CD, LOOP, VOLUME):
        assert not gone(device, blocks), device


def test_what_lies_on_a_pulled_disk_is_gone_with_it(tmp_path: Path) -> None:
    blocks = world(tmp_path)
    for name in ("sdq", "sdq1"):
        (tmp_path / name).rmdir()
    for device in (STICK, LOOP, VOLUME):
        assert gone(device, blocks), device
    assert not gone(CD, blocks)


def test_the_disk_tells_of_a_partition_without_a_node(tmp_path: Path) -> None:
    blocks = world(tmp_path)
    (tmp_path / "srq").rmdir()
    assert gone(CD, blocks)


def test_without_sysfs_nothing_is_known(tmp_path: Path) -> None:
    assert not gone(STICK, str(tmp_path / "none"))
