"""Files named by a device and a path: ``sda2:/vmlinux``, ``hd:3,/vmlinux``, ``uda0:/k``.

yaboot.conf, kboot.conf and petitboot's own files name devices as Open Firmware, Linux
or the Xbox do. A Linux name, a label and a UUID can be found here; of the others only
a partition's number says something.
"""

from __future__ import annotations

from kxsh.machine.protocol import Device
from kxsh.menus import disks as known
from kxsh.menus import paths
from kxsh.menus.disks import Disks
from kxsh.menus.reading import Reading, number
from kxsh.record import record

_NETWORK = ("enet", "net", "tftp", "tftp6")


@record
class Named:
    """A file as an entry names it. `wrong` says why it cannot be had (empty: it may be)."""

    path: str
    wrong: str = ""


def name_file(
    reading: Reading,
    disks: Disks,
    text: str,
    *,
    device: str = "",
    partition: str = "",
    folder: str = "/",
    line: int = 0,
) -> Named:
    """Return the file that `text` names; `device` and `partition` count where it says none."""
    if paths.is_address(text):
        return Named(text, f"comes from the network: {text}")
    if ":" in text and (text.startswith("/dev/") or not text.startswith("/")):
        device, _, path = text.partition(":")
        part, comma, rest = path.partition(",")
        # Open Firmware: hd:3,/vmlinux; nothing before the comma is the whole disk.
        partition, path = (part, rest) if comma else ("", path)
    else:
        path = text
    path = paths.join(folder, path.replace("\\", "/"))
    if device.rstrip(":") in _NETWORK:
        return Named(path, f"comes from the network: {device}")
    found = _find(disks, device.rstrip(":"), partition.strip())
    if found is not None:
        root = disks.root(found) if known.spell(disks, found, path) != path else None
        if root is not None and not reading.holds(path, root):
            reading.complain(reading.source, line, f"{found.path} has no file {path}")
        return Named(known.spell(disks, found, path))
    if device and disks.devices() and not _foreign(device):
        return Named(path, f"its device {device[:80]}{partition} is not there")
    if not reading.holds(path):
        reading.complain(reading.source, line, f"no file {path}")
    return Named(path)


def _find(disks: Disks, device: str, partition: str) -> Device | None:
    """Return the device meant, None where it cannot be told or is not there."""
    if device and not _foreign(device):
        if partition:
            device = device.rstrip("0123456789") + partition
        spec = known.by_spec(disks, device)
        return spec or known.by_uuid(disks, device) or known.by_label(disks, device)
    wanted = number(partition)
    here = disks.here
    if wanted and here is not None:
        return known.numbered(disks, known.partition_of(here)[0], wanted)
    return None


def _foreign(device: str) -> bool:
    """Return whether a name is the firmware's and says nothing to Linux."""
    first = device.split("@")[0]
    return (
        first in ("hd", "cd", "dvd", "ultra0", "ultra1", "fd")
        or device.startswith(("/pci", "/ht", "/vdevice", "uda", "&"))
        or "@" in device
    )
