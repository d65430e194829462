"""Real filesystems and disks, made without root by the programs that make them."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from kxsh.machine.protocol import Root

SYSTEM_PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
MIB = 1 << 20


def run(*argv: object, text: str | None = None) -> str:
    """Run a program; a missing one fails the test by its name."""
    program = shutil.which(str(argv[0]), path=SYSTEM_PATH)
    assert program, f"{argv[0]} is not installed: run `make setup`"
    done = subprocess.run(
        [program, *map(str, argv[1:])],
        input=text,
        stdin=subprocess.DEVNULL if text is None else None,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8", "MTOOLS_SKIP_CHECK": "1"},
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{argv}: {done.stdout}{done.stderr}"
    return done.stdout


def sample_tree(top: Path, *, links: bool = True) -> Path:
    """Make a small boot tree: odd names, an empty file, a large one, many in one folder."""
    noise = random.Random(7)
    for folder in ("boot/grub", "isolinux", ".disk", "many", "empty-folder"):
        (top / folder).mkdir(parents=True)
    files = {
        "boot/vmlinuz": noise.randbytes(3 * MIB + 17),
        "boot/initrd.img": noise.randbytes(700_001),
        "boot/grub/grub.cfg": b"menuentry x { linux /boot/vmlinuz }\n",
        "isolinux/isolinux.cfg": b"DEFAULT linux\n",
        ".disk/info": b"a test\n",
        "Two Words (and) more.TXT": b"blank",
        "empty": b"",
        "größe.txt": "größe".encode(),
    }
    files |= {f"many/file-number-{number:03}.conf": b"%d" % number for number in range(40)}
    for name, data in files.items():
        (top / name).write_bytes(data)
    if links:
        (top / "vmlinuz").symlink_to("boot/vmlinuz")
        (top / "boot/grub/absolute.cfg").symlink_to("/boot/grub/grub.cfg")
        (top / "boot/out").symlink_to("../../../../boot/grub/grub.cfg")
        (top / "folder").symlink_to("boot/grub")
        (top / "round").symlink_to("round-and")
        (top / "round-and").symlink_to("round")
        (top / "dead").symlink_to("nowhere/at/all")
    return top


def assert_same(root: Root, tree: Path) -> None:
    """Compare every directory and every regular file, byte by byte."""
    compared = 0
    for folder, _, names in os.walk(tree):
        inside = "/" + os.path.relpath(folder, tree).replace(".", "", folder == str(tree))
        listed = [name for name in root.list(inside) if name != "lost+found"]
        assert listed == sorted(os.listdir(folder)), inside
        for name in names:
            source = Path(folder, name)
            if source.is_symlink():
                continue
            path = f"{inside.rstrip('/')}/{name}"
            facts = root.stat(path)
            assert facts is not None, path
            assert (facts.kind, facts.size, facts.path) == ("file", source.stat().st_size, path)
            with root.open(path) as file:
                assert file.read() == source.read_bytes(), path
            compared += 1
    assert compared > 40


def make_iso(path: Path, tree: Path, *options: str) -> Path:
    run("xorriso", "-as", "mkisofs", "-quiet", "-V", "TEST_CD", *options, "-o", path, tree)
    return path


def make_isohybrid(path: Path, tree: Path) -> Path:
    shutil.copy("/usr/lib/ISOLINUX/isolinux.bin", tree / "isolinux/isolinux.bin")
    boot = "-b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4"
    mbr = "/usr/lib/ISOLINUX/isohdpfx.bin"
    options = [*boot.split(), "-boot-info-table", "-isohybrid-mbr", mbr, "-R", "-J"]
    return make_iso(path, tree, *options)


def make_ext(path: Path, tree: Path, *options: str, kind: str = "ext4") -> Path:
    blank(path, 24)
    run("mke2fs", "-q", "-t", kind, "-L", "root fs", *options, "-d", tree, path)
    return path


def make_fat(path: Path, tree: Path, bits: int) -> Path:
    blank(path, 40)
    run("mkfs.vfat", "-F", bits, "-s", 1 if bits == 32 else 4, "-n", "FATFS", path)
    run("mcopy", "-s", "-i", path, *sorted(tree.iterdir()), "::/")
    return path


def make_squashfs(path: Path, tree: Path, compressor: str) -> Path:
    run("gensquashfs", "-q", "-D", tree, "-c", compressor, path)
    return path


def make_btrfs(path: Path, tree: Path) -> Path:
    blank(path, 160)
    run("mkfs.btrfs", "-q", "-L", "butter", "--rootdir", tree, path)
    return path


def make_xfs(path: Path, tree: Path) -> Path:
    """Fill an XFS by a prototype file; names with blanks cannot be in one."""
    prototype = path.with_suffix(".proto")
    prototype.write_text("/none\n0 0\nd--755 0 0\n" + "".join(_prototype(tree)) + "$\n")
    blank(path, 320)
    run("mkfs.xfs", "-q", "-L", "ex", "-p", prototype, path)
    return path


def _prototype(folder: Path) -> list[str]:
    lines: list[str] = []
    for entry in sorted(folder.iterdir()):
        if entry.is_symlink():
            lines.append(f"{entry.name} l--777 0 0 {os.readlink(entry)}\n")
        elif entry.is_dir():
            lines += [f"{entry.name} d--755 0 0\n", *_prototype(entry), "$\n"]
        else:
            lines.append(f"{entry.name} ---644 0 0 {entry}\n")
    return lines


def make_disk(
    path: Path, size_mib: int, script: str, parts: Sequence[tuple[int, Path]] = ()
) -> Path:
    """Partition by an sfdisk script, and put filesystems at offsets in MiB."""
    blank(path, size_mib)
    run("sfdisk", "-q", path, text=script)
    with open(path, "r+b") as disk:
        for offset, part in parts:
            disk.seek(offset * MIB)
            disk.write(part.read_bytes())
    return path


def blank(path: Path, size_mib: int) -> Path:
    with open(path, "wb") as file:
        file.truncate(size_mib * MIB)
    return path
