"""Devices as words: LABEL=, UUID=, paths, and the numbers of a disk's partitions."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.commands.devices import matching
from kxsh.completion.candidates import Candidate, begins
from kxsh.completion.position import Call, Position
from kxsh.console.words.places import Places
from kxsh.console.words.quoting import expanded, quoted, unquoted
from kxsh.interpreter.scope import Scope
from kxsh.machine.protocol import Device
from kxsh.text import size
from kxsh.values import TAGS


def specs(position: Position, places: Places, end: str = " ") -> Iterator[Candidate]:
    """Yield devices by tag and by path, each followed by `end`."""
    tag, equals, typed = position.word.partition("=")
    if equals and tag in TAGS:
        yield from _values(position, places, tag, typed, end)
    elif position.word.startswith("/"):
        for device in places.devices():
            if begins(device.path, position.word):
                yield Candidate(device.path + end, position.start, device.path, describe(device))
    else:
        present = [name for name in TAGS if any(tag_of(one, name) for one in places.devices())]
        for name in present:
            if begins(name, position.word):
                yield Candidate(name + "=", position.start, name + "=", "a filesystem's tag")
        if not position.word and places.devices():
            yield Candidate("/dev/", position.start, "/dev/", "a device by its path")


def kernel_devices(typed: str, start: int, places: Places) -> Iterator[Candidate]:
    """Yield devices as a kernel's ``root=`` names them; it knows no quotes."""
    position = Position(typed, start, None, False, "")
    for one in specs(position, places, ""):
        if one.text != "TYPE=" and not one.text.startswith(("'", '"')):
            yield one


def _values(
    position: Position, places: Places, tag: str, typed: str, end: str
) -> Iterator[Candidate]:
    start = position.start + len(tag) + 1
    for device in places.devices():
        value = tag_of(device, tag)
        text = quoted(value)
        if text and begins(value, unquoted(typed)):
            yield Candidate(text + end, start, f"{tag}={value}", describe(device))


def tag_of(device: Device, tag: str) -> str:
    """Return the value of LABEL, UUID, PARTUUID, PARTLABEL or TYPE; empty without one."""
    return device.fstype if tag == "TYPE" else str(getattr(device, tag.lower()))


def describe(device: Device) -> str:
    """Return the second column of a list: size, type, label, where."""
    parts = [size(device.size) if device.size else "", device.fstype, device.label]
    where = f"on {device.disk}" if device.number else device.model
    return " ".join(filter(None, (*parts, where)))


def numbers(position: Position, call: Call, places: Places, scope: Scope) -> Iterator[Candidate]:
    """Yield the partition numbers of the disk that stands first in ``part DISK``."""
    disk = expanded(call.arguments[0], scope) if call.arguments else None
    if disk is None:
        return
    named = matching(places.devices(), disk)
    whole = (named[0].disk or named[0].path) if named else disk
    for device in places.devices():
        number = str(device.number)
        if device.number and device.disk == whole and begins(number, position.word):
            yield Candidate(
                number + " ", position.start, number, f"{device.path} {_content(device)}"
            )


def _content(device: Device) -> str:
    return " ".join(filter(None, (size(device.size), device.fstype, device.label)))
