"""Restarting, switching off, and asking the firmware for its set-up screen."""

from __future__ import annotations

import struct

from kxsh.errors import Failure, IoFailure, from_os_error
from kxsh.machine.linux import syscalls, variables

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import NoReturn

# The variables of systemd's Boot Loader Interface.
_LOADER = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
_BOOT_TO_FIRMWARE = 1
_BY_HAND = "reboot and press the firmware's own key (often Del, F2 or F10)"


def restart(command: int) -> NoReturn:
    """Restart at once; `command` is one of syscalls' REBOOT values. To write everything to
    disk before, as long as that may take, is the caller's."""
    doing = "switching off" if command == syscalls.REBOOT_POWER_OFF else "restarting"
    try:
        syscalls.reboot(command)
    except OSError as error:
        raise from_os_error(error, doing) from error
    raise IoFailure(f"{doing}: the kernel did nothing")


def request_firmware_setup(efivars: str = variables.EFIVARS) -> None:
    """Ask the firmware to show its set-up screen on the next start (UEFI specification 2.10,
    section 8.5.4: OsIndications)."""
    variables.reach(efivars, hint=_BY_HAND)
    supported = int.from_bytes(variables.read("OsIndicationsSupported", efivars)[:8], "little")
    if not supported & _BOOT_TO_FIRMWARE:
        raise IoFailure("this firmware cannot be told to show its set-up", hint=_BY_HAND)
    value = int.from_bytes(variables.read("OsIndications", efivars)[:8], "little")
    data = struct.pack("<Q", value | _BOOT_TO_FIRMWARE)
    doing = "asking the firmware for its set-up screen"
    variables.write("OsIndications", data, doing, efivars, hint=_BY_HAND)


def loader_partuuid(efivars: str = variables.EFIVARS) -> str:
    """Return what the stub was told of its own partition; empty where it was not."""
    return loader_variable("LoaderDevicePartUUID", efivars).lower()


def loader_variable(name: str, efivars: str = variables.EFIVARS) -> str:
    """Return the text of a loader's variable, which is UTF-16 with a NUL; empty where there
    is none."""
    try:
        variables.reach(efivars)
    except Failure:
        return ""
    return variables.read(name, efivars, _LOADER).decode("utf-16-le", "replace").rstrip("\0")


def set_loader_variable(name: str, text: str, efivars: str = variables.EFIVARS) -> None:
    """Set a loader's variable; empty text deletes it."""
    doing = f"setting {name} in the firmware"
    variables.reach(efivars)
    if text:
        variables.write(name, f"{text}\0".encode("utf-16-le"), doing, efivars, _LOADER)
    else:
        variables.delete(name, doing, efivars, _LOADER)
