"""The firmware's own boot entries, and which of them it starts next (UEFI specification 2.10,
section 3.1.3 for `Boot####`, 3.3 for `BootOrder`, `BootCurrent` and `BootNext`)."""

from __future__ import annotations

import os
import re
import struct

from kxsh.errors import NotFound
from kxsh.machine.linux import variables
from kxsh.machine.protocol import FirmwareEntry

_ACTIVE, _HIDDEN = 1, 8
_BY_HAND = "its own menu starts it, too: reboot and press its key (often F12, F11, F8 or Esc)"
_NAME = re.compile(rf"Boot([0-9A-F]{{4}})-{variables.GLOBAL}")


def entries(efivars: str = variables.EFIVARS) -> list[FirmwareEntry]:
    """Return the entries that people may start, in the firmware's order, then the others."""
    variables.reach(efivars)
    found = (_NAME.fullmatch(name) for name in sorted(os.listdir(efivars)))
    numbers = [int(match[1], 16) for match in found if match]
    data = variables.read("BootOrder", efivars)
    order = [number for (number,) in struct.iter_unpack("<H", data[: len(data) // 2 * 2])]
    current, following = _number("BootCurrent", efivars), _number("BootNext", efivars)
    made = []
    for number in sorted(numbers, key=lambda one: (one not in order, _place(order, one), one)):
        option = variables.read(f"Boot{number:04X}", efivars)
        if len(option) < 6:
            continue
        attributes = struct.unpack_from("<I", option)[0]
        if attributes & _ACTIVE and not attributes & _HIDDEN:
            title = option[6:].decode("utf-16-le", "replace").partition("\0")[0]
            made.append(FirmwareEntry(number, title, number == current, number == following))
    return made


def set_next(number: int, efivars: str = variables.EFIVARS) -> None:
    """Let the firmware start this entry once, at the next start."""
    variables.reach(efivars)
    if not variables.read(f"Boot{number:04X}", efivars):
        raise NotFound(f"the firmware has no boot entry {number:04X}")
    doing = f"choosing the firmware's boot entry {number:04X} for the next start"
    variables.write("BootNext", struct.pack("<H", number), doing, efivars, hint=_BY_HAND)


def _place(order: list[int], number: int) -> int:
    return order.index(number) if number in order else len(order)


def _number(name: str, efivars: str) -> int:
    data = variables.read(name, efivars)
    return int.from_bytes(data[:2], "little") if len(data) >= 2 else -1
