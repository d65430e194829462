"""`disks`: what disks there are, what is on them, and what comes and goes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from kxsh.console.keys import Keys
from kxsh.console.tables import NARROW, Row, column_widths, table
from kxsh.errors import Failure
from kxsh.machine.protocol import Device, Machine, Mount
from kxsh.text import cut, display, size, wrap

if TYPE_CHECKING:
    from kxsh.console.terminal import Terminal

# How long a key is waited for before the devices are looked at, in seconds.
_PERIOD = 0.25
_KEPT_CHANGES = 3
# Before a line about the device of the line above.
_BELOW = "    "
_HEADS = ("device", "size", "type", "label", "uuid")


def disk_list(
    devices: Sequence[Device],
    columns: int,
    mounted: Sequence[Mount] = (),
    menus: Mapping[str, Sequence[str]] | None = None,
    shown: Callable[[str], str] = display,
) -> str:
    """Return every device on a line, partitions below their disk; below a line what has no
    column: a disk's model, a UUID that is too long, where it is mounted, its `menus`. `shown` is
    how untrusted text stands on the terminal."""
    if not devices:
        return "no disk is there: is its driver loaded? (`modprobe`, `run dmesg`)"
    rows: list[Row] = [_HEADS]
    for device in _ordered(devices):
        rows.append(tuple(map(shown, _row(device))))
        for text in _below(device, mounted, menus or {}):
            rows += [(_BELOW + line,) for line in wrap(shown(text), columns - 4, "  ")]
    if columns < NARROW:
        rows = [(row[0], row[1], row[3] or row[2]) if len(row) > 1 else row for row in rows]
        rows[0] = ("device", "size", "label/type")
        return table(rows, columns)
    return table(_with_room_for_uuids(rows, columns), columns)


def _row(device: Device) -> Row:
    return (
        device.path if not device.number else f"  {device.path}",
        size(device.size) if device.size else "",
        device.fstype or device.pttype,
        device.label or device.partlabel,
        device.uuid,
    )


def _below(
    device: Device, mounted: Sequence[Mount], menus: Mapping[str, Sequence[str]]
) -> list[str]:
    told = []
    if not device.number:  # what is said of its disk holds for a partition
        parts = (device.model, "removable" if device.removable else "")
        about = ", ".join(filter(None, parts))
        told += [f"disk {about}"] if about else []
    here = [mount for mount in mounted if mount.device.path == device.path]
    told += [f"mounted on {mount.path}, {_mode(mount)}" for mount in here]
    return told + [f"menu {menu}" for menu in menus.get(device.path, ())]


def _with_room_for_uuids(rows: Sequence[Row], columns: int) -> list[Row]:
    """Put a UUID that would be cut on a line of its own: nobody can copy half of one."""
    full = [row for row in rows if len(row) == len(_HEADS)]
    before = sum(column_widths([(*row[:-1], "") for row in full])) + 2 * (len(_HEADS) - 1)
    fitted: list[Row] = []
    for row in rows:
        long = len(row) == len(_HEADS) and before + len(row[-1]) > columns
        fitted += [row[:-1], (f"{_BELOW}UUID={row[-1]}",)] if long else [row]
    return fitted


def _ordered(devices: Sequence[Device]) -> list[Device]:
    """Return the devices with each partition after its own disk."""
    wholes = [device for device in devices if not device.number]
    names = {device.path for device in wholes}
    ordered: list[Device] = []
    for whole in wholes:
        ordered.append(whole)
        ordered += [device for device in devices if device.number and device.disk == whole.path]
    return ordered + [item for item in devices if item.number and item.disk not in names]


def _mode(mount: Mount) -> str:
    return "writable" if mount.writable else "read-only"


def menus_of(machine: Machine) -> dict[str, list[str]]:
    """Return what menus each device has, in words, by its path."""
    from kxsh.menus.search import read_machine_menus

    found: dict[str, list[str]] = {}
    for device, menu in read_machine_menus(machine):
        if menu.format:
            charge = ", in charge" if menu.in_charge else ""
            count = f"{len(menu.entries)} entr{'y' if len(menu.entries) == 1 else 'ies'}"
            told = f"{menu.format} {menu.source}: {count}{charge}"
        else:
            told = f"- cannot be read: {'; '.join(item.message for item in menu.problems)}"
        found.setdefault(device.path, []).append(told)
    return found


def changes(before: Sequence[Device], now: Sequence[Device]) -> list[str]:
    """Return what came, went or is another now, a line each; untrusted."""
    old = {device.path: device for device in before}
    new = {device.path: device for device in now}
    lines = [f"- {path} {_about(device)}" for path, device in old.items() if path not in new]
    lines += [f"+ {path} {_about(device)}" for path, device in new.items() if path not in old]
    return lines + [
        f"~ {path} {_about(device)}"
        for path, device in new.items()
        if path in old and old[path] != device
    ]


def _about(device: Device) -> str:
    facts = (device.model, device.label, device.fstype, size(device.size) if device.size else "")
    return " ".join(filter(None, facts))


class DiskWatch:
    """Shows the disks until a key is pressed, and each change as it happens."""

    def __init__(self, terminal: Terminal, machine: Machine) -> None:
        self._terminal = terminal
        self._machine = machine
        self._devices: list[Device] = []
        self._changes: list[str] = []
        self._drawn = 0

    def run(self) -> None:
        self._devices = self._machine.devices()
        self._draw()
        with Keys(self._terminal.stream_in) as keys:
            while not keys.read(_PERIOD):
                # What happened while a key was waited for counts (`wait_for_change`).
                if self._machine.wait_for_change(self._machine.now()):
                    self._look()
        self._terminal.say("")

    def _look(self) -> None:
        try:
            now = self._machine.devices()
        except Failure as error:
            told = [f"! {error.message}"]
            now = self._devices
        else:
            told = changes(self._devices, now)
        if told:
            clock = time.strftime("%H:%M:%S")
            told = [f"{clock} {display(line)}" for line in told]
            self._changes = [*self._changes, *told][-_KEPT_CHANGES:]
            self._devices = now
            self._draw(told)

    def _draw(self, told: Sequence[str] = ()) -> None:
        """Draw the list in its place; where the cursor cannot move, only what is new."""
        columns, rows = self._terminal.size()
        if not self._terminal.moves_cursor:
            lines = list(told) or [*self._list(columns, rows), "watching; any key ends"]
            self._terminal.say("\n".join(cut(line, columns - 1) for line in lines))
            return
        back = f"\x1b[{self._drawn}A" if self._drawn else ""
        lines = [*self._list(columns, rows), *self._changes, "watching; any key ends"]
        shown = "\n".join(cut(line, columns - 1) for line in lines)
        self._terminal.write(f"\r{back}\x1b[J{shown}")
        self._drawn = len(lines) - 1

    def _list(self, columns: int, rows: int) -> list[str]:
        mounts, shown = self._machine.mounts(), self._terminal.shown
        lines = disk_list(self._devices, columns - 1, mounts, shown=shown).splitlines()
        room = max(2, rows - len(self._changes) - 2)
        if len(lines) > room:  # the disks themselves before what is told of them
            lines = [line for line in lines if not line.startswith(_BELOW)]
        if len(lines) > room:
            lines = [*lines[: room - 1], f"  ... {len(lines) - room + 1} more"]
        return lines
