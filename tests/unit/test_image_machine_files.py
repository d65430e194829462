"""Every file of real filesystems inside images, compared byte by byte."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from disk_images import (
    MIB,
    assert_same,
    make_btrfs,
    make_disk,
    make_ext,
    make_fat,
    make_iso,
    make_isohybrid,
    make_squashfs,
    make_xfs,
    run,
    sample_tree,
)

from kxsh.errors import Failure, FormatFailure, IoFailure, NotFound
from kxsh.machine.image import ImageMachine, ImageSpec
from kxsh.machine.image.iso9660 import joliet_name, plain_name
from kxsh.machine.protocol import Root


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_tree(tmp_path_factory.mktemp("linked") / "tree")


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sample_tree(tmp_path_factory.mktemp("plain") / "tree", links=False)


def root_of(machine: ImageMachine, number: int = 0) -> Root:
    device = next(device for device in machine.devices() if device.number == number)
    mount = machine.mount(device)
    return machine.locate(mount.path)[0]


def assert_links(root: Root, tree: Path, *, by_grub: bool = False) -> None:
    """Check links: relative, absolute, out of the root, to a folder, dead, in a circle."""
    config = (tree / "boot/grub/grub.cfg").read_bytes()
    paths = ["/boot/grub/absolute.cfg", "/boot/out", "/folder/grub.cfg"]
    if not by_grub:  # it follows links unseen: where a link's parent is, is not known
        paths.append("folder/../out")
    for path in paths:
        assert root.read(path) == config, path
    assert root.stat("/dead") is None
    assert "dead" in root.list("/")
    assert root.stat("/folder").kind == "directory"  # type: ignore[union-attr]
    with root.open("/vmlinuz") as file:
        assert file.read() == (tree / "boot/vmlinuz").read_bytes()
    with pytest.raises(Failure):
        root.read("/round")
    with pytest.raises(Failure):
        root.read("/dead")


LINUX: dict[str, Callable[[Path, Path], Path]] = {
    "ext2": lambda path, tree: make_ext(path, tree, kind="ext2"),
    "ext4": make_ext,
    "ext4-inline": lambda path, tree: make_ext(path, tree, "-O", "inline_data", "-I", "512"),
    "btrfs": make_btrfs,
    "squashfs-gzip": lambda path, tree: make_squashfs(path, tree, "gzip"),
    "squashfs-zstd": lambda path, tree: make_squashfs(path, tree, "zstd"),
    "squashfs-lz4": lambda path, tree: make_squashfs(path, tree, "lz4"),
    "iso9660": lambda path, tree: make_iso(path, tree, "-R"),
    "isohybrid": lambda path, tree: make_isohybrid(
        path, Path(shutil.copytree(tree, path.with_suffix(".d"), symlinks=True))
    ),
}


@pytest.mark.parametrize("kind", LINUX)
def test_filesystems_with_links(tmp_path: Path, tree: Path, kind: str) -> None:
    image = LINUX[kind](tmp_path / "image", tree)
    if kind == "isohybrid":
        tree = image.with_suffix(".d")
        (tree / "isolinux/boot.cat").write_bytes(b"")
    with ImageMachine([ImageSpec(str(image))]) as machine:
        root = root_of(machine)
        if kind == "isohybrid":  # mkisofs patched it, and made the other
            for name in ("isolinux.bin", "boot.cat"):
                (tree / "isolinux" / name).write_bytes(root.read(f"/isolinux/{name}"))
            assert len(root.read("/isolinux/boot.cat")) == 2048
        assert_same(root, tree)
        assert_links(root, tree, by_grub=kind == "btrfs")


def test_xfs(tmp_path: Path, tree: Path) -> None:
    source = Path(shutil.copytree(tree, tmp_path / "tree", symlinks=True))
    (source / "Two Words (and) more.TXT").unlink()
    image = make_xfs(tmp_path / "xfs.img", source)
    with ImageMachine([ImageSpec(str(image))]) as machine:
        assert machine.devices()[0].label == "ex"
        root = root_of(machine)
        assert_same(root, source)
        assert_links(root, source, by_grub=True)


@pytest.mark.parametrize("bits", [16, 32])
def test_fat(tmp_path: Path, plain: Path, bits: int) -> None:
    source = Path(shutil.copytree(plain, tmp_path / "tree"))
    # mcopy writes this one as a short name, in a code page that depends on its build.
    (source / "größe.txt").rename(source / "a long name: größe.txt".replace(":", ""))
    image = make_fat(tmp_path / "fat.img", source, bits)
    with ImageMachine([ImageSpec(str(image))]) as machine:
        root = root_of(machine)
        assert_same(root, source)
        assert root.ignores_case
        assert root.read("/ISOLINUX/IsoLinux.CFG") == b"DEFAULT linux\n"
        assert root.stat("BOOT/GRUB/grub.CFG").path == "/boot/grub/grub.cfg"  # type: ignore[union-attr]


def test_fat_spells_short_names_as_linux_does(tmp_path: Path) -> None:
    source = tmp_path / "tree"
    (source / "EFI/Boot").mkdir(parents=True)
    for name in ("EFI/Boot/BOOTX64.EFI", "EFI/Boot/bootia32.efi", "EFI/README.txt"):
        (source / name).write_bytes(b"x")
    image = make_fat(tmp_path / "fat.img", source, 32)
    with ImageMachine([ImageSpec(str(image))]) as machine:
        root = root_of(machine)
        assert root.list("/") == ["EFI"]
        assert root.list("/efi") == ["Boot", "README.txt"]
        assert root.list("/efi/boot") == ["BOOTX64.EFI", "bootia32.efi"]


def test_joliet_and_plain_names(tmp_path: Path, plain: Path) -> None:
    joliet = make_iso(tmp_path / "joliet.iso", plain, "--norock", "-J")
    with ImageMachine([ImageSpec(str(joliet))]) as machine:
        assert_same(root_of(machine), plain)
    level1 = make_iso(tmp_path / "plain.iso", plain, "--norock")
    with ImageMachine([ImageSpec(str(level1))]) as machine:
        root = root_of(machine)
        names = root.list("/")
        assert "isolinux" in names
        assert names == [name.lower() for name in names]
        assert not any(";" in name for name in names)
        assert root.list("/isolinux") == ["isolinux.cfg"]
        assert root.read("/ISOLINUX/ISOLINUX.CFG") == b"DEFAULT linux\n"


def test_names_that_isofs_translates() -> None:
    assert plain_name(b"VMLINUZ.;1") == "vmlinuz"
    assert plain_name(b"A.B;1") == "a.b"
    assert plain_name(b"A.B;2") == "a.b.2"
    assert plain_name(b"NAME;1") == "name"
    assert joliet_name("Name.txt;1") == "Name.txt"
    assert joliet_name("Dots...") == "Dots"


def test_iso_that_pycdlib_refuses_is_read_by_grub(tmp_path: Path, plain: Path) -> None:
    image = make_iso(tmp_path / "cd.iso", plain, "-R")
    data = bytearray(image.read_bytes())
    table = int.from_bytes(data[0x8000 + 148 : 0x8000 + 152], "big") * 2048
    data[table + 2] ^= 0x40  # the big-endian path table disagrees; nobody else reads it
    image.write_bytes(data)
    with ImageMachine([ImageSpec(str(image))]) as machine:
        assert_same(root_of(machine), plain)


PARTITIONED = {
    "dos": ("label: dos\nstart=2MiB, size=24MiB, type=83\n", 1),
    "logical": ("label: dos\nstart=1MiB, size=60MiB, type=5\nstart=2MiB, size=24MiB, type=83\n", 5),
    "gpt": ("label: gpt\nstart=2MiB, size=24MiB\n", 1),
}


@pytest.mark.parametrize("kind", PARTITIONED)
def test_partitions(tmp_path: Path, tree: Path, plain: Path, kind: str) -> None:
    script, number = PARTITIONED[kind]
    ext = make_ext(tmp_path / "ext.img", tree)
    squash = make_squashfs(tmp_path / "squash.img", tree, "zstd")
    for part, source in ((ext, tree), (squash, tree)):
        disk = make_disk(tmp_path / "disk.img", 72, script, [(2, part)])
        with ImageMachine([ImageSpec(str(disk))]) as machine:
            assert_same(root_of(machine, number), source)
    fat = make_fat(tmp_path / "fat.img", source := plain, 16)
    script = script.replace("24MiB", "40MiB")
    disk = make_disk(tmp_path / "disk.img", 72, script, [(2, fat)])
    with ImageMachine([ImageSpec(str(disk))]) as machine:
        root = root_of(machine, number)
        with root.open("/boot/vmlinuz") as file:
            assert file.read() == (source / "boot/vmlinuz").read_bytes()


def test_partition_that_grub_does_not_see(tmp_path: Path, plain: Path) -> None:
    """Only the backup GPT is left: GRUB finds no partition, so a copy is made."""
    fat = make_fat(tmp_path / "fat.img", plain, 16)
    disk = make_disk(tmp_path / "disk.img", 64, "label: gpt\nstart=2MiB, size=40MiB\n", [(2, fat)])
    with open(disk, "r+b") as file:
        file.seek(512)
        file.write(bytes(512))
    with ImageMachine([ImageSpec(str(disk))]) as machine:
        assert len(machine.problems) == 2
        root = root_of(machine, 1)
        assert root.read("/isolinux/isolinux.cfg") == b"DEFAULT linux\n"


def test_isohybrid_is_on_the_disk_and_on_partition_1(tmp_path: Path, plain: Path) -> None:
    source = Path(shutil.copytree(plain, tmp_path / "tree"))
    image = make_isohybrid(tmp_path / "cd.iso", source)
    with ImageMachine([ImageSpec(str(image))]) as machine:
        disk, part = machine.devices()
        assert (disk.path, part.path, part.start) == ("/dev/disk0", "/dev/disk0p1", 0)
        assert disk.fstype == part.fstype == "iso9660"
        assert disk.label == part.label == "TEST_CD"
        assert (disk.pttype, part.parttype) == ("dos", "0x17")
        for number in (0, 1):
            assert root_of(machine, number).read("/.disk/info") == b"a test\n"


def test_open_is_seekable_and_leaves_nothing_behind(
    tmp_path: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    data = (tree / "boot/vmlinuz").read_bytes()
    for make in (make_ext, make_btrfs, LINUX["iso9660"], LINUX["squashfs-zstd"]):
        image = make(tmp_path / "image", tree)
        with ImageMachine([ImageSpec(str(image))]) as machine:
            file = root_of(machine).open("/boot/vmlinuz")
            with file:
                file.seek(1000)
                assert file.read(50) == data[1000:1050]
                assert file.seek(-7, os.SEEK_END) == len(data) - 7
                assert file.read() == data[-7:]
        image.unlink()
        assert list(folder.iterdir()) == []


def test_limits_and_kinds(tmp_path: Path, tree: Path) -> None:
    for make in (make_ext, LINUX["iso9660"], make_btrfs):
        with ImageMachine([ImageSpec(str(make(tmp_path / "image", tree)))]) as machine:
            root = root_of(machine)
            with pytest.raises(FormatFailure, match="larger than"):
                root.read("/boot/vmlinuz")
            assert len(root.read("/boot/vmlinuz", 4 * MIB)) == 3 * MIB + 17
            assert root.read("/empty") == b""
            with pytest.raises(FormatFailure, match="not a regular file"):
                root.read("/boot")
            with pytest.raises(NotFound, match=r"no 'grub\.cfgs'") as missing:
                root.read("/boot/grub/grub.cfgs")
            assert missing.value.hint == "did you mean 'grub.cfg'?"
            with pytest.raises(NotFound, match="not a directory"):
                root.list("/boot/vmlinuz")
            assert root.stat("/boot/vmlinuz/below") is None
            assert root.list("/../..") == root.list("/")


def test_truncated_iso(tmp_path: Path, plain: Path) -> None:
    image = make_iso(tmp_path / "cd.iso", plain, "-R", "-J")
    os.truncate(image, image.stat().st_size // 2)
    with ImageMachine([ImageSpec(str(image))]) as machine:
        root = root_of(machine)
        assert root.stat("/boot/vmlinuz").size == 3 * MIB + 17  # type: ignore[union-attr]
        with pytest.raises(IoFailure):
            root.read("/boot/vmlinuz", 4 * MIB)
        with root.open("/boot/vmlinuz") as file, pytest.raises(OSError, match="ends before"):
            file.read()


@pytest.mark.parametrize("kind", ["ext4", "fat", "btrfs", "squashfs"])
def test_truncated_filesystems_fail_as_failures(
    tmp_path: Path, tree: Path, plain: Path, kind: str
) -> None:
    make = {
        "ext4": lambda: make_ext(tmp_path / "image", tree),
        "fat": lambda: make_fat(tmp_path / "image", plain, 32),
        "btrfs": lambda: make_btrfs(tmp_path / "image", tree),
        "squashfs": lambda: make_squashfs(tmp_path / "image", tree, "zstd"),
    }[kind]
    image = make()
    os.truncate(image, image.stat().st_size // 10)
    with ImageMachine([ImageSpec(str(image))]) as machine, pytest.raises(Failure):
        root = root_of(machine)
        for name in ("vmlinuz", "initrd.img"):
            with root.open(f"/boot/{name}") as file:
                assert len(file.read()) == (plain / "boot" / name).stat().st_size


def test_mutated_isos_end_in_failures(tmp_path: Path, tree: Path) -> None:
    """Bytes of the volume descriptors and directories are changed, one ISO in forty ways."""
    noise = random.Random(11)
    whole = make_iso(tmp_path / "cd.iso", tree, "-R", "-J").read_bytes()
    image = tmp_path / "bad.iso"
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(noise.randrange(1, 60)):
            data[noise.randrange(0x8000, 0x8000 + 80 * 2048)] = noise.randrange(256)
        image.write_bytes(data)
        with ImageMachine([ImageSpec(str(image))]) as machine:
            try:
                root = root_of(machine)
                for name in root.list("/"):
                    if (facts := root.stat(name)) and facts.kind == "file":
                        root.read(name, 1 << 16)
            except Failure:
                continue


def test_relocated_directories(tmp_path: Path) -> None:
    """ISO 9660 allows eight levels: Rock Ridge puts deeper ones elsewhere, and links them."""
    source = tmp_path / "tree"
    (source / "a/b/c/d/e/f/g/h/i/j").mkdir(parents=True)
    (source / "a/b/c/d/e/f/g/h/i/j/kernel").write_bytes(b"deep")
    image = tmp_path / "deep.iso"
    compliance = ["-rr_reloc_dir", "rr_moved", "-compliance", "deep_paths_off"]
    run("xorriso", "-outdev", image, *compliance, "-map", source, "/", "-commit")
    with ImageMachine([ImageSpec(str(image))]) as machine:
        root = root_of(machine)
        assert root.read("/a/b/c/d/e/f/g/h/i/j/kernel") == b"deep"
        assert root.list("/a/b/c/d/e/f/g/h") == ["i"]


def test_fat_directory_that_never_ends(tmp_path: Path) -> None:
    source = tmp_path / "tree"
    source.mkdir()
    for number in range(15):  # with the label, they fill the first cluster
        (source / f"FILE{number}").write_bytes(b"x")
    data = bytearray(make_fat(tmp_path / "fat.img", source, 32).read_bytes())
    fat = int.from_bytes(data[14:16], "little") * 512
    size = int.from_bytes(data[36:40], "little") * 512
    top = fat + 2 * size
    assert data[top + 15 * 32] not in (0, 0xE5)
    for copy in range(2):
        data[fat + copy * size + 8 : fat + copy * size + 12] = (2).to_bytes(4, "little")
    (tmp_path / "fat.img").write_bytes(data)
    with ImageMachine([ImageSpec(str(tmp_path / "fat.img"))]) as machine:
        (device,) = machine.devices()
        with pytest.raises(FormatFailure, match="asks too much"):
            machine.locate(machine.mount(device).path)[0].list("/")


def test_inode_that_claims_terabytes(tmp_path: Path, tree: Path) -> None:
    image = make_ext(tmp_path / "image", tree)
    run("debugfs", "-w", "-R", f"set_inode_field /boot/vmlinuz size {1 << 43}", image)
    with ImageMachine([ImageSpec(str(image))]) as machine:
        root = root_of(machine)
        with pytest.raises(FormatFailure, match="claims to have"):
            root.open("/boot/vmlinuz")


def test_missing_program_names_its_package(
    tmp_path: Path, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = make_btrfs(tmp_path / "image", tree)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("kxsh.machine.image.programs._SYSTEM_FOLDERS", "/nowhere")
    with ImageMachine([ImageSpec(str(image))]) as machine:
        with pytest.raises(IoFailure, match="grub-fstest") as caught:
            root_of(machine)
        assert caught.value.hint == "install the Debian package: apt install grub-common"


def test_digest(tmp_path: Path, tree: Path) -> None:
    image = make_ext(tmp_path / "image", tree)
    with ImageMachine([ImageSpec(str(image))]) as machine:
        mount = machine.mount(machine.devices()[0])
        expected = hashlib.sha256((tree / "boot/vmlinuz").read_bytes()).hexdigest()
        assert machine.digest(f"{mount}/vmlinuz") == expected
