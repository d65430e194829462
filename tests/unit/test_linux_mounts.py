"""Mount options, and one real mount of a part of an image where this machine allows it."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

from kxsh.errors import Denied, Failure, FormatFailure, NotFound
from kxsh.machine.linux import LinuxMachine, syscalls
from kxsh.machine.linux.filesystems import mount_data, mount_flags
from kxsh.machine.linux.mounts import _plain
from kxsh.machine.protocol import Device, Mount

LOCKED = syscalls.MS_NODEV | syscalls.MS_NOSUID | syscalls.MS_NOEXEC


def test_read_only_replays_no_journal() -> None:
    assert mount_data("ext4", [], False) == ["noload"]
    assert mount_data("ext2", [], False) == [""]
    assert mount_data("xfs", ["nouuid"], False) == ["norecovery,nouuid"]
    assert mount_data("btrfs", [], False) == ["rescue=nologreplay"]
    assert mount_data("ext4", [], True) == [""]
    assert mount_data("vfat", ["umask=077"], False) == ["umask=077,utf8=1", "umask=077"]
    assert mount_data("iso9660", ["iocharset=utf8"], False) == ["iocharset=utf8"]


def test_flags() -> None:
    assert mount_flags([], False) == (LOCKED | syscalls.MS_RDONLY, [])
    assert mount_flags(["rw", "exec", "subvol=@"], True) == (
        LOCKED & ~syscalls.MS_NOEXEC,
        ["subvol=@"],
    )


@pytest.mark.parametrize("fstype", ["swap", "crypto_LUKS", "LVM2_member", "linux_raid_member"])
def test_what_holds_no_filesystem_is_said_so(tmp_path: Path, fstype: str) -> None:
    machine = LinuxMachine(runtime=str(tmp_path))
    with pytest.raises(FormatFailure, match="cannot be mounted: it is"):
        machine.mount(Device("/dev/sda1", fstype=fstype))
    assert machine.mounts() == []


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A disk whose ext4 starts at 1 MiB, with a file in it."""
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "Hello").write_text("from the disk")
    path = tmp_path / "disk.img"
    with path.open("wb") as file:
        file.truncate(17 << 20)
    options = ["-q", "-t", "ext4", "-d", str(tmp_path / "tree"), "-E", "offset=1048576"]
    subprocess.run(["mke2fs", *options, str(path), "16M"], check=True, env={**os.environ})
    return path


def test_a_partition_without_a_node_is_mounted_by_a_loop_device(
    tmp_path: Path, image: Path
) -> None:
    machine = LinuxMachine(runtime=str(tmp_path / "run"))
    device = Device("/dev/no-such1", disk=str(image), start=1 << 20, size=16 << 20, fstype="ext4")
    before = image.read_bytes()
    try:
        mount = machine.mount(device)
    except Failure as failure:
        # Not root, or a container: then the reason is said, and nothing is left behind.
        assert isinstance(failure, Denied | NotFound) or failure.errno, failure
        assert os.geteuid() != 0 or not os.path.exists("/dev/loop-control"), failure
        assert os.listdir(tmp_path / "run" / "mnt") == []
        return
    root, inside = machine.locate(f"{mount}/Hello")
    assert root.read(inside) == b"from the disk"
    assert root.stat("/nothing") is None  # its disk is there: nothing is said of that
    assert not root.ignores_case and machine.locate(mount.path)[1] == "/"
    assert machine.locate(f"{mount}x/Hello")[0].base == "/"
    with open("/proc/mounts") as file:
        line = next(line for line in file if mount.path in line).split()
    assert {"ro", "nosuid", "nodev", "noexec", "norecovery"} <= set(line[3].split(","))
    machine.unmount(mount)
    assert machine.mounts() == [] and os.listdir(tmp_path / "run" / "mnt") == []
    assert image.read_bytes() == before
    with pytest.raises(NotFound):
        machine.unmount(mount)


def test_a_busy_mount_goes_when_its_last_user_does(tmp_path: Path, image: Path) -> None:
    machine = LinuxMachine(runtime=str(tmp_path / "run"))
    device = Device("/dev/no-such1", disk=str(image), start=1 << 20, size=16 << 20, fstype="ext4")
    try:
        mount = machine.mount(device)
    except Failure as failure:
        assert os.geteuid() != 0 or not os.path.exists("/dev/loop-control"), failure
        return
    root, inside = machine.locate(f"{mount}/Hello")
    with root.open(inside) as file:
        machine.unmount(mount)
        assert file.read() == b"from the disk"
    assert machine.mounts() == []


def test_what_others_mounted_is_taken_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mounts = LinuxMachine(runtime=str(tmp_path))._mounts
    before = mounts.points()
    assert "/" in before
    assert mounts.reread(before, list) == []
    own = Mount(Device("/dev/sda1"), "/mnt/1", "ext4")
    mounts._mounts.append(own)
    rows = [("/", "/dev/vda", "ext4", True), ("/media/a b", "/dev/dm-0", "xfs", True)]
    rows += [("/tmp/x", "tmpfs", "tmpfs", True), ("/media/c", "/dev/unknown", "vfat", False)]
    monkeypatch.setattr("kxsh.machine.linux.mounts._table", lambda: rows)
    device = Device("/dev/mapper/root", names=("/dev/dm-0",))
    new = mounts.reread(["/"], lambda: [device])
    assert new == [Mount(device, "/media/a b", "xfs", True)]
    assert mounts.all() == new
    assert mounts.reread(["/"], lambda: [device]) == []


def test_names_in_the_mount_table_are_plain() -> None:
    assert _plain(r"/media/my\040stick\134") == "/media/my stick\\"


def test_a_device_that_is_mounted_already_says_where(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mounts = LinuxMachine(runtime=str(tmp_path))._mounts
    device = Device("/dev/sda1", fstype="vfat")
    mounts._mounts.append(Mount(device, "/mnt/1", "vfat"))
    monkeypatch.setattr("kxsh.machine.linux.mounts._call_mount", lambda *_: errno.EBUSY)
    with pytest.raises(Failure) as caught:
        mounts.mount(device, "", "", [], True)
    assert caught.value.hint == "it is mounted on /mnt/1: `umount /mnt/1` first"


def test_a_fresh_directory_is_none_that_a_script_has_named(tmp_path: Path) -> None:
    mounts = LinuxMachine(runtime=str(tmp_path))._mounts
    first = mounts._fresh_directory()
    folder, _, number = first.rpartition("/")
    following = f"{folder}/{int(number) + 1}"
    mounts._mounts.append(Mount(Device("/dev/sda1"), following, "vfat"))
    assert mounts._fresh_directory() == f"{folder}/{int(number) + 2}"


def test_of_two_equal_mounts_one_is_forgotten(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mounts = LinuxMachine(runtime=str(tmp_path))._mounts
    twins = [Mount(Device("/dev/sda1"), "/mnt/x", "vfat") for _ in range(2)]
    mounts._mounts += twins
    monkeypatch.setattr(syscalls, "umount", lambda *_: None)
    mounts.unmount(twins[0])
    assert mounts.all() == twins[:1]
