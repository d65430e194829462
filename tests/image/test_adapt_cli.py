"""The command itself: what it says, its exit codes, and that its boot.kxs boots."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import adapt_images as images
import pytest

from kxsh.image import kernel
from kxsh.image.rehearsal import rehearse
from kxsh.source import Source


def kximage(*words: str | Path) -> tuple[int, str, str]:
    """Run the real command; return exit code, standard output and standard error."""
    argv = [sys.executable, "-m", "kxsh.image", *map(str, words)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module")
def loader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return images.make_loader(tmp_path_factory.mktemp("loader") / "loader.efi")


def test_the_summary(tmp_path: Path, loader: Path) -> None:
    iso = images.make_hybrid(tmp_path / "in.iso", images.make_tree(tmp_path / "tree"))
    out = tmp_path / "out.iso"
    status, said, progress = kximage("adapt", iso, "-o", out, "--loader", loader)
    assert status == 0, progress
    assert "found     an ISO with an MBR\n" in said
    assert "added     partition 2: EFI system partition, 31.0 MiB\n" in said
    assert "as a disk and as a CD\n" in said
    assert "script    EFI/BOOT/boot.kxs, written to suit /isolinux/isolinux.cfg on" in said
    assert said.endswith(f"next      kximage try {out}\n")
    assert "reading back what was written" in progress
    identity = said.partition("identity  ")[2][:32]
    assert images.run("mtype", "-i", f"{out}@@{2 << 20}", "::/EFI/BOOT/kxsh.id").strip() == identity


def test_a_script_with_errors_shows_them(tmp_path: Path, loader: Path) -> None:
    iso = images.make_hybrid(tmp_path / "in.iso", images.make_tree(tmp_path / "tree"))
    script = tmp_path / "boot.kxs"
    script.write_text("kxs 1\nlet image = mout LABEL=X\n")
    words = ("adapt", iso, "-o", tmp_path / "out", "--loader", loader, "--script", script)
    status, said, errors = kximage(*words)
    assert (status, said) == (1, "")
    assert f"--> {script}:2:13" in errors
    assert "did you mean" in errors
    assert "nothing was written" in errors
    assert not (tmp_path / "out").exists()


def test_a_script_that_does_not_suit_the_image_is_warned_of(tmp_path: Path, loader: Path) -> None:
    iso = images.make_hybrid(tmp_path / "in.iso", images.make_tree(tmp_path / "tree"))
    script, out = tmp_path / "boot.kxs", tmp_path / "out.iso"
    script.write_text(
        "kxs 1\nlet image = mount (part ${esp.disk} 1)\nload $image/isolinux/linus\nexec\n"
    )
    status, said, errors = kximage("adapt", iso, "-o", out, "--loader", loader, "--script", script)
    assert status == 0
    assert "warning   boot.kxs was written all the same: the findings stand above\nnext" in said
    assert "error[KX507]: /isolinux/linus is not on partition 1 (iso9660, LIVE)" in errors
    assert "did you mean 'linux'?" in errors
    assert out.exists()


def test_an_error_has_a_next_step(tmp_path: Path, loader: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no image\n" * 20_000)
    status, said, errors = kximage("adapt", text, "-o", tmp_path / "out", "--loader", loader)
    assert (status, said) == (1, "")
    assert "kximage: " in errors
    assert "  try: give the image as it would be written" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("size", ["64X", "", "-1", "0", "1e9"])
def test_a_size_that_is_none(tmp_path: Path, size: str) -> None:
    status, _, errors = kximage("adapt", "x", "-o", tmp_path / "out", f"--esp-size={size}")
    assert status == 2
    assert "not a size" in errors


def test_an_identity_that_is_none(tmp_path: Path) -> None:
    status, _, errors = kximage("adapt", "x", "-o", tmp_path / "out", "--id", "12")
    assert status == 1
    assert "32 hexadecimal digits" in errors


def boots(image: Path) -> tuple[str, str]:
    """Rehearse the image's own boot.kxs; return the kernel and the command line."""
    folder = image.parent / "esp"
    start = next(
        int(line.split()[1 if "*" not in line else 2])
        for line in images.run("/usr/sbin/sfdisk", "-l", image).splitlines()
        if "EFI" in line and line.startswith("/")
    )
    folder.mkdir()
    images.run("mcopy", "-i", f"{image}@@{start * 512}", "::/EFI/BOOT/boot.kxs", folder)
    script = folder / "boot.kxs"
    result = rehearse(Source(str(script), script.read_text()), [str(image)])
    assert result.error is None, result.error
    assert result.ended == "jump"
    assert result.plan is not None
    return result.plan.kernel, str(result.plan.cmdline)


@pytest.mark.parametrize("menu", ["", "ui vesamenu.c32\n"])
def test_what_was_written_boots_a_cd(tmp_path: Path, loader: Path, menu: str) -> None:
    tree = images.make_tree(tmp_path / "tree", menu + images.CONFIG)
    shutil.copyfile(kernel.find().path, tree / "isolinux" / "linux")
    for make in (images.make_iso, images.make_hybrid):
        folder = tmp_path / make.__name__
        folder.mkdir()
        iso = make(folder / "in.iso", tree)
        status, _, errors = kximage("adapt", iso, "-o", folder / "out", "--loader", loader)
        assert status == 0, errors
        path, cmdline = boots(folder / "out")
        assert path.endswith("/isolinux/linux")
        assert cmdline == "BOOT_IMAGE=linux initrd=initrd.gz  quiet"


@pytest.mark.parametrize("make", [images.make_mbr_disk, images.make_gpt_disk])
def test_what_was_written_boots_a_disk(tmp_path: Path, loader: Path, make: object) -> None:
    assert callable(make)
    tree = images.make_extlinux_tree(tmp_path / "tree")
    shutil.copyfile(kernel.find().path, tree / "boot" / "vmlinuz")
    disk = make(tmp_path / "in.img", tree, size=24, filesystem=20)
    status, _, errors = kximage("adapt", disk, "-o", tmp_path / "out", "--loader", loader)
    assert status == 0, errors
    path, cmdline = boots(tmp_path / "out")
    assert path.endswith("/boot/vmlinuz")
    assert cmdline == "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda1  ro"
