"""GRUB's names of disks, ``(hd0,1)/vmlinuz``, in kxsh's words: fingers have habits.

``(hd0)`` is the disk that was booted from, others follow in the kernel's order, as the
readers of GRUB's menus count them; GRUB 2 counts partitions from 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from kxsh.commands.devices import matching
from kxsh.completion.candidates import Candidate
from kxsh.console.words.device_words import describe
from kxsh.console.words.quoting import quoted
from kxsh.machine.protocol import Device, Root
from kxsh.menus.disks import bios_disks, numbered

# Quoted pieces and comments are passed over; a name ends a word, or a path follows it.
_NAMES = re.compile(
    r"""#.*|"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|\((hd\d{1,3}|cd\d?)(?:,(?:[a-z]+)?(\d{1,3}))?\)(?=[/\s)]|$)(/?)"""
)
_SETS = re.compile(r"\s*set\s+\w+=\(")
_BEGUN = re.compile(r"\(((?:hd|cd)[\w,]*)$")


class _Disks:
    """The devices, as `kxsh.menus.disks` asks for them."""

    def __init__(self, devices: Sequence[Device], here: Device | None) -> None:
        self.here = here
        self._devices = devices

    def devices(self) -> Sequence[Device]:
        return self._devices

    def root(self, device: Device) -> Root | None:
        return None


def rewritten(text: str, devices: Callable[[], Sequence[Device]], here: Device | None) -> str:
    """Return a text with GRUB's names of devices that are there as kxsh writes them; what
    names none stays, and so does ``set root=(hd0,1)``, which kxsh has nothing like. `devices` is
    only asked where there is such a name."""
    if _SETS.match(text):
        return text

    def put(match: re.Match[str]) -> str:
        if not match[1] or match[2] == "0":
            return match[0]
        device = _named(match[1], int(match[2] or 0), _Disks(devices(), here))
        return (
            match[0] if device is None else spelled(device, devices()) + (":/" if match[3] else "")
        )

    return _NAMES.sub(put, text)


def spelled(device: Device, devices: Sequence[Device]) -> str:
    """Return a device by what stays the same at the next boot: its label or UUID where no
    other has it; else by its path."""
    for tag in ("label", "uuid", "partuuid"):
        value = str(getattr(device, tag))
        text = quoted(value)
        if text and len(matching(devices, f"{tag.upper()}={value}")) == 1:
            return f"{tag.upper()}={text}"
    return device.path


def candidates(
    text: str, devices: Callable[[], Sequence[Device]], here: Device | None
) -> Iterator[Candidate]:
    """Yield what a name of GRUB's at the end of `text` could become."""
    begun = _BEGUN.search(text)
    if begun is None:
        return
    disks = _Disks(devices(), here)
    for number, disk in enumerate(bios_disks(disks)):
        for device in disks.devices():
            if device.number and (device.disk or device.path) == disk:
                name = f"hd{number},{device.number}"
                if name.startswith(begun[1]):
                    word = spelled(device, disks.devices())
                    yield Candidate(
                        f"{word}:/", begun.start(), f"({name})", f"{word}  {describe(device)}"
                    )


def _named(disk: str, number: int, disks: _Disks) -> Device | None:
    if disk.startswith("cd"):
        found = [one for one in disks.devices() if one.path.startswith("/dev/sr")]
        index = int(disk[2:] or 0)
        return found[index] if index < len(found) else None
    known = bios_disks(disks)
    index = int(disk[2:])
    return numbered(disks, known[index], number) if index < len(known) else None
