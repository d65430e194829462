"""Finding the EFI system partition, its identity and its script, on real FATs."""

from __future__ import annotations

from pathlib import Path

import pytest
from disk_images import blank, make_disk, make_ext, run, sample_tree

from kxsh.machine.esp import esp_candidates, find_script, read_identity
from kxsh.machine.image import ImageMachine, ImageSpec
from kxsh.machine.root import DirectoryRoot

IDENTITY = "0123456789abcdef0123456789abcdef"


def make_esp(path: Path, files: dict[str, str]) -> Path:
    tree = path.with_suffix(".d")
    for name, text in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    blank(path, 40)
    run("mkfs.vfat", "-F", 32, "-s", 1, path)
    run("mcopy", "-s", "-i", path, *sorted(tree.iterdir()), "::/")
    return path


def test_candidates(tmp_path: Path) -> None:
    loader = make_esp(tmp_path / "loader.img", {"EFI/BOOT/BOOTX64.EFI": "x"})
    lower = make_esp(tmp_path / "lower.img", {"efi/boot/bootx64.efi": "x"})
    other = make_esp(tmp_path / "other.img", {"EFI/BOOT/BOOTIA32.EFI": "x"})
    folder = make_esp(tmp_path / "folder.img", {"EFI/BOOT/BOOTX64.EFI/x": "x"})
    ext = make_ext(tmp_path / "ext.img", sample_tree(tmp_path / "tree"))
    mbr = "label: dos\nstart=1MiB, size=40MiB, type=c\nstart=42MiB, size=40MiB, type=ef\n"
    gpt = "label: gpt\nstart=1MiB, size=40MiB, type=linux\nstart=42MiB, size=40MiB, type=uefi\n"
    disks = [
        make_disk(tmp_path / "0.img", 84, mbr, [(1, other), (42, lower)]),
        make_disk(tmp_path / "1.img", 84, gpt, [(1, loader), (42, folder)]),
        make_disk(tmp_path / "2.img", 84, gpt, [(1, ext), (42, loader)]),
        loader,
    ]
    with ImageMachine([ImageSpec(str(disk)) for disk in disks]) as machine:
        held = machine.mount(next(d for d in machine.devices() if d.path == "/dev/disk2p2"))
        found = [device.path for device in esp_candidates(machine)]
        assert found == ["/dev/disk0p2", "/dev/disk2p2", "/dev/disk1p1", "/dev/disk3"]
        assert machine.mounts() == [held]


def test_identity_and_script(tmp_path: Path) -> None:
    esp = make_esp(
        tmp_path / "esp.img",
        {
            "EFI/BOOT/BOOTX64.EFI": "x",
            "EFI/BOOT/KXSH.ID": f"{IDENTITY}\nwritten by kximage\n",
            "EFI/BOOT/Boot.KXS": "kxs 1\n",
            "boot.kxs": "kxs 1\n",
        },
    )
    with ImageMachine([ImageSpec(str(esp))]) as machine:
        root, _ = machine.locate(machine.mount(machine.devices()[0]).path)
        assert read_identity(root) == IDENTITY
        assert find_script(root) == "/EFI/BOOT/Boot.KXS"


def test_script_at_the_top_and_none(tmp_path: Path) -> None:
    root = DirectoryRoot(str(tmp_path), True)
    assert find_script(root) == ""
    (tmp_path / "BOOT.KXS").write_text("kxs 1\n")
    assert find_script(root) == "/BOOT.KXS"
    (tmp_path / "efi/boot/boot.kxs").mkdir(parents=True)  # a folder is no script
    assert find_script(root) == "/BOOT.KXS"


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        (IDENTITY.encode(), IDENTITY),
        (IDENTITY.encode() + b"\r\n", IDENTITY),
        (IDENTITY.upper().encode(), ""),
        (IDENTITY.encode()[:-1], ""),
        (IDENTITY.encode() + b"0", ""),
        (b"\n" + IDENTITY.encode(), ""),
        (b"\xff" * 32, ""),
        (b"", ""),
        (b"0" * 100_000, ""),
    ],
)
def test_identity_that_is_none(tmp_path: Path, text: bytes, identity: str) -> None:
    (tmp_path / "EFI/BOOT").mkdir(parents=True)
    (tmp_path / "EFI/BOOT/kxsh.id").write_bytes(text)
    assert read_identity(DirectoryRoot(str(tmp_path), True)) == identity


def test_identity_is_missing(tmp_path: Path) -> None:
    assert read_identity(DirectoryRoot(str(tmp_path), True)) == ""
