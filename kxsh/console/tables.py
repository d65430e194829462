"""Tables for the prompt: what disks there are, and what is mounted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kxsh.console.menu import cells, cut
from kxsh.machine.protocol import Device, Mount
from kxsh.text import display, size

# No cell but the last is wider than this: a label cannot push the others off the screen.
_WIDEST = 32


def table(rows: Iterable[Sequence[str]], columns: int) -> str:
    """Return aligned rows, none longer than `columns`. The last cell of a row may be
    of any length; a row with fewer cells than others ends in such a cell, too."""
    lines = [[display(cell) for cell in row] for row in rows]
    widths = [0] * max(len(line) for line in lines)
    for line in lines:
        for index, cell in enumerate(line[:-1]):
            line[index] = cut(cell, _WIDEST)
            widths[index] = max(widths[index], cells(line[index]))
    return "\n".join(cut(_line(line, widths), columns) for line in lines)


def _line(line: Sequence[str], widths: Sequence[int]) -> str:
    padded = [cell + " " * (width - cells(cell)) for cell, width in zip(line, widths, strict=False)]
    return "  ".join(padded).rstrip()


def disks(devices: Sequence[Device], columns: int) -> str:
    """Return every device on a line, partitions below their disk: a disk with its model,
    a filesystem with its label and UUID."""
    if not devices:
        return "no disk is there: is its driver loaded? (`modprobe`)"
    head = ("device", "size", "type", "label", "uuid")
    return table([head, *(_disk(device) for device in _ordered(devices))], columns)


def _ordered(devices: Sequence[Device]) -> list[Device]:
    """Return the devices with each partition after its own disk."""
    wholes = [device for device in devices if not device.number]
    names = {device.path for device in wholes}
    ordered: list[Device] = []
    for whole in wholes:
        ordered.append(whole)
        ordered += [device for device in devices if device.number and device.disk == whole.path]
    return ordered + [item for item in devices if item.number and item.disk not in names]


def _disk(device: Device) -> tuple[str, ...]:
    if device.number:
        path, facts = "  " + device.path, ""
    else:
        path = device.path
        facts = ", ".join(filter(None, (device.model, "removable" if device.removable else "")))
    row = (path, size(device.size) if device.size else "", device.fstype or device.pttype)
    if device.label or device.uuid or device.partlabel:
        return (*row, device.label or device.partlabel, f"{device.uuid}  {facts}".rstrip())
    return (*row, facts)


def mounts(mounted: Sequence[tuple[Mount, str]], columns: int) -> str:
    """Return every mount with the line that made it, where that is known."""
    if not mounted:
        return "nothing is mounted"
    rows = [
        (mount.path, str(mount.device), mount.fstype, "rw" if mount.writable else "ro",
         mount.device.label, line)
        for mount, line in mounted
    ]  # fmt: skip
    return table([("directory", "device", "type", "", "label", "mounted by"), *rows], columns)
