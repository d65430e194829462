"""`kxsh --check --image` on the demo's image: each planted fault is found, nothing else."""

from __future__ import annotations

import gzip
import json
import struct
import subprocess
import sys
from pathlib import Path

import adapt_images
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import legacy_images

from kxsh.image import cpio

SCRIPT = """\
kxs 1
let image = mount (part ${esp.disk} 1)
load $image/isolinux/gentoo
  --initrd $image/isolinux/gentoo.igz
  --cmdline "root=/dev/ram0 init=/linuxrc cdroot"
exec
"""
# what is planted -> (what the demo's script says, what instead, findings and their lines)
PLANTED = {
    "wrong case": ("/isolinux/gentoo\n", "/isolinux/Gentoo\n", [("KX502", 3)]),
    "wrong case of a folder": ("isolinux/gentoo\n", "ISOLINUX/gentoo\n", [("KX502", 3)]),
    "missing kernel": ("/gentoo\n", "/gentoo-6\n", [("KX507", 3)]),
    "missing initrd": ("/gentoo.igz", "/gentoo.ig", [("KX507", 4)]),
    "missing folder": ("/isolinux/gentoo\n", "/syslinux/gentoo\n", [("KX507", 3)]),
    "wrong partition": ("${esp.disk} 1", "${esp.disk} 2", [("KX507", 3), ("KX507", 4)]),
    "no such partition": ("${esp.disk} 1", "${esp.disk} 5", [("KX608", 2)]),
    "wrong label": ("(part ${esp.disk} 1)", "LABEL=LEGACY_IOS", [("KX608", 2)]),
    "32-bit kernel": ("/gentoo\n", "/gentoo32\n", [("KX509", 3), ("KX508", 4)]),
    "kernel that is cut off": ("/gentoo\n", "/short\n", [("KX508", 3)]),
    "kernel that is a text": ("/gentoo\n", "/isolinux.cfg\n", [("KX508", 3)]),
    "initrd as kernel": ("/gentoo\n", "/gentoo.igz\n", [("KX508", 3)]),
    "kernel as initrd": ("/gentoo.igz", "/gentoo", [("KX508", 4)]),
    "initrd of another machine": ("/gentoo.igz", "/arm.igz", [("KX508", 4)]),
    "label of a live system": ("root=/dev/ram0", "root=live:CDLABEL=F40", [("KX415", 5)]),
}
pytestmark = pytest.mark.slow

TWICE = "LABEL=LEGACY_ISO"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's image, adapted, with faulty files beside its kernel."""
    folder = tmp_path_factory.mktemp("demo")
    kernel = (legacy_images.INSTALLER / "linux").read_bytes()
    small = bytearray(kernel)
    flags = struct.unpack_from("<H", small, 0x236)[0]
    struct.pack_into("<H", small, 0x236, flags & ~3)  # no XLF_KERNEL_64, no 4G
    more = {"gentoo32": bytes(small), "short": kernel[: len(kernel) // 2], "arm.igz": arm_initrd()}
    legacy = legacy_images.isohybrid(folder / "legacy.iso", more=more)
    loader = adapt_images.make_loader(folder / "bootx64.efi")
    adapted = folder / "adapted.iso"
    adapt_images.run(
        *(sys.executable, "-m", "kxsh.image", "adapt", legacy, "-o", adapted, "--loader", loader)
    )
    return adapted


def arm_initrd() -> bytes:
    """An initrd whose programs are for 64-bit ARM."""
    program = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack("<HH", 2, 183) + bytes(44)
    members = [cpio.file("init", b"#!/bin/sh\n"), cpio.file("bin/busybox", program)]
    return gzip.compress(cpio.pack(members), mtime=0)


def check(script: str, *options: str | Path) -> tuple[list[tuple[str, int]], str]:
    """Run the real command; return (code, line) of its findings, and its notes."""
    argv = [sys.executable, "-m", "kxsh.cli", "--check", "--format", "json", "-", *options]
    done = subprocess.run(
        [str(word) for word in argv], input=script, capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 1), done.stderr
    found = [(item["code"], item["line"]) for item in json.loads(done.stdout)]
    assert done.returncode == bool(found)
    return found, done.stderr


def test_the_clean_script_has_no_finding(demo: Path) -> None:
    assert check(SCRIPT, "--image", demo) == ([], "")


def test_the_demo_s_own_script_has_no_finding(demo: Path, tmp_path: Path) -> None:
    adapt_images.run("mcopy", "-i", f"{demo}@@{esp_offset(demo)}", "::EFI/BOOT/boot.kxs", tmp_path)
    script = (tmp_path / "boot.kxs").read_text()
    assert "isolinux-entries" in script
    assert check(script, "--image", demo) == ([], "")


def esp_offset(image: Path) -> int:
    table = json.loads(adapt_images.run("sfdisk", "--json", image))["partitiontable"]
    return 512 * int(table["partitions"][1]["start"])


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_found_and_nothing_else(demo: Path, fault: str) -> None:
    right, wrong, found = PLANTED[fault]
    assert SCRIPT.count(right) == 1, fault
    assert check(SCRIPT.replace(right, wrong), "--image", demo) == (found, "")


def test_kernel_and_initrd_swapped(demo: Path) -> None:
    swapped = SCRIPT.replace("gentoo\n", "x\n").replace("gentoo.igz", "gentoo")
    swapped = swapped.replace("/x\n", "/gentoo.igz\n")
    assert check(swapped, "--image", demo) == ([("KX508", 3), ("KX508", 4)], "")


def test_a_label_on_two_images(demo: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.img"
    other.write_bytes(bytes(1 << 20))
    adapt_images.run("mke2fs", "-q", "-t", "ext4", "-L", "LEGACY_ISO", other)
    script = SCRIPT.replace("(part ${esp.disk} 1)", TWICE)
    assert check(script, "--image", demo) == ([], "")
    assert check(script, "--image", demo, "--image", other) == ([("KX605", 2)], "")
    found = check(SCRIPT.replace("(part ${esp.disk} 1)", TWICE + " --type iso9660"))
    assert found == ([], "")


def test_faults_of_the_image_s_menu(tmp_path: Path) -> None:
    """The script is right, and what the image's isolinux.cfg names is not."""
    kernel = (legacy_images.INSTALLER / "linux").read_bytes()
    config = (
        "default a\n"
        "label a\n kernel gentoo\n append initrd=arm.igz\n"
        "label b\n kernel gentoo-gone\n append quiet\n"
        "label c\n kernel gentoo\n append initrd=gentoo.igz archisolabel=ARCH_2024\n"
        "label d\n kernel gentoo\n append initrd=gentoo.igz\n"
        "label hd\n localboot 0x80\n"
    )
    more = {"isolinux.cfg": config.encode(), "arm.igz": arm_initrd(), "cut": kernel[:9000]}
    image = legacy_images.isohybrid(tmp_path / "legacy.iso", more=more)

    def entry(label: str) -> list[tuple[str, int]]:
        return check(
            "kxs 1\nlet image = mount (part ${esp.disk} 1)\n"
            f"boot (isolinux-entry $image/isolinux/isolinux.cfg{label})\n",
            "--image",
            image,
        )[0]

    assert entry("") == [("KX508", 3)]
    assert entry(" b") == [("KX507", 3)]
    assert entry(" c") == [("KX415", 3)]
    assert entry(" d") == []
    assert entry(" e") == [("KX507", 3)]
    assert entry(" hd") == [("KX508", 3)]
    script = (
        "kxs 1\nlet image = mount (part ${esp.disk} 1)\n"
        "let all = isolinux-entries $image/isolinux/isolinux.cfg\n"
        'menu "All" --timeout 5s {\n'
        "  for e in $all { entry ${e.id} ${e.title} { boot $e } }\n}\n"
    )
    codes = {code for code, _ in check(script, "--image", image)[0]}
    assert codes == {"KX415", "KX507", "KX508"}


def test_faults_of_a_grub_menu_and_of_boot_entries(tmp_path: Path) -> None:
    config = (
        "set default=1\nmenuentry good --id good { linux /isolinux/gentoo\n"
        "  initrd /isolinux/gentoo.igz }\n"
        "menuentry bad --id bad { linux /isolinux/vmlinuz-gone quiet }\n"
    )
    entry = b"title Arm\nlinux /isolinux/gentoo\ninitrd /isolinux/arm.igz\n"
    more = {"grub.cfg": config.encode(), "arm.conf": entry, "arm.igz": arm_initrd()}
    image = legacy_images.isohybrid(tmp_path / "legacy.iso", more=more)
    script = "kxs 1\nlet image = mount (part ${esp.disk} 1)\nboot (%s)\n"

    def boot(words: str) -> list[tuple[str, int]]:
        return check(script % words, "--image", image)[0]

    assert boot("grub-entry $image/isolinux/grub.cfg good") == []
    assert boot("grub-entry $image/isolinux/grub.cfg") == [("KX507", 3)]
    assert boot("bls-entry $image/isolinux/arm.conf") == [("KX508", 3)]


def test_what_is_asked_for_or_handled_may_be_missing(demo: Path) -> None:
    script = (
        "kxs 1\nlet image = mount (part ${esp.disk} 1)\n"
        "if exists $image/extra { say (read $image/extra) }\n"
        "if let stick = findfs LABEL=UPDATES --wait 1s ? { load $stick:/initrd.img }\n"
        "load $image/isolinux/gone else {\n  load $image/isolinux/gentoo\n}\n"
        "try { load $image/isolinux/gone } else { say no }\n"
        "exec\n"
    )
    assert check(script, "--image", demo)[0] == []


def test_a_filesystem_that_cannot_be_read_is_a_note(tmp_path: Path) -> None:
    swap = tmp_path / "swap.img"
    swap.write_bytes(bytes(1 << 20))
    adapt_images.run("mkswap", "-L", "SWAP", swap)
    script = "kxs 1\nlet image = mount LABEL=SWAP\nload $image/vmlinuz\nexec\n"
    found, notes = check(script, "--image", swap)
    assert found == []
    assert (
        "kxsh: note: /dev/disk0 cannot be read: /dev/disk0 cannot be mounted: it is swap space"
        in notes
    )


def test_an_image_that_is_none_is_an_error(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "kxsh.cli", "--check", "--image", str(tmp_path / "none"), "-"]
    done = subprocess.run(argv, input="kxs 1\n", capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no such file" in done.stderr


def test_an_iso_without_rock_ridge(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "boot").mkdir(parents=True)
    kernel = (legacy_images.INSTALLER / "linux").read_bytes()
    (tree / "boot" / "VMLINUZ").write_bytes(kernel)
    image = tmp_path / "plain.iso"
    make_plain_iso(image, tree)
    script = 'kxs 1\nlet image = mount LABEL=PLAIN\nload "$image/%s"\nexec\n'
    assert check(script % "boot/vmlinuz", "--image", image) == ([], "")
    for path in ("BOOT/VMLINUZ.;1", "boot/VMLINUZ", "boot/vmlinuz;1"):
        assert check(script % path, "--image", image) == ([("KX503", 3)], ""), path
    assert check(script % "boot/vmlinuy", "--image", image) == ([("KX507", 3)], "")


def make_plain_iso(image: Path, tree: Path) -> None:
    """Write an ISO with plain names only; pycdlib can, xorriso always adds Rock Ridge."""
    import io

    from pycdlib import PyCdlib

    iso = PyCdlib()
    iso.new(interchange_level=1, vol_ident="PLAIN")
    iso.add_directory("/BOOT")
    data = (tree / "boot" / "VMLINUZ").read_bytes()
    iso.add_fp(io.BytesIO(data), len(data), "/BOOT/VMLINUZ.;1")
    iso.write(str(image))
    iso.close()


def test_names_on_the_esp(tmp_path: Path) -> None:
    folder = tmp_path / "esp"
    (folder / "EFI" / "BOOT").mkdir(parents=True)
    (folder / "EFI" / "BOOT" / "vmlinuz").write_bytes(
        (legacy_images.INSTALLER / "linux").read_bytes()
    )
    script = "kxs 1\nlet own = mount $esp\nload $own/%s\nexec\n"
    assert check(script % "EFI/BOOT/vmlinuz", "--esp", folder) == ([], "")
    assert check(script % "efi/boot/vmlinuz", "--esp", folder) == ([("KX502", 3)], "")
    assert check(script % "EFI/BOOT/linux", "--esp", folder) == ([("KX507", 3)], "")
    (folder / "EFI" / "BOOT" / "VMLINUZ").write_bytes(b"another")
    assert check(script % "EFI/BOOT/vmlinuz", "--esp", folder) == ([("KX502", 3)], "")


def test_modules_and_programs_of_the_initramfs(tmp_path: Path) -> None:
    members = [
        cpio.file("usr/bin/busybox", b"\x7fELF", executable=True),
        cpio.symlink("usr/bin/lsblk", "busybox"),
        cpio.file("lib/modules/6.1.0/kernel/drivers/md/dm-crypt.ko.xz", b""),
        cpio.file("lib/modules/6.1.0/modules.builtin", b"kernel/fs/ext4/ext4.ko\n"),
        cpio.file("lib/modules/6.1.0/modules.alias", b"alias fs-xfs xfs\nalias pci:v* x\n"),
    ]
    archive = tmp_path / "initramfs"
    archive.write_bytes(cpio.pack(members))
    script = (
        "kxs 1\nmodprobe dm_crypt\nmodprobe ext4\nmodprobe fs-xfs\n"
        "modprobe dm-cript\nmodprobe nvme else { say no }\n"
        "run lsblk -f\nrun /usr/bin/lsblk\nrun lsblq\nrun /usr/bin/gone\nrun /tmp/mine\n"
        'recovery "done"\n'
    )
    assert check(script)[0] == []
    for data in (archive.read_bytes(), gzip.compress(archive.read_bytes())):
        archive.write_bytes(data)
        found = check(script, "--initramfs", archive)
        assert found == ([("KX211", 5), ("KX210", 9), ("KX210", 10)], "")
