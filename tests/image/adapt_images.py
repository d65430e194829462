"""Real images for the tests of `kximage adapt`, made without root; and a small loader."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
from pathlib import Path

from kxsh.image import uki

STUB = Path("/usr/lib/systemd/boot/efi/linuxx64.efi.stub")
ISOLINUX = Path("/usr/lib/ISOLINUX")
SYSLINUX = Path("/usr/lib/syslinux")
SCRIPT = 'kxs 1\nrecovery "a test"\n'
CONFIG = """\
default linux
timeout 50
label linux
  menu label Linux
  kernel linux
  append initrd=initrd.gz  quiet
label rescue
  menu label Rescue
  kernel linux
  append initrd=initrd.gz rescue
"""


def run(*argv: str | Path, input: str = "") -> str:
    """Run a program that must succeed; return its standard output."""
    done = subprocess.run(
        [str(word) for word in argv], input=input, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
    return done.stdout


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_loader(path: Path, room: int = 200_000, cmdline: str = "quiet") -> Path:
    """Write a real unified kernel image whose kernel and initrd are not."""
    sections = {
        ".osrel": b"ID=kxsh\n",
        ".cmdline": cmdline.encode(),
        ".linux": b"K" * room,
        ".initrd": b"I" * 1000,
    }
    path.write_bytes(uki.build(STUB.read_bytes(), sections))
    return path


def make_tree(path: Path, config: str = CONFIG) -> Path:
    """Write the files of a live CD: ISOLINUX, its menu, something like a kernel."""
    folder = path / "isolinux"
    folder.mkdir(parents=True)
    (folder / "isolinux.bin").write_bytes((ISOLINUX / "isolinux.bin").read_bytes())
    (folder / "isolinux.cfg").write_text(config)
    (folder / "linux").write_bytes(bytes(range(256)) * 3000)
    (folder / "initrd.gz").write_bytes(gzip.compress(b"070701" * 1000, mtime=0))
    return path


def make_iso(path: Path, tree: Path, *more: str | Path) -> Path:
    """Write a plain ISO that BIOS boots as a CD; `more` are options of xorriso."""
    loader = "-b isolinux/isolinux.bin -c isolinux/boot.cat".split()
    how = "-no-emul-boot -boot-load-size 4 -boot-info-table".split()
    run(*"xorriso -as mkisofs -quiet -V LIVE -R -J".split(), *loader, *how, *more, "-o", path, tree)
    return path


def make_hybrid(path: Path, tree: Path, *more: str | Path) -> Path:
    """Write an isohybrid image: BIOS boots it as a CD and as a USB stick."""
    return make_iso(path, tree, "-isohybrid-mbr", ISOLINUX / "isohdpfx.bin", *more)


def make_extlinux_tree(path: Path) -> Path:
    folder = path / "boot" / "extlinux"
    folder.mkdir(parents=True)
    (path / "boot" / "vmlinuz").write_bytes(b"kernel" * 5000)
    (folder / "extlinux.conf").write_text(
        "default l\nlabel l\n  kernel /boot/vmlinuz\n  append root=/dev/sda1  ro\n"
    )
    return path


def make_mbr_disk(path: Path, tree: Path, size: int = 16, filesystem: int = 8) -> Path:
    """Write a disk of `size` MiB with SYSLINUX's MBR code and one active partition, an
    ext4 of `filesystem` MiB."""
    _blank(path, size)
    sectors = filesystem * 2048
    table = f"label: dos\nlabel-id: 0xcafe1234\nstart=2048, size={sectors}, type=83, bootable\n"
    run("/usr/sbin/sfdisk", "-q", path, input=table)
    _boot_code(path, SYSLINUX / "mbr" / "mbr.bin")
    _ext4(path, tree, filesystem)
    return path


def make_gpt_disk(path: Path, tree: Path, size: int = 16, filesystem: int = 8) -> Path:
    """Write a disk with SYSLINUX's GPT code and one partition, legacy-bootable, of ext4."""
    _blank(path, size)
    run("/usr/sbin/sgdisk", "-n", f"1:2048:+{filesystem}M", "-t", "1:8300", "-A", "1:set:2", path)
    _boot_code(path, SYSLINUX / "mbr" / "gptmbr.bin")
    _ext4(path, tree, filesystem)
    return path


def make_disk(path: Path, size: int, table: str) -> Path:
    """Write an empty disk of `size` MiB with a table in sfdisk's words."""
    _blank(path, size)
    run("/usr/sbin/sfdisk", "-q", path, input=table)
    return path


def _blank(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size << 20)


def _boot_code(path: Path, code: Path) -> None:
    with path.open("r+b") as file:
        file.write(code.read_bytes()[:440])


def _ext4(path: Path, tree: Path, size: int) -> None:
    offset = f"offset={2048 * 512}"
    run("/usr/sbin/mke2fs", "-q", "-t", "ext4", "-d", tree, "-E", offset, path, f"{size}m")
