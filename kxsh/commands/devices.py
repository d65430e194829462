"""Finding block devices: findfs, part, devices, wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.commands.context import Context
from kxsh.commands.registry import command
from kxsh.errors import Failure, FormatFailure, NotFound, TimedOut
from kxsh.machine.gone import PLUG_IN, gone_text
from kxsh.machine.protocol import Device, Machine
from kxsh.signature import argument, flag, option, optional
from kxsh.text import display, duration, nearest
from kxsh.units import Duration
from kxsh.values import DEVICE, DURATION, INT, SPEC, STR, Type, split_spec

# How long a device that is not there yet is waited for, unless told.
PATIENCE = Duration(10)


def matching(devices: Sequence[Device], spec: str) -> list[Device]:
    """Return the devices that ``TAG=value`` or a path names; a filesystem that Linux
    shows on a disk and on its first partition alike counts once, as the partition."""
    tag = split_spec(spec)
    if tag is None:
        return [device for device in devices if device.path == spec or spec in device.names]
    name, value = tag
    found = [device for device in devices if _has_tag(device, name, value)]
    return [device for device in found if not _stands_for(device, found)]


def _has_tag(device: Device, name: str, value: str) -> bool:
    actual = device.fstype if name == "TYPE" else getattr(device, name.lower())
    # Labels are compared exactly; identifiers are hexadecimal in either case.
    if name in ("UUID", "PARTUUID"):
        return bool(actual.lower() == value.lower())
    return bool(actual == value)


def _stands_for(disk: Device, found: Sequence[Device]) -> bool:
    """Tell whether `disk` is a whole disk whose filesystem is also that of a partition
    beginning at its first byte, as on isohybrid images."""
    return disk.number == 0 and any(
        other.number and other.disk == disk.path and other.start == 0 for other in found
    )


def wait_for(
    machine: Machine,
    wait: float,
    look: Callable[[list[Device]], list[Device]],
    what: str = "",
) -> list[Device]:
    """Return what `look` finds among the devices, waiting up to `wait` seconds for it.

    Where it is not there within a second, the screen says that `what` is waited for.
    """
    deadline = machine.now() + wait
    silent = min(deadline, machine.now() + 1.0) if what else deadline
    while True:
        found = look(machine.devices())
        if found:
            return found
        if machine.wait_for_change(silent):
            continue
        if silent >= deadline:
            return []
        was = matching(machine.departed(), what)
        told = f"{gone_text(was[0])}; waiting for it" if was else f"waiting for {display(what)}"
        machine.write(f"{told} (Ctrl-C stops)\n")
        silent = deadline


def find(machine: Machine, spec: str, wait: float, disk: str = "") -> Device:
    """Return the one device that `spec` names; `NotFound` after `wait` seconds,
    `FormatFailure` where several match, with their names."""

    def look(devices: list[Device]) -> list[Device]:
        found = matching(devices, spec)
        return [device for device in found if not disk or device.disk == disk]

    if spec.startswith("/dev/") and not matching(machine.devices(), spec):
        _check_kind(machine, spec)
    found = wait_for(machine, wait, look, spec)
    if not found:
        raise _not_found(machine, spec, wait, disk)
    if len(found) > 1:
        raise FormatFailure(
            f"{display(spec)} names {len(found)} filesystems: {', '.join(map(str, found))}",
            hint="name one by UUID=... or PARTUUID=..., or add `--disk DISK`",
        )
    return found[0]


def _check_kind(machine: Machine, path: str) -> None:
    """Raise for what is there and no disk, and never will be: `/dev/null`."""
    try:
        root, inside = machine.locate(path)
        facts = root.stat(inside)
    except Failure:  # this machine does not tell
        return
    if facts is not None and facts.kind != "block":
        what = {"file": "a file", "directory": "a directory"}.get(facts.kind, "another device")
        raise FormatFailure(
            f"{display(path)} is {what}, not a disk or a partition",
            hint=describe(machine.devices()),
        )


def _not_found(machine: Machine, spec: str, wait: float, disk: str) -> NotFound:
    where = f" on {disk}" if disk else ""
    waited = f" (waited {duration(wait)})" if wait else ""
    devices = machine.devices()
    elsewhere = matching(devices, spec) if disk else []
    was = matching(machine.departed(), spec) if not elsewhere else []
    if was and disk in ("", was[0].disk):
        return NotFound(f"{gone_text(was[0])}{waited}", hint=PLUG_IN)
    if elsewhere:
        hint = f"on another disk there is {elsewhere[0]}"
        return NotFound(f"no device {spec}{where}{waited}", hint=hint)
    tag = split_spec(spec)
    known = [_tag_of(device, tag[0]) if tag else device.path for device in devices]
    near = nearest(tag[1] if tag else spec, [name for name in known if name])
    hint = f"did you mean {tag[0] + '=' if tag else ''}{near}?" if near else describe(devices)
    return NotFound(f"no device {spec}{where}{waited}", hint=hint)


def _tag_of(device: Device, tag: str) -> str:
    return device.fstype if tag == "TYPE" else str(getattr(device, tag.lower()))


def describe(devices: Sequence[Device]) -> str:
    """Return one line that names what is there: ``/dev/sda1 vfat KXSH``."""
    if not devices:
        return "no disk is there at all: is its driver loaded? (`modprobe`)"
    named = [
        " ".join(filter(None, (device.path, device.fstype, device.label))) for device in devices
    ]
    more = f" and {len(named) - 8} more" if len(named) > 8 else ""
    return f"there are: {'; '.join(named[:8])}{more}"


@command(
    "findfs",
    argument("spec", SPEC, "LABEL=, UUID=, PARTUUID=, PARTLABEL= or TYPE=, or a device's path"),
    option("wait", DURATION, "how long to wait for it to appear", PATIENCE),
    option("disk", DEVICE, "look on this disk only"),
    returns=DEVICE,
    raises=("not-found", "format"),
    examples=("let d = findfs LABEL=GENTOO\nsay $d", "let d = findfs LABEL=NONE --wait 0s ?"),
)
def findfs(context: Context, spec: str, *, wait: float, disk: Device | None) -> Device:
    """Find the one filesystem that matches.

    Two matches are a failure that names both: a boot must not depend on which disk
    answered first. The device is waited for by events, up to `--wait`. Labels are compared
    to the letter.
    """
    return find(context.machine, spec, wait, (disk.disk or disk.path) if disk else "")


@command(
    "part",
    argument("disk", DEVICE, "the disk, such as ${esp.disk}"),
    argument("number", INT, "the partition's number, from 1"),
    option("wait", DURATION, "how long to wait for it to appear", PATIENCE),
    returns=DEVICE,
    raises=("not-found",),
    examples=("let p = part ${esp.disk} 1\nsay $p",),
)
def part(context: Context, disk: Device, number: int, *, wait: float) -> Device:
    """Return a disk's partition by its number.

    On a disc without a partition table (a CD), partition 1 is the disc itself when it
    holds a filesystem, so that one script serves a stick and a CD of the same image.
    """
    whole = disk.disk or disk.path

    def look(devices: list[Device]) -> list[Device]:
        return [item for item in devices if item.disk == whole and item.number == number]

    found = wait_for(context.machine, 0, look)
    if not found and number == 1:
        found = [
            item
            for item in context.machine.devices()
            if item.path == whole and item.fstype and not item.number
        ]
    if not found:
        found = wait_for(context.machine, wait, look)
    if not found:
        there = [
            f"{item.number} ({item.path})"
            for item in context.machine.devices()
            if item.disk == whole and item.number
        ]
        hint = f"its partitions: {', '.join(there)}" if there else "it has no partitions"
        raise NotFound(f"{whole} has no partition {number}", hint=hint)
    return found[0]


@command(
    "devices",
    flag("with-filesystem", "only those that hold a known filesystem"),
    flag("removable", "only those on removable disks"),
    option("type", STR, "only this filesystem type, such as vfat"),
    option("except", DEVICE, "leave this one out"),
    returns=Type("list", item=DEVICE),
    raises=("not-found",),
    examples=("for d in devices --with-filesystem { say $d }",),
)
def devices(
    context: Context,
    *,
    with_filesystem: bool,
    removable: bool,
    type: str | None,
    **excepted: Device | None,
) -> list[Device]:
    """List the block devices that are there now: each disk, then its partitions."""
    left_out = excepted["except"]
    found = [
        device
        for device in context.machine.devices()
        if (not with_filesystem or device.fstype)
        and (not removable or device.removable)
        and (type is None or device.fstype == type)
        and (left_out is None or device.path != left_out.path)
    ]
    return [device for device in found if not with_filesystem or not _stands_for(device, found)]


@command(
    "wait",
    optional("spec", SPEC, "what to wait for, such as LABEL=DATA; left out: any new device"),
    option("timeout", DURATION, "how long at most", Duration(30)),
    returns=DEVICE.or_null(),
    raises=("timeout",),
    effects=("block",),
    examples=("wait LABEL=GENTOO --timeout 5s",),
)
def wait(context: Context, spec: str | None, *, timeout: float) -> Device | None:
    """Wait until a device appears; events end the wait, not a clock.

    A device that is there already is given at once. One that does not come in time is a
    failure of class timeout. Without SPEC the result is null: look at `devices` then.
    """
    machine = context.machine
    if spec is None:
        if machine.wait_for_change(machine.now() + timeout):
            return None
        raise TimedOut(f"no new device came in {duration(timeout)}")
    wanted = spec
    found = wait_for(machine, timeout, lambda devices: matching(devices, wanted))
    if not found:
        raise TimedOut(
            f"{spec} did not appear in {duration(timeout)}", hint=describe(machine.devices())
        )
    return found[0]
