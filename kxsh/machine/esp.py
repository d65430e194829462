"""The EFI system partition: where the loader, its identity and the script lie.

Removable-media path: UEFI specification 2.10, section 3.5.1.1.
"""

from __future__ import annotations

from contextlib import suppress

from kxsh.errors import Failure
from kxsh.machine.partitions import ESP_GUID, ESP_MBR_TYPE
from kxsh.machine.protocol import Device, Machine, Root

LOADER = "/EFI/BOOT/bootx64.efi"
IDENTITY = "/EFI/BOOT/kxsh.id"
SCRIPTS = ("/EFI/BOOT/boot.kxs", "/boot.kxs")

_FAT = frozenset(("vfat", "msdos"))
_IDENTITY_LIMIT = 256
_IDENTITY_LENGTH = 32


def esp_candidates(machine: Machine) -> list[Device]:
    """Return the FAT filesystems that hold ``EFI/BOOT/bootx64.efi``, in any case.

    Those whose partition says that it is an ESP come first. What is not mounted is
    mounted read-only for the look, and unmounted; what cannot be read is passed over.
    """
    possible = [device for device in machine.devices() if _is_esp(device) or device.fstype in _FAT]
    possible.sort(key=lambda device: not _is_esp(device))
    return [device for device in possible if _has_loader(machine, device)]


def read_identity(root: Root) -> str:
    """Return the 32 hex digits in ``EFI/BOOT/kxsh.id``, empty where there are none."""
    try:
        with root.open(IDENTITY) as file:
            data = file.read(_IDENTITY_LIMIT)
    except (Failure, OSError):
        return ""
    line = data.partition(b"\n")[0].rstrip(b"\r").decode("ascii", "replace")
    valid = len(line) == _IDENTITY_LENGTH and all(digit in "0123456789abcdef" for digit in line)
    return line if valid else ""


def find_script(root: Root) -> str:
    """Return the path of ``boot.kxs`` beside the loader, else at the top, else empty."""
    for path in SCRIPTS:
        found = _file(root, path)
        if found:
            return found
    return ""


def _is_esp(device: Device) -> bool:
    return device.parttype.lower() in (ESP_MBR_TYPE, ESP_GUID)


def _has_loader(machine: Machine, device: Device) -> bool:
    for mount in machine.mounts():
        if mount.device.path == device.path:
            return bool(_file(machine.locate(mount.path)[0], LOADER))
    try:
        mount = machine.mount(device)
    except Failure:
        return False
    try:
        return bool(_file(machine.locate(mount.path)[0], LOADER))
    finally:
        with suppress(Failure):
            machine.unmount(mount)


def _file(root: Root, path: str) -> str:
    """Return the path of a regular file as the disk spells it, or empty."""
    try:
        facts = root.stat(path)
    except Failure:
        return ""
    return facts.path if facts is not None and facts.kind == "file" else ""
