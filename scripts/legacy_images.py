"""Images that only BIOS can boot, made from Debian's packages without root.

    python scripts/legacy_images.py isohybrid out.iso

They are the raw material of the boot tests, the demo and the bench: real ISOLINUX,
SYSLINUX and EXTLINUX, real kernels, and a command line like the one of old Gentoo
minimal images, double blanks included, with the serial console added.

Their kernels are started to be looked at. Where the Debian installer's initrd is told of an
`init=/linuxrc` that it does not have, the target ends in a kernel panic: by then its kernel
has printed all that the tests ask for. `small_isohybrid` has an initrd that stays alive.
"""

from __future__ import annotations

import argparse
import gzip
import shutil
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import initramfs

from kxsh.image import kernel as kernels
from kxsh.image import tools
from kxsh.image.guest import Guest
from kxsh.image.qemu import Disk, VirtualMachine
from kxsh.text import MIB

INSTALLER = Path("/usr/lib/debian-installer/images/12/amd64/text/debian-installer/amd64")
ISOLINUX = Path("/usr/lib/ISOLINUX")
SYSLINUX = Path("/usr/lib/SYSLINUX")
EXTLINUX = Path("/usr/lib/EXTLINUX")
GRUB = Path("/usr/lib/grub/i386-pc")
# Unpacked by scripts/setup, not installed.
GRUB_LEGACY = (
    Path(__file__).resolve().parents[1] / "build/packages/grub-legacy/usr/lib/grub/x86_64-pc"
)
MODULES = Path("/usr/lib/syslinux/modules/bios")

APPEND = (
    "root=/dev/ram0 init=/linuxrc  dokeymap looptype=squashfs loop=/image.squashfs"
    "  cdroot initrd=gentoo.igz vga=791 console=ttyS0"
)
GRUB_CFG = """\
set timeout=1
args="root=/dev/ram0  rw"
menuentry "Installer" --id installer {
  linux /boot/vmlinuz $args two="x y" console=ttyS0
  initrd /boot/initrd.gz
}
menuentry "Other" { linux /boot/vmlinuz console=ttyS0 other; }
"""
GRUB_COMMAND_LINE = 'BOOT_IMAGE=/boot/vmlinuz root=/dev/ram0 rw "two=x y" console=ttyS0'
# What ISOLINUX makes of it: BOOT_IMAGE= in front.
COMMAND_LINE = f"BOOT_IMAGE=gentoo {APPEND}"

ISOLINUX_CFG = f"""\
default gentoo
timeout 10
prompt 1

label gentoo
  kernel gentoo
  append {APPEND}

label gentoo-nofb
  kernel gentoo
  append root=/dev/ram0 init=/linuxrc nofb initrd=gentoo.igz console=ttyS0
"""

EXTLINUX_APPEND = "root=/dev/sda1  ro console=ttyS0  marker=extlinux"
EXTLINUX_COMMAND_LINE = f"BOOT_IMAGE=/boot/vmlinuz {EXTLINUX_APPEND} initrd=/boot/initrd.img"
EXTLINUX_CONF = f"""\
DEFAULT linux
TIMEOUT 10
PROMPT 1

LABEL linux
  MENU LABEL Debian, as EXTLINUX boots it
  KERNEL /boot/vmlinuz
  INITRD /boot/initrd.img
  APPEND {EXTLINUX_APPEND}

LABEL rescue
  KERNEL /boot/vmlinuz
  INITRD /boot/initrd.img
  APPEND {EXTLINUX_APPEND} single
"""

GRUB_LEGACY_COMMAND_LINE = "ro root=/dev/sda1  rhgb two='x y' console=ttyS0"
MENU_LST = f"""\
default=1
timeout=1
title Another
root (hd0,0)
kernel /boot/vmlinuz ro console=ttyS0 other
title Linux, as GRUB 0.97 boots it
root (hd0,0)
kernel /boot/vmlinuz {GRUB_LEGACY_COMMAND_LINE}
initrd /boot/initrd.img
"""

SYSLINUX_APPEND = "console=ttyS0 marker=syslinux initrd=initrd.img"
SYSLINUX_COMMAND_LINE = f"BOOT_IMAGE=vmlinuz {SYSLINUX_APPEND}"
SYSLINUX_CFG = f"""\
DEFAULT linux
TIMEOUT 10
PROMPT 1
LABEL linux
  KERNEL vmlinuz
  APPEND {SYSLINUX_APPEND}
"""

# Printed by the target's own userspace: proof that its initrd arrived whole.
TARGET_LINE = "target userspace is up"
_TARGET_INIT = f"""\
#!/bin/sh
mount -t proc proc /proc
echo "{TARGET_LINE}: $(cat /proc/cmdline)"
sleep 600
poweroff -f
"""

_INSTALLER_MODULES = ("virtio_pci", "virtio_blk", "crc32c_generic", "ext4")
_EXTLINUX_DONE = "extlinux is installed"
# The copies: mke2fs makes holes of zero blocks, and EXTLINUX reads no files with holes.
_INSTALL_INIT = f"""\
#!/bin/sh
export PATH=/bin:/sbin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
modprobe -a virtio_pci virtio_blk crc32c_generic ext4
for try in 0 1 2 3 4 5 6 7 8 9; do [ -b /dev/vda1 ] || sleep 0.5; done
mount -t ext4 /dev/vda1 /mnt || exit
for file in /mnt/boot/* /mnt/boot/extlinux/*; do
  if [ ! -h "$file" ] && [ -f "$file" ]; then
    cp "$file" /mnt/whole && mv /mnt/whole "$file" || exit
  fi
done
/sbin/extlinux --install /mnt/boot/extlinux && umount /mnt && echo "{_EXTLINUX_DONE}"
poweroff -f
"""

_SECTOR = 512
_FIRST_SECTOR = 2048
_LINUX_SIZE = 64 * MIB


def isohybrid(
    target: Path, *, hybrid: bool = True, more: Mapping[str, bytes] | None = None
) -> Path:
    """Write a BIOS-only ISO with ISOLINUX and the Debian installer's kernel and initrd.

    With `hybrid` it has an MBR as well, and boots from a USB stick. `more` are files
    beside the kernel (or instead of one that is there) by name.
    """
    with _isolinux_tree(target.parent) as boot:
        _copy(INSTALLER / "linux", boot / "gentoo")
        _copy(INSTALLER / "initrd.gz", boot / "gentoo.igz")
        for name, data in (more or {}).items():
            (boot / name).write_bytes(data)
        return _pack_iso(boot.parent, target, hybrid=hybrid)


def small_isohybrid(target: Path) -> Path:
    """Write an isohybrid ISO with a small initrd, and with files that are none of a kernel.

    Beside `gentoo` in isolinux/ lie `empty`, `text` and `short`, the first half of it.
    """
    with _isolinux_tree(target.parent) as boot:
        _copy(kernels.find().path, boot / "gentoo")
        target_initrd(boot / "gentoo.igz")
        (boot / "empty").touch()
        (boot / "text").write_text("This is a text, and no kernel.\n" * 1000)
        kernel = (boot / "gentoo").read_bytes()
        (boot / "short").write_bytes(kernel[: len(kernel) // 2])
        return _pack_iso(boot.parent, target, hybrid=True)


@contextmanager
def _isolinux_tree(place: Path) -> Iterator[Path]:
    """Give the isolinux/ folder of a tree that lacks only kernel and initrd."""
    with tempfile.TemporaryDirectory(dir=place) as folder:
        boot = Path(folder) / "isolinux"
        boot.mkdir()
        _copy(ISOLINUX / "isolinux.bin", boot / "isolinux.bin")
        _copy(MODULES / "ldlinux.c32", boot / "ldlinux.c32")
        (boot / "isolinux.cfg").write_text(ISOLINUX_CFG)
        yield boot


def _pack_iso(tree: Path, target: Path, *, hybrid: bool) -> Path:
    argv: list[str | Path] = ["xorriso", "-as", "mkisofs", "-quiet", "-o", target]
    argv += ["-V", "LEGACY_ISO", "-r", "-J", "-b", "isolinux/isolinux.bin"]
    argv += ["-c", "isolinux/boot.cat", "-no-emul-boot", "-boot-load-size", "4"]
    argv += ["-boot-info-table"]
    if hybrid:
        argv += ["-isohybrid-mbr", tools.require_file(ISOLINUX / "isohdpfx.bin")]
    tools.run([*argv, tree])
    return target


def grub_iso(target: Path) -> Path:
    """Write a BIOS-only ISO with GRUB 2 and the Debian installer's kernel and initrd."""
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        boot = Path(folder) / "boot"
        (boot / "grub").mkdir(parents=True)
        (boot / "grub/grub.cfg").write_text(GRUB_CFG)
        _copy(INSTALLER / "linux", boot / "vmlinuz")
        _copy(INSTALLER / "initrd.gz", boot / "initrd.gz")
        tools.run(["grub-mkrescue", "-d", GRUB, "-o", target, folder])
        return target


def plain_iso(target: Path) -> Path:
    """Write the same ISO without an MBR: a CD only."""
    return isohybrid(target, hybrid=False)


def mbr_extlinux(target: Path) -> Path:
    """Write an MBR disk with EXTLINUX on an ext4 partition (label LEGACY_ROOT).

    extlinux needs a mounted filesystem, hence root: a small guest does that step.
    """
    return extlinux_disk(target, _extlinux_files())


def extlinux_disk(target: Path, files: Mapping[str, bytes | Path]) -> Path:
    """Write that disk with `files`, the configuration among them; a Path is a symbolic link."""
    _linux_disk(target, files, "ext4")
    _write_boot_code(target, EXTLINUX / "mbr.bin")
    _install_extlinux(target)
    return target


def gpt_extlinux(target: Path) -> Path:
    """Write a GPT disk with EXTLINUX on an ext4 partition, started from the GPT's MBR."""
    return as_gpt(mbr_extlinux(target))


def as_gpt(disk: Path) -> Path:
    """Turn what `mbr_extlinux` wrote into a GPT disk; its filesystem stays as it is."""
    size = f"size={_LINUX_SIZE // _SECTOR}"
    partition = (
        f'start={_FIRST_SECTOR}, {size}, type=linux, name="legacy", attrs=LegacyBIOSBootable'
    )
    tools.run(["sfdisk", "--quiet", disk], input=f"label: gpt\n{partition}\n".encode())
    _write_boot_code(disk, EXTLINUX / "gptmbr.bin")
    return disk


def mbr_grub_legacy(target: Path) -> Path:
    """Write an MBR disk with GRUB 0.97 on an ext2 partition (label LEGACY_ROOT).

    What GRUB's `install` does: stage 1 in the MBR, the stage 1.5 that reads ext2 behind
    it, and stage 2 as a file (stage1/stage1.h, stage2/shared.h of GRUB 0.97).
    """
    stage2 = tools.require_file(GRUB_LEGACY / "stage2").read_bytes()
    files: dict[str, bytes | Path] = {
        "boot/grub/stage2": stage2,
        "boot/grub/menu.lst": MENU_LST.encode(),
    }
    _linux_disk(target, files, "ext2")
    first = bytearray((GRUB_LEGACY / "stage1").read_bytes()[:440])
    struct.pack_into("<HIH", first, 0x42, 0x2000, 1, 0x200)  # where 1.5 goes, where it lies
    second = bytearray((GRUB_LEGACY / "e2fs_stage1_5").read_bytes())
    sectors = -(-len(second) // _SECTOR)
    struct.pack_into("<IHH", second, 0x1F8, 2, sectors - 1, 0x220)  # the rest of itself
    struct.pack_into("<I", second, 0x217, 0xFF00FFFF)  # stage 2: (the boot disk,0)/boot/grub
    with target.open("r+b") as image:
        image.write(first)
        image.seek(_SECTOR)
        image.write(second)
    return target


def mbr_syslinux(target: Path) -> Path:
    """Write an MBR disk with SYSLINUX on a FAT partition (label LEGACY_FAT)."""
    size = 48 * MIB
    _partition(target, size + 1 * MIB, "label: dos\n", "type=c, bootable")
    offset = _FIRST_SECTOR * _SECTOR
    argv = ["mkfs.vfat", "-F", "16", "-n", "LEGACY_FAT", "--offset", str(_FIRST_SECTOR)]
    tools.run([*argv, target, str(size // 1024)])
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        tree = Path(folder)
        (tree / "syslinux.cfg").write_text(SYSLINUX_CFG)
        target_initrd(tree / "initrd.img")
        kernel = kernels.find().path
        for source, name in ((kernel, "vmlinuz"), (tree / "initrd.img", "initrd.img")):
            tools.run(["mcopy", "-i", f"{target}@@{offset}", source, f"::{name}"])
        tools.run(["mcopy", "-i", f"{target}@@{offset}", tree / "syslinux.cfg", "::"])
    tools.run(["syslinux", "--offset", str(offset), "--install", target])
    _write_boot_code(target, SYSLINUX / "mbr.bin")
    return target


def target_initrd(path: Path) -> Path:
    """Write a small initrd that says `TARGET_LINE` and the command line it got."""
    path.write_bytes(gzip.compress(initramfs.build(_TARGET_INIT, kernel=None), 1, mtime=0))
    return path


def _copy(source: Path, place: Path) -> None:
    shutil.copyfile(tools.require_file(source), place)


def _extlinux_files() -> dict[str, bytes | Path]:
    return {
        "boot/extlinux/extlinux.conf": EXTLINUX_CONF.encode(),
        "boot/extlinux/ldlinux.c32": tools.require_file(MODULES / "ldlinux.c32").read_bytes(),
    }


def _linux_disk(target: Path, files: Mapping[str, bytes | Path], kind: str) -> None:
    """Write an MBR disk with a kernel and an initrd in /boot, and `files` by path."""
    header, size = "label: dos\nlabel-id: 0x4b585348\n", f"size={_LINUX_SIZE // _SECTOR}"
    _partition(target, _LINUX_SIZE + 2 * MIB, header, f"{size}, type=83, bootable")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        tree = Path(folder) / "root"
        (tree / "boot").mkdir(parents=True)
        shutil.copyfile(kernels.find().path, tree / "boot/vmlinuz")
        target_initrd(tree / "boot/initrd.img")
        write_tree(tree, files)
        # EXTLINUX 6.04 reads neither 64-bit block numbers nor checksummed metadata.
        features = "^64bit,^metadata_csum,^metadata_csum_seed,^orphan_file"
        offset = f"offset={_FIRST_SECTOR * _SECTOR}"
        argv = ["mke2fs", "-q", "-t", kind, "-L", "LEGACY_ROOT", "-O", features, "-E", offset]
        tools.run([*argv, "-d", tree, target, f"{_LINUX_SIZE // 1024}k"])


def write_tree(tree: Path, files: Mapping[str, bytes | Path]) -> None:
    """Write files by path below `tree`; a Path is a symbolic link."""
    for name, data in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, Path):
            (tree / name).symlink_to(data)
        else:
            (tree / name).write_bytes(data)


def _partition(target: Path, size: int, header: str, partition: str) -> None:
    with target.open("wb") as image:
        image.truncate(size + _FIRST_SECTOR * _SECTOR)
    script = f"{header}start={_FIRST_SECTOR}, {partition}\n"
    tools.run(["sfdisk", "--quiet", target], input=script.encode())


def _write_boot_code(target: Path, code: Path) -> None:
    with target.open("r+b") as image:
        image.write(tools.require_file(code).read_bytes()[:440])


def _install_extlinux(target: Path) -> None:
    kernel = kernels.find()
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        initrd = Path(folder) / "installer.img"
        initrd.write_bytes(
            initramfs.build(
                _INSTALL_INIT, programs=("extlinux",), modules=_INSTALLER_MODULES, kernel=kernel
            )
        )
        machine = VirtualMachine(
            disks=(Disk(target, bus="virtio", writable=True),),
            kernel=kernel.path,
            initrd=initrd,
            cmdline="console=ttyS0 panic=-1",
        )
        with Guest(machine) as guest:
            guest.expect(f"^{_EXTLINUX_DONE}", 120)
            guest.wait(30)


KINDS: dict[str, Callable[[Path], Path]] = {
    "isohybrid": isohybrid,
    "small-isohybrid": small_isohybrid,
    "plain-iso": plain_iso,
    "grub-iso": grub_iso,
    "mbr-extlinux": mbr_extlinux,
    "gpt-extlinux": gpt_extlinux,
    "mbr-grub-legacy": mbr_grub_legacy,
    "mbr-syslinux": mbr_syslinux,
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Make an image that only BIOS can boot.")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("target", type=Path)
    arguments = parser.parse_args()
    try:
        KINDS[arguments.kind](arguments.target.absolute())
    except tools.ImageError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
