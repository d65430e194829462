"""`kxsh --check --image` on images and files that are cut off, none, or packed otherwise."""

from __future__ import annotations

import gzip
import os
import random
from pathlib import Path

import adapt_images
import pytest
from test_check_image import check, legacy_images

from kxsh.image import uki

pytestmark = pytest.mark.slow

SCRIPT = "kxs 1\nlet m = mount LABEL=DATA\nload $m/boot/%s --initrd $m/boot/%s\nexec\n"
MIB = 1 << 20


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tree = tmp_path_factory.mktemp("tree")
    boot = tree / "boot"
    boot.mkdir()
    kernel = (legacy_images.INSTALLER / "linux").read_bytes()
    legacy_images.target_initrd(boot / "initrd.img")
    initrd = (boot / "initrd.img").read_bytes()
    (boot / "vmlinuz").write_bytes(kernel)
    (boot / "vmlinuz.gz").write_bytes(gzip.compress(kernel, 1))
    (boot / "half.img").write_bytes(initrd[: len(initrd) // 2])
    (boot / "noise.img").write_bytes(random.Random(1).randbytes(100_000))
    os.symlink("loop", boot / "loop")
    os.symlink("/boot/vmlinuz", boot / "absolute")
    os.symlink("../../../etc/passwd", boot / "outside")
    return tree


@pytest.fixture(scope="module")
def ext4(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    image = tmp_path_factory.mktemp("ext4") / "data.img"
    with image.open("wb") as file:
        file.truncate(96 * MIB)
    adapt_images.run("mke2fs", "-q", "-t", "ext4", "-L", "DATA", "-d", tree, image)
    return image


@pytest.fixture(scope="module")
def squashfs(tree: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    image = tmp_path_factory.mktemp("squashfs") / "data.sq"
    adapt_images.run("mksquashfs", tree, image, "-quiet", "-no-progress", "-no-xattrs")
    return image


@pytest.mark.parametrize(
    ("kernel", "initrd", "found"),
    [
        ("vmlinuz", "initrd.img", []),
        ("absolute", "initrd.img", []),
        ("vmlinuz.gz", "initrd.img", [("KX508", 3)]),
        ("vmlinuz", "half.img", [("KX508", 3)]),
        ("loop", "initrd.img", [("KX507", 3)]),
        ("outside", "initrd.img", [("KX507", 3)]),
        ("VMLINUZ", "initrd.img", [("KX507", 3)]),
    ],
)
def test_files(ext4: Path, kernel: str, initrd: str, found: list[tuple[str, int]]) -> None:
    assert check(SCRIPT % (kernel, initrd), "--image", ext4) == (found, "")


def test_an_initrd_of_no_known_kind_is_a_note(ext4: Path) -> None:
    found, notes = check(SCRIPT % ("vmlinuz", "noise.img"), "--image", ext4)
    assert found == []
    assert "note: /boot/noise.img cannot be looked into: no initramfs archive" in notes


def test_a_filesystem_that_is_cut_off(ext4: Path, squashfs: Path, tmp_path: Path) -> None:
    """What Linux would not mount is not said to lack files."""
    for image, name in ((ext4, "LABEL=DATA"), (squashfs, "TYPE=squashfs")):
        short = tmp_path / image.name
        short.write_bytes(image.read_bytes()[: 3 * MIB])
        script = (SCRIPT % ("vmlinuz", "initrd.img")).replace("LABEL=DATA", name)
        found, notes = check(script, "--image", short)
        assert found == []
        assert " is cut off: 3.0 MiB of " in notes


def test_an_iso_that_is_cut_off(tree: Path, tmp_path: Path) -> None:
    whole, short = tmp_path / "whole.iso", tmp_path / "short.iso"
    adapt_images.run("xorriso", "-as", "mkisofs", "-R", "-V", "DATA", "-o", whole, tree)
    short.write_bytes(whole.read_bytes()[: 2 * MIB])
    script = SCRIPT % ("vmlinuz", "initrd.img")
    assert check(script, "--image", whole) == ([], "")
    found, notes = check(script, "--image", short)
    assert found == []
    assert "the iso9660 on /dev/disk0 is cut off: 2.0 MiB of" in notes
    assert "(the image ends before it)" in notes


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "it is empty"),
        (b"x", "no partition table and no filesystem"),
        (b"no image\n" * 1000, "no partition table and no filesystem"),
        (random.Random(2).randbytes(MIB), "no partition table and no filesystem"),
    ],
)
def test_what_is_no_disk(data: bytes, told: str, tmp_path: Path) -> None:
    image = tmp_path / "disk.img"
    image.write_bytes(data)
    found, notes = check(SCRIPT % ("vmlinuz", "initrd.img"), "--image", image)
    assert found == [("KX608", 2)]
    assert f"does not look like a disk: {told}" in notes


def test_a_disk_of_four_terabytes_of_nothing(tmp_path: Path) -> None:
    image = tmp_path / "huge.img"
    with image.open("wb") as file:
        file.truncate(1 << 42)
    assert check(SCRIPT % ("vmlinuz", "initrd.img"), "--image", image)[0] == [("KX608", 2)]


def test_a_mount_of_another_type(ext4: Path) -> None:
    script = SCRIPT % ("vmlinuz", "initrd.img")
    for fstype, found in (("vfat", [("KX608", 2)]), ("ext3", []), ("auto", [("KX204", 2)])):
        typed = script.replace("LABEL=DATA", f"LABEL=DATA --type {fstype}")
        assert check(typed, "--image", ext4) == (found, ""), fstype


def test_a_path_below_a_directory_that_was_named(ext4: Path) -> None:
    script = "kxs 1\nmount LABEL=DATA /mnt/data\nload /mnt/data/boot/%s\nexec\n"
    assert check(script % "vmlinuz", "--image", ext4) == ([], "")
    assert check(script % "vmlinux", "--image", ext4) == ([("KX507", 3)], "")


def test_a_folder_that_the_script_asks_for(ext4: Path) -> None:
    script = (
        "kxs 1\nlet m = mount LABEL=DATA\n"
        "if exists $m/live { load $m/live/vmlinuz } else { load $m/boot/%s }\nexec\n"
    )
    assert check(script % "vmlinuz", "--image", ext4) == ([], "")
    assert check(script % "gone", "--image", ext4) == ([("KX507", 3)], "")
    read = "kxs 1\nlet m = mount LABEL=DATA\nsay ${(stat $m/gone%s).size}\nrecovery\n"
    assert check(read % "", "--image", ext4)[0] == [("KX507", 3)]


def test_a_unified_kernel_image(tree: Path, tmp_path: Path) -> None:
    """It is loaded by its parts: what is in it counts."""
    esp = tmp_path / "esp"
    esp.mkdir()
    script = "kxs 1\nlet own = mount $esp\nload $own/%s\nexec\n"
    adapt_images.make_loader(esp / "text.efi")  # a text where its kernel should be
    assert check(script % "text.efi", "--esp", esp)[0] == [("KX508", 3)]
    data = uki.build(
        adapt_images.STUB.read_bytes(), {".linux": (tree / "boot/vmlinuz").read_bytes()}
    )
    (esp / "linux.efi").write_bytes(data)
    assert check(script % "linux.efi", "--esp", esp) == ([], "")
