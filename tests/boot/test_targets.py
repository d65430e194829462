"""Images that only BIOS can boot, booted by UEFI through the loader and boot.kxs.

Proof is what the target's own kernel prints, and that it prints the same thing when the
same image is booted by SeaBIOS with its own ISOLINUX, SYSLINUX, EXTLINUX, GRUB 2 or GRUB legacy.
"""

from __future__ import annotations

import legacy_images
import pytest
from lab import PATIENCE, PROMPT, TARGET_LINE, Lab

from kxsh.image.qemu import Disk, VirtualMachine

# kind of image, bus, as a CD, what its own loader hands the kernel
WAYS = [
    ("isohybrid", "usb", False, legacy_images.COMMAND_LINE),
    ("isohybrid", "sata", True, legacy_images.COMMAND_LINE),
    ("grub-iso", "usb", False, legacy_images.GRUB_COMMAND_LINE),
    ("plain-iso", "sata", True, legacy_images.COMMAND_LINE),
    ("mbr-extlinux", "usb", False, legacy_images.EXTLINUX_COMMAND_LINE),
    ("gpt-extlinux", "sata", False, legacy_images.EXTLINUX_COMMAND_LINE),
    ("mbr-grub-legacy", "sata", False, legacy_images.GRUB_LEGACY_COMMAND_LINE),
    ("mbr-syslinux", "virtio", False, legacy_images.SYSLINUX_COMMAND_LINE),
]
ways = pytest.mark.parametrize(
    ("kind", "bus", "cd", "expected"),
    WAYS,
    ids=[f"{kind}-{'cd' if cd else bus}" for kind, bus, cd, _ in WAYS],
)


@ways
def test_uefi_hands_the_target_what_its_own_loader_does(
    lab: Lab, kind: str, bus: str, cd: bool, expected: str
) -> None:
    image = lab.adapted(lab.legacy(kind))
    assert lab.target_line(image, "ovmf", bus=bus, cd=cd) == expected


@ways
def test_bios_boots_the_adapted_image_as_before(
    lab: Lab, kind: str, bus: str, cd: bool, expected: str
) -> None:
    image = lab.adapted(lab.legacy(kind))
    assert lab.target_line(image, "seabios", bus=bus, cd=cd) == expected


@pytest.mark.parametrize("kind", ["isohybrid", "mbr-extlinux"])
def test_both_ways_are_the_same_byte_for_byte(lab: Lab, kind: str) -> None:
    image = lab.legacy(kind)
    by_bios = lab.target_line(image, "seabios")
    assert lab.target_line(lab.adapted(image), "ovmf") == by_bios


def test_the_targets_initrd_arrives_whole(lab: Lab) -> None:
    image = lab.adapted(lab.legacy("mbr-extlinux"))
    with lab.boot(VirtualMachine((Disk(image, bus="nvme"),)), "initrd") as guest:
        guest.expect(TARGET_LINE, PATIENCE)
        line = guest.expect(f"^{legacy_images.TARGET_LINE}: (.*)\n", PATIENCE)[1]
    assert line == legacy_images.EXTLINUX_COMMAND_LINE


# What tells two sticks apart is in the target's command line.
STICK_SCRIPT = """\
kxs 1
let image = mount (part ${esp.disk} 1)
load (isolinux-entry $image/isolinux/isolinux.cfg) --set stick=NUMBER
exec
"""


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_sticks_the_one_that_was_started_is_used(lab: Lab, first: int) -> None:
    image = lab.legacy("small-isohybrid")
    scripts = [STICK_SCRIPT.replace("NUMBER", number) for number in "01"]
    sticks = [Disk(lab.scripted(image, script)) for script in scripts]
    disks = sticks[first], sticks[1 - first]
    with lab.boot(VirtualMachine(disks), f"two-sticks-{first}") as guest:
        line = guest.expect(TARGET_LINE, PATIENCE)[1]
    assert line.endswith(f" stick={first}")


def test_two_sticks_that_cannot_be_told_apart_are_both_named(lab: Lab) -> None:
    image = lab.adapted(lab.legacy("small-isohybrid"), lab.loader(console="ttyS0"))
    with lab.boot(VirtualMachine((Disk(image), Disk(image))), "same-sticks") as guest:
        guest.expect(r"^error\[KX\d+\]", PATIENCE)
        guest.expect(PROMPT, PATIENCE)
        said = guest.serial.text
    assert "/dev/sda2" in said and "/dev/sdb2" in said
