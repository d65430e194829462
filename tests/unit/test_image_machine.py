"""`ImageMachine` as a `Machine`: devices, mounts, what is recorded, how it ends."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from disk_images import blank, make_disk, make_ext, make_fat, make_iso, run, sample_tree

from kxsh.errors import Failure, FormatFailure, IoFailure, NotFound, TimedOut
from kxsh.machine.image import ImageMachine, ImageSpec
from kxsh.machine.protocol import Device, Ended, KernelImage, Machine, Piece
from kxsh.machine.recording import RecordingMachine

LAYOUT = """label: dos
label-id: 0xcafe0001
start=2MiB, size=24MiB, type=83, bootable
start=30MiB, size=4MiB, type=82
start=40MiB, size=4MiB, type=83
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_tree(tmp_path_factory.mktemp("linked") / "tree")


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory, tree: Path) -> Path:
    folder = tmp_path_factory.mktemp("disk")
    ext = make_ext(folder / "ext.img", tree, "-U", "01234567-89ab-cdef-0123-456789abcdef")
    swap = blank(folder / "swap.img", 4)
    run("mkswap", "-q", swap)
    return make_disk(folder / "disk.img", 48, LAYOUT, [(2, ext), (30, swap)])


@pytest.fixture
def machine(disk: Path) -> Iterator[ImageMachine]:
    with ImageMachine([ImageSpec(str(disk))]) as machine:
        yield machine


def part(machine: ImageMachine, number: int) -> Device:
    return next(device for device in machine.devices() if device.number == number)


def test_is_a_machine(machine: ImageMachine) -> None:
    checked: Machine = machine
    assert RecordingMachine(checked).devices() == machine.devices()


def test_devices(machine: ImageMachine, disk: Path) -> None:
    whole, root, swap, empty = machine.devices()
    assert [str(device) for device in machine.devices()] == [
        "/dev/disk0",
        "/dev/disk0p1",
        "/dev/disk0p2",
        "/dev/disk0p3",
    ]
    assert (whole.pttype, whole.size, whole.fstype) == ("dos", disk.stat().st_size, "")
    assert root == Device(
        "/dev/disk0p1",
        label="root fs",
        uuid="01234567-89ab-cdef-0123-456789abcdef",
        partuuid="cafe0001-01",
        fstype="ext4",
        size=24 << 20,
        disk="/dev/disk0",
        number=1,
        start=2 << 20,
        parttype="0x83",
    )
    assert (swap.fstype, swap.parttype) == ("swap", "0x82")
    assert empty.fstype == ""


def test_several_images_and_directories(tmp_path: Path, tree: Path) -> None:
    iso = make_iso(tmp_path / "cd.iso", tree, "-R")
    specs = [
        ImageSpec(str(iso)),
        ImageSpec(str(tree), "sdb1", label="boot", uuid="1234-ABCD"),
        ImageSpec(str(tree), "root", fstype="ext4"),
    ]
    with ImageMachine(specs) as machine:
        cd, loose, strict = machine.devices()
        assert (cd.path, cd.label, cd.fstype) == ("/dev/disk0", "TEST_CD", "iso9660")
        assert (loose.path, loose.label, loose.uuid) == ("/dev/sdb1", "boot", "1234-ABCD")
        for device, found in ((cd, True), (loose, True), (strict, False)):
            machine.mount(device, f"/t{device.path}")
            root, inside = machine.locate(f"/t{device.path}/BOOT/VMLINUZ")
            assert (root.stat(inside) is not None) is found
            assert root.read("/isolinux/isolinux.cfg") == b"DEFAULT linux\n"


def test_two_images_cannot_have_one_name(tmp_path: Path, tree: Path) -> None:
    iso = make_iso(tmp_path / "cd.iso", tree, "-R")
    with pytest.raises(FormatFailure, match="two images"):
        ImageMachine([ImageSpec(str(iso), "sda"), ImageSpec(str(tree), "sda")])


@pytest.mark.parametrize("path", ["/none/at/all", "/dev/null", "a\0b"])
def test_no_image(path: str) -> None:
    with pytest.raises(Failure):
        ImageMachine([ImageSpec(path)])


def test_fifo_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(FormatFailure, match="neither an image"):
        ImageMachine([ImageSpec(str(tmp_path / "fifo"))])


def test_mounts(machine: ImageMachine) -> None:
    root = part(machine, 1)
    first = machine.mount(root)
    second = machine.mount(root, "/target/")
    inner = machine.mount(root, "/target/boot")
    assert [mount.path for mount in machine.mounts()] == ["/mnt/1", "/target", "/target/boot"]
    assert machine.locate("/target/boot/grub")[1] == "/grub"
    assert machine.locate("/target/booted")[1] == "/booted"
    assert machine.locate("/target/boot/../.disk/info")[1] == "/.disk/info"
    assert machine.locate("/target")[1] == "/"
    with pytest.raises(IoFailure, match="already"):
        machine.mount(root, "/target")
    machine.unmount(inner)
    assert machine.locate("/target/boot/grub")[1] == "/boot/grub"
    machine.unmount(second)
    machine.unmount(first)
    assert machine.mounts() == []
    with pytest.raises(NotFound, match="nothing is mounted"):
        machine.unmount(first)
    assert [machine.mount(root).path for _ in range(2)] == ["/mnt/1", "/mnt/2"]


def test_nothing_is_outside_of_mounts(machine: ImageMachine) -> None:
    root, inside = machine.locate("/etc/passwd")
    assert root.stat(inside) is None
    assert root.list("/") == []
    with pytest.raises(NotFound):
        root.read(inside)


def test_what_cannot_be_mounted(machine: ImageMachine) -> None:
    with pytest.raises(FormatFailure, match="no filesystem that is known") as whole:
        machine.mount(machine.devices()[0])
    assert "/dev/disk0p1" in whole.value.hint
    with pytest.raises(FormatFailure, match="swap"):
        machine.mount(part(machine, 2))
    with pytest.raises(FormatFailure, match="no filesystem"):
        machine.mount(part(machine, 3))
    with pytest.raises(FormatFailure, match="holds ext4, not vfat"):
        machine.mount(part(machine, 1), fstype="vfat")
    with pytest.raises(NotFound, match="no such device"):
        machine.mount(Device("/dev/sdz9"))
    assert machine.mounts() == []


def test_ambivalent_device_names_both(tmp_path: Path, tree: Path) -> None:
    ext = make_ext(tmp_path / "ext.img", tree)
    xfs = blank(tmp_path / "xfs.img", 320)
    run("mkfs.xfs", "-q", xfs)
    with open(ext, "r+b") as file:
        file.write(xfs.read_bytes()[:512])
    with ImageMachine([ImageSpec(str(ext))]) as machine:
        (device,) = machine.devices()
        with pytest.raises(FormatFailure, match=r"several filesystems.*ext4"):
            machine.mount(device)


def test_mount_options_are_recorded(machine: ImageMachine) -> None:
    mount = machine.mount(part(machine, 1), "/x", fstype="ext3", options=["noatime"], writable=True)
    assert mount.writable
    (action,) = machine.actions
    words = "mount /dev/disk0p1 /x --type=ext3 --option=noatime --writable"
    assert str(action) == words


def test_load_and_jump(machine: ImageMachine, tree: Path) -> None:
    machine.mount(part(machine, 1))
    image = KernelImage("/mnt/1/boot/vmlinuz", ("/mnt/1/boot/initrd.img",), "quiet", "tools")
    assert not machine.kernel_loaded()
    assert machine.load_kernel(image) == "tools"
    assert machine.kernel_loaded()
    expected = hashlib.sha256((tree / "boot/initrd.img").read_bytes()).hexdigest()
    assert machine.digest("/mnt/1/boot/initrd.img") == expected
    with pytest.raises(Ended) as ended:
        machine.jump()
    assert ended.value.how == "jump"
    assert [action.verb for action in machine.actions] == ["mount", "load", "jump"]
    assert machine.loaded == image
    machine.unload_kernel()
    with pytest.raises(IoFailure, match="no kernel"):
        machine.jump()


def test_loading_a_truncated_image_fails_as_on_the_target(tmp_path: Path, tree: Path) -> None:
    iso = make_iso(tmp_path / "cd.iso", tree, "-R")
    os.truncate(iso, iso.stat().st_size // 2)
    with ImageMachine([ImageSpec(str(iso))]) as machine:
        machine.mount(machine.devices()[0], "/cd")
        with pytest.raises(IoFailure, match="vmlinuz"):
            machine.load_kernel(KernelImage("/cd/boot/vmlinuz", (), ""))
        assert not machine.kernel_loaded()


@pytest.mark.parametrize("kernel", ["/cd/none", "/cd/boot", "/elsewhere/vmlinuz"])
def test_loading_what_is_no_file(machine: ImageMachine, kernel: str) -> None:
    machine.mount(part(machine, 1), "/cd")
    with pytest.raises((NotFound, FormatFailure)):
        machine.load_kernel(KernelImage(kernel, (), ""))
    assert not machine.kernel_loaded()


def test_clock_and_effects(machine: ImageMachine) -> None:
    assert machine.now() == 0.0
    machine.sleep(2)
    assert machine.wait_for_change(machine.now() + 30) is False
    assert machine.now() == 32.0
    assert machine.wait_for_change(5.0) is False
    assert machine.now() == 32.0
    with pytest.raises(TimedOut):
        machine.wait_for_change(float("inf"))
    machine.load_module("loop", "max_loop=8")
    assert machine.run(["depmod", "-a"]).status == 0
    assert machine.has("module", "loop")
    machine.sync()
    assert [str(action) for action in machine.actions] == [
        "sleep 2s",
        "load-module loop max_loop=8",
        "run depmod -a",
        "has module loop: not known here, taken for yes",
        "sync",
    ]
    assert machine.log_since(machine.log_mark()) == []


def test_power(machine: ImageMachine) -> None:
    for call, how in (
        (machine.reboot, "reboot"),
        (lambda: machine.reboot(firmware=True), "firmware"),
        (machine.poweroff, "poweroff"),
    ):
        with pytest.raises(Ended) as ended:
            call()
        assert ended.value.how == how
    assert [str(action) for action in machine.actions] == [
        "reboot",
        "reboot --firmware",
        "poweroff",
    ]


def test_memory_and_terminal(disk: Path) -> None:
    stream = io.StringIO()
    with ImageMachine([ImageSpec(str(disk))], memory=123, stream=stream) as machine:
        assert machine.memory_available() == 123
        machine.write("hello\n")
    assert stream.getvalue() == "hello\n"


def test_close_releases_every_descriptor(tmp_path: Path, disk: Path, tree: Path) -> None:
    fat = make_fat(tmp_path / "fat.img", sample_tree(tmp_path / "plain", links=False), 32)
    before = len(os.listdir("/proc/self/fd"))
    with ImageMachine([ImageSpec(str(disk)), ImageSpec(str(fat)), ImageSpec(str(tree))]) as machine:
        for device in machine.devices():
            if device.fstype in ("ext4", "vfat", "directory"):
                root, _ = machine.locate(machine.mount(device).path)
                assert root.read("/.disk/info") == b"a test\n"
    assert len(os.listdir("/proc/self/fd")) == before
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(NotFound):
        ImageMachine([ImageSpec(str(disk)), ImageSpec(str(tmp_path / "none"))])
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_piece_of_a_file_is_read_when_it_is_loaded(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "x.efi").write_bytes(b"head" + b"kernel" * 500_000 + b"tail")
    fat = make_fat(tmp_path / "esp.img", tmp_path / "tree", 32)
    with ImageMachine([ImageSpec(str(fat))]) as machine:
        path = machine.mount(machine.devices()[0]).path + "/x.efi"
        pieces = ((f"{path}:.linux", Piece(path, 4, 3_000_000)),)
        machine.load_kernel(KernelImage(f"{path}:.linux", (), "", pieces=pieces))
        wanted = hashlib.sha256(b"kernel" * 500_000).hexdigest()
        assert machine.loaded_digests == {f"{path}:.linux": wanted}
