"""Which menu is in charge: of one filesystem, of a disk; and which only repeat another's.

What a disk would start by itself cannot be told without its boot sector, which no `Root`
shows. What tells it apart in practice are the files that installing a loader leaves
behind. Where several loaders are installed, the order of `search.READERS` decides: the
BIOS ones of CDs and sticks first, whose images kxsh is for.
"""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.boot.entry import Menu, elsewhere
from kxsh.errors import Failure
from kxsh.machine.protocol import Device, Root
from kxsh.menus import paths
from kxsh.record import replace

# Folders, and files that one of them has when the loader was installed there.
_PROOFS = {
    "isolinux": (
        "/boot/isolinux /isolinux /boot/syslinux /syslinux / /boot/x86_64/loader /boot/loader",
        "isolinux.bin",
    ),
    # The second stage that the installers of SYSLINUX and EXTLINUX leave behind; CDs have none.
    "syslinux": ("/ /boot/syslinux /syslinux /boot/extlinux /extlinux /boot", "ldlinux.sys"),
    "grub2": (
        "/boot/grub /boot/grub2 /grub /grub2",
        "i386-pc/core.img i386-pc/normal.mod x86_64-efi/normal.mod grubenv",
    ),
    "grub-legacy": ("/boot/grub /grub", "stage2"),
    "lilo": ("/boot /", "map"),
    "bls": ("/EFI/systemd /efi/EFI/systemd /boot/EFI/systemd", "systemd-bootx64.efi"),
}
_PROOFS["extlinux"] = _PROOFS["syslinux"]
_EFI_FOLDERS = 64
ESP_TYPES = ("0xef", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b")


def installed(root: Root, kind: str) -> bool:
    """Return whether the loader of a format was installed on a filesystem; never raises."""
    if kind not in _PROOFS:
        return False
    if kind == "isolinux" and installed(root, "syslinux"):
        return False  # a stick that a CD was copied to
    folders, names = _PROOFS[kind]
    beside = [paths.join(folder, name) for folder in folders.split() for name in names.split()]
    if kind == "grub2":
        beside += [f"/EFI/{vendor}/grubx64.efi" for vendor in _vendors(root)]
    return any(_is_file(root, path) for path in beside)


def _vendors(root: Root) -> list[str]:
    try:
        return root.list("/EFI")[:_EFI_FOLDERS]
    except Failure:
        return []


def _is_file(root: Root, path: str) -> bool:
    try:
        facts = paths.find(root, path, any_case=True)
    except Failure:
        return False
    return facts is not None and facts.kind == "file"


# A menu and the device it was read from.
Found = tuple[Device, Menu]


def choose(found: Sequence[Found]) -> list[Found]:
    """Return the menus with the one of each disk that is in charge marked so.

    `found` is in the order of devices, each device's in the order of its loaders. A menu
    on an ESP with its loader comes first, then one with its loader elsewhere, then any
    with entries.
    """
    best: dict[str, tuple[tuple[bool, bool, int], int]] = {}
    for index, (device, menu) in enumerate(found):
        if not menu.entries:
            continue
        esp = device.parttype.lower() in ESP_TYPES and menu.installed
        rank = (not esp, not menu.installed, index)
        disk = device.disk or device.path
        if disk not in best or rank < best[disk][0]:
            best[disk] = rank, index
    chosen = {index for _, index in best.values()}
    return [
        (device, replace(menu, in_charge=index in chosen))
        for index, (device, menu) in enumerate(found)
    ]


def distinct(found: Sequence[Found]) -> list[Found]:
    """Return the menus without those all of whose entries another one lists as well.

    GRUB lists the entry files of the Boot Loader Specification too; and a menu on an ESP
    often only leads to the one of another partition. The one that leads there is kept.
    """
    sources = [_sources(device, menu) for device, menu in found]
    ranks = [
        (len(listed), menu.format != "bls", (device.path, menu.source) not in listed, -index)
        for index, ((device, menu), listed) in enumerate(zip(found, sources, strict=True))
    ]
    return [
        one
        for one, listed, rank in zip(found, sources, ranks, strict=True)
        if not listed
        or not any(
            listed <= other and rank < better for other, better in zip(sources, ranks, strict=True)
        )
    ]


def _sources(device: Device, menu: Menu) -> frozenset[tuple[str, str]]:
    """Return the files that a menu's entries were written in, each with its device."""
    return frozenset(
        elsewhere(entry.source) or (device.path, entry.source) for entry in menu.entries
    )
