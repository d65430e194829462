"""Devices on top of others: LUKS containers, LVM volumes, MD arrays, disk images.

What the kernel alone cannot set up is done by cryptsetup(8), lvm(8) and mdadm(8). All of
them look for udev by themselves; where none runs, they make their nodes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from kxsh.errors import (
    Denied,
    Failure,
    FormatFailure,
    IoFailure,
    NotFound,
    VerifyFailure,
    from_os_error,
)
from kxsh.machine.linux import loop, programs
from kxsh.machine.linux.devices import BlockDevices
from kxsh.machine.linux.modules import Modules
from kxsh.machine.protocol import Completed, Device, Opened, Root
from kxsh.text import display

# Deriving a key may be made slow on purpose; reading metadata waits for sleeping disks.
_PATIENCE = 180.0
# How long a device may take from the tool's success to the kernel's list, in seconds.
_APPEARING = 5.0
_UDEV = "/run/udev/control"

_LVM_ALONE = (
    "activation/udev_sync=0 activation/udev_rules=0 devices/obtain_device_list_from_udev=0 "
    'devices/external_device_info_source="none"'
)
_LVM_ALWAYS = "devices/use_devicesfile=0 global/event_activation=0 backup/backup=0 backup/archive=0"


class Layers:
    """Opens and closes them. Configurations are written below `runtime`."""

    def __init__(self, devices: BlockDevices, modules: Modules, runtime: str) -> None:
        self._devices = devices
        self._modules = modules
        self._runtime = runtime
        self._loops: dict[str, int] = {}

    def close(self, opened: Opened) -> None:
        """Close what was opened; what is still in use is an `IoFailure`."""
        if opened.kind == "luks":
            self._tool("cryptsetup", "luks", ["close", opened.name], f"closing {opened.name}")
        elif opened.kind == "volumes":
            self._lvm(["vgchange", "--activate", "n", opened.name], f"closing {opened.name}")
        elif opened.kind == "arrays":
            for device in reversed(opened.devices):
                self._tool("mdadm", "md", ["--stop", device.path], f"stopping {device}")
        elif opened.kind == "loop":
            os.close(self._loops.pop(opened.name))

    # -- LUKS

    def open_luks(self, device: Device, name: str, key: bytes) -> Opened:
        """Open a LUKS container as /dev/mapper/`name`."""
        self._modules.load_any("dm_mod", "dm_crypt")
        argv = ["open", "--type", "luks", "--tries", "1", "--key-file", "-", device.path, name]
        done = self._run("cryptsetup", "luks", argv, key)
        if done.status:
            raise _luks_failure(device, name, done)
        return Opened("luks", name, (self._appeared(f"/dev/mapper/{name}"),))

    # -- LVM

    def activate_volumes(self, group: str) -> Opened:
        """Make the logical volumes of a volume group appear, as /dev/GROUP/NAME."""
        self._modules.load_any("dm_mod")
        before = self._volumes(group)
        done = self._run("lvm", "lvm", _lvm_words(["vgchange", "--activate", "y", group]))
        if done.status:
            raise self._lvm_failure(group, done)
        devices = self._wait(lambda: self._volumes(group))
        if not devices:
            raise NotFound(f"the volume group {display(group)} has no volume to activate")
        return Opened("borrowed" if before == devices else "volumes", group, devices)

    def _volumes(self, group: str) -> tuple[Device, ...]:
        prefix = f"/dev/{group}/"
        return tuple(
            device
            for device in self._devices.look()
            if any(name.startswith(prefix) for name in device.names)
        )

    def _lvm(self, words: list[str], doing: str) -> None:
        self._tool("lvm", "lvm", _lvm_words(words), doing)

    def _lvm_failure(self, group: str, done: Completed) -> Failure:
        listed = self._run("lvm", "lvm", _lvm_words(["vgs", "--noheadings", "-o", "vg_name"]))
        lines = listed.output.splitlines() if listed.status == 0 else []
        groups = [line.strip() for line in lines if len(line.split()) == 1]
        if group in groups:
            return _failed(f"activating {display(group)}", done)
        there = f"there are: {', '.join(map(display, groups))}" if groups else "there is none"
        return NotFound(
            f"there is no volume group {display(group)}",
            hint=f"{there}; an encrypted disk is opened first, with luks-open",
        )

    # -- MD

    def assemble_arrays(self, members: Sequence[Device]) -> Opened:
        """Assemble the arrays that the members (none: all partitions and disks) belong to.

        An array that lacks a member runs without it. Nothing is written to the members
        until something writes to the array.
        """
        self._modules.load_any("md_mod", "linear", "raid0", "raid1", "raid10", "raid456")
        _start_read_only()
        before = self._arrays()
        named = " ".join(member.path for member in members) or "partitions"
        path = self._configuration("mdadm.conf", f"DEVICE {named}\nHOMEHOST <ignore>\nAUTO all\n")
        done = self._run("mdadm", "md", ["--assemble", "--scan", "--run", "--config", path])
        made = tuple(device for device in self._arrays() if device not in before)
        if made:
            return Opened("arrays", "+".join(device.path for device in made), made)
        if before and not members:
            return Opened("borrowed", "arrays", before)
        where = " ".join(member.path for member in members) or "any disk"
        if "No arrays found" in done.output or not done.output.strip():
            raise NotFound(f"there is no array on {where}", hint="`devices` lists what is there")
        raise _failed(f"assembling arrays of {where}", done)

    def _arrays(self) -> tuple[Device, ...]:
        return tuple(item for item in self._devices.look() if item.path.startswith("/dev/md"))

    # -- disk images

    def open_loop(self, root: Root, path: str, shown: str) -> Opened:
        """Show an image file below `root` as a read-only disk with its partitions."""
        if not os.path.exists("/dev/loop-control"):
            self._modules.load("loop")
        with root.open(path) as file:
            try:
                name, descriptor = loop.attach(file.fileno())
            except OSError as error:
                raise from_os_error(error, f"opening {display(shown)} as a disk") from error
        self._loops[name] = descriptor
        try:
            self._appeared(name)
        except Failure:
            os.close(self._loops.pop(name))
            raise
        devices = tuple(item for item in self._devices.look() if item.disk == name)
        return Opened("loop", name, devices)

    # -- tools

    def _run(
        self, program: str, feature: str, words: Sequence[str], given: bytes = b""
    ) -> Completed:
        try:
            environment = {"LC_ALL": "C.UTF-8", "LVM_SUPPRESS_FD_WARNINGS": "1"}
            if not os.path.exists(_UDEV):
                environment["DM_DISABLE_UDEV"] = "1"
            return programs.run(
                [program, *words],
                capture=True,
                timeout=_PATIENCE,
                given=given,
                environment=environment,
            )
        except NotFound as error:
            raise programs.missing(program, feature) from error

    def _tool(self, program: str, feature: str, words: Sequence[str], doing: str) -> None:
        done = self._run(program, feature, words)
        if done.status:
            raise _failed(doing, done)

    def _configuration(self, name: str, text: str) -> str:
        path = f"{self._runtime}/{name}"
        try:
            os.makedirs(self._runtime, mode=0o700, exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise from_os_error(error, f"writing {path}") from error
        return path

    def _appeared(self, path: str) -> Device:
        found = self._wait(
            lambda: tuple(item for item in self._devices.look() if item.path == path)
        )
        if not found:
            raise IoFailure(f"{display(path)} was opened, but the kernel does not show it")
        return found[0]

    def _wait(self, look: Callable[[], tuple[Device, ...]]) -> tuple[Device, ...]:
        import time

        deadline = time.monotonic() + _APPEARING
        while not (found := look()):
            left = deadline - time.monotonic()
            if left <= 0:
                break
            self._devices.wait(left)
        return found


def _lvm_words(words: list[str]) -> list[str]:
    alone = "" if os.path.exists(_UDEV) else f" {_LVM_ALONE}"
    return [words[0], "--config", _LVM_ALWAYS + alone, *words[1:]]


def _start_read_only() -> None:
    try:
        with open("/sys/module/md_mod/parameters/start_ro", "w", encoding="ascii") as file:
            file.write("1")
    except OSError:  # no md at all: mdadm will say so
        return


def _luks_failure(device: Device, name: str, done: Completed) -> Failure:
    """Return cryptsetup's exit status in words: cryptsetup(8), "RETURN CODES"."""
    if done.status == 2:
        return VerifyFailure(f"this passphrase or key does not open {device}")
    if done.status == 5:
        return IoFailure(
            f"{device} cannot be opened as {display(name)}: the name or the device is in use",
            hint="choose another --name, or look at /dev/mapper",
        )
    return _failed(f"opening {device}", done)


def _failed(doing: str, done: Completed) -> Failure:
    """Return the failure for a tool that ended badly, with its last words."""
    said = [display(line.strip()) for line in done.output.splitlines() if line.strip()]
    text = " ".join(said).lower()
    kind: type[Failure] = IoFailure
    if "permission denied" in text or "not permitted" in text or "must be root" in text:
        kind = Denied
    elif "not a valid luks" in text or "no valid" in text:
        kind = FormatFailure
    last = f": {said[-1]}" if said else f" (status {done.status})"
    return kind(f"{doing} failed{last}", tried=[f"it said: {line}" for line in said[-3:]])
