"""Restarting, switching off, and asking the firmware for its set-up screen."""

from __future__ import annotations

import contextlib
import os
import struct

from kxsh.errors import Failure, IoFailure, from_os_error
from kxsh.machine.linux import syscalls

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import NoReturn

_EFIVARS = "/sys/firmware/efi/efivars"
# UEFI specification 2.10, section 8.5.4: OsIndications and its EFI_GLOBAL_VARIABLE GUID.
_GUID = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
# systemd Boot Loader Interface.
_LOADER_GUID = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
_LOADER_LIMIT = 4096
_BOOT_TO_FIRMWARE = 1
# Non-volatile, and accessible while booting and while running.
_ATTRIBUTES = 7
# include/uapi/linux/fs.h
_GET_FLAGS, _SET_FLAGS, _IMMUTABLE = 0x80086601, 0x40086602, 0x10


def restart(command: int) -> NoReturn:
    """Write everything to disk and restart; `command` is one of syscalls' REBOOT values."""
    os.sync()
    doing = "switching off" if command == syscalls.REBOOT_POWER_OFF else "restarting"
    try:
        syscalls.reboot(command)
    except OSError as error:
        raise from_os_error(error, doing) from error
    raise IoFailure(f"{doing}: the kernel did nothing")


def request_firmware_setup(efivars: str = _EFIVARS) -> None:
    """Ask the firmware to show its set-up screen on the next start."""
    if not os.path.isdir(os.path.dirname(efivars)):
        raise IoFailure(
            "this machine did not start by UEFI, so it cannot be told to show its set-up",
            hint="reboot and press the firmware's own key (often Del, F2 or F10)",
        )
    _mount_variables(efivars)
    if not _variable(efivars, "OsIndicationsSupported") & _BOOT_TO_FIRMWARE:
        raise IoFailure(
            "this firmware cannot be told to show its set-up",
            hint="reboot and press the firmware's own key (often Del, F2 or F10)",
        )
    value = _variable(efivars, "OsIndications") | _BOOT_TO_FIRMWARE
    path = f"{efivars}/OsIndications-{_GUID}"
    try:
        _make_changeable(path)
        with open(path, "wb", buffering=0) as file:
            file.write(struct.pack("<IQ", _ATTRIBUTES, value))
    except OSError as error:
        raise from_os_error(error, "asking the firmware for its set-up screen") from error


def loader_partuuid(efivars: str = _EFIVARS) -> str:
    """Return what the stub was told of its own partition; empty where it was not."""
    return loader_variable("LoaderDevicePartUUID", efivars).lower()


def loader_variable(name: str, efivars: str = _EFIVARS) -> str:
    """Return the text of a loader's variable; empty where there is none.

    A variable's file holds 4 bytes of attributes, then UTF-16 text with a NUL.
    """
    try:
        _mount_variables(efivars)
        with open(f"{efivars}/{name}-{_LOADER_GUID}", "rb") as file:
            data = file.read(_LOADER_LIMIT)
    except (OSError, Failure):
        return ""
    return data[4:].decode("utf-16-le", "replace").rstrip("\0")


def set_loader_variable(name: str, text: str, efivars: str = _EFIVARS) -> None:
    """Set a loader's variable; empty text deletes it."""
    path = f"{efivars}/{name}-{_LOADER_GUID}"
    doing = f"setting {name} in the firmware"
    if not os.path.isdir(efivars):
        raise IoFailure(f"{doing}: this machine did not start by UEFI")
    _mount_variables(efivars)
    try:
        _make_changeable(path)
        if not text:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            return
        with open(path, "wb", buffering=0) as file:
            file.write(struct.pack("<I", _ATTRIBUTES) + f"{text}\0".encode("utf-16-le"))
    except OSError as error:
        raise from_os_error(error, doing) from error


def _mount_variables(efivars: str) -> None:
    if os.path.isdir(efivars) and not os.listdir(efivars):
        try:
            syscalls.mount("efivarfs", efivars, "efivarfs", 0, "")
        except OSError as error:
            raise from_os_error(error, "reaching the firmware's variables") from error


def _variable(efivars: str, name: str) -> int:
    """Return the 64-bit value of a variable, 0 where there is none."""
    try:
        with open(f"{efivars}/{name}-{_GUID}", "rb") as file:
            return int.from_bytes(file.read(12)[4:], "little")
    except OSError:
        return 0


def _make_changeable(path: str) -> None:
    """Take away the immutable flag that Linux gives variables it does not know to be safe."""
    import fcntl

    if not os.path.exists(path):
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        flags = struct.unpack("i", fcntl.ioctl(descriptor, _GET_FLAGS, struct.pack("i", 0)))[0]
        fcntl.ioctl(descriptor, _SET_FLAGS, struct.pack("i", flags & ~_IMMUTABLE))
    finally:
        os.close(descriptor)
