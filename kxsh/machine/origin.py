"""Which disk was the loader started from? Proven by the identity that `kximage adapt`
wrote into the loader's command line and beside the script, or by the firmware's word."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.errors import Failure, FormatFailure, NotFound
from kxsh.machine.esp import esp_candidates, read_identity
from kxsh.machine.protocol import Device, Machine
from kxsh.text import duration, stamped

_FAT = frozenset(("vfat", "msdos"))
_SETTLE = 2.0  # seconds for a second candidate to show up
_SILENT = 1.5  # seconds until a person is told what is waited for
_AGAIN = 0.5  # seconds until a partition that could not be read is tried again


def find_origin(
    machine: Machine, identity: str, wait: float, told: Callable[[str], None] = lambda text: None
) -> Device:
    """Return the EFI system partition that this loader came from.

    `identity` is the loader's ``kxsh.id=`` (empty: an unadapted loader; then the
    firmware's LoaderDevicePartUUID counts, else the only ESP with a loader on it).
    Waits up to `wait` seconds for it. `NotFound`, or `FormatFailure` for real doubt,
    with the names of both. `told` hears what is waited for, where that takes long.
    """
    deadline = machine.now() + wait
    notice = _Notice(
        machine, told, f"looking for the disk that we came from (up to {duration(wait)})"
    )
    # A partition is looked into once: superblocks do not change under us.
    seen: dict[str, str] = {}
    partuuid = "" if identity else machine.loader_partuuid()
    if not identity and not partuuid:
        return _only_candidate(machine, deadline, notice)
    while True:
        devices = machine.devices()
        found = _matching(machine, devices, identity, partuuid, seen)
        if len(found) > 1:
            found = _confirmed(machine, found)
        if found:
            return found[0]
        unread = any(device.fstype in _FAT and device.path not in seen for device in devices)
        until = min(deadline, machine.now() + _AGAIN) if unread and identity else deadline
        if not notice.wait_for_change(until) and machine.now() >= deadline:
            raise NotFound(
                "the partition that this loader was started from did not appear in "
                f"{duration(wait)}",
                hint="is its disk still plugged in? `disks` lists what is there",
            )


class _Notice:
    """Waits for changes, and says once what is waited for when that has begun to be long."""

    def __init__(self, machine: Machine, told: Callable[[str], None], text: str) -> None:
        self._machine = machine
        self._told = told
        self._text = text
        self._due: float | None = machine.now() + _SILENT

    def wait_for_change(self, until: float) -> bool:
        """Wait as the machine does."""
        while self._due is not None and self._due < until:
            if self._machine.wait_for_change(self._due):
                return True
            if self._machine.now() >= self._due:
                self._due = None
                self._told(stamped(self._machine.now(), self._text))
        return self._machine.wait_for_change(until)


def _matching(
    machine: Machine, devices: Sequence[Device], identity: str, partuuid: str, seen: dict[str, str]
) -> list[Device]:
    if partuuid:
        return [device for device in devices if device.partuuid.lower() == partuuid]
    if not identity:
        return []
    fat = [device for device in devices if device.fstype in _FAT]
    for device in fat:
        if device.path not in seen:
            found = _identity_of(machine, device)
            if found is not None:
                seen[device.path] = found
    return [device for device in fat if seen.get(device.path) == identity]


def _identity_of(machine: Machine, device: Device) -> str | None:
    """Return the identity on a partition, or None where it could not be looked at yet."""
    try:
        mount = machine.mount(device)
    except Failure:
        return None
    try:
        return read_identity(machine.locate(mount.path)[0])
    finally:
        machine.unmount(mount)


def _confirmed(machine: Machine, found: list[Device]) -> list[Device]:
    """Ask the firmware which of several it was; `FormatFailure` when it does not know."""
    partuuid = machine.loader_partuuid()
    confirmed = [device for device in found if device.partuuid.lower() == partuuid]
    if partuuid and len(confirmed) == 1:
        return confirmed
    raise _doubt(found, "carry the same identity: one is a copy of the other")


def _doubt(found: Sequence[Device], why: str) -> FormatFailure:
    names = " and ".join(str(device) for device in found)
    return FormatFailure(
        f"cannot tell which disk this loader was started from: {names} {why}",
        hint="unplug one of them and start again, or go on by hand at this prompt",
    )


def _only_candidate(machine: Machine, deadline: float, notice: _Notice) -> Device:
    """Without a proof: the only partition with a loader on it, if there is just one.

    Once one is there, the machine is given `_SETTLE` seconds to show another.
    """
    candidates = esp_candidates(machine)
    while machine.now() < deadline:
        settled = min(deadline, machine.now() + _SETTLE) if candidates else deadline
        if not notice.wait_for_change(settled):
            break
        candidates = esp_candidates(machine)
    if len(candidates) > 1:
        raise _doubt(candidates, "both have a boot loader, and this loader carries no identity")
    if not candidates:
        raise NotFound(
            "no EFI system partition with EFI/BOOT/bootx64.efi was found",
            hint="`disks` lists what is there",
        )
    return candidates[0]
