"""Mounting and unmounting, and which mount a path lies on."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

from kxsh.errors import Failure, NotFound, from_os_error
from kxsh.machine.gone import Watched
from kxsh.machine.linux import syscalls
from kxsh.machine.linux.filesystems import (
    IGNORES_CASE,
    KERNEL_NAMES,
    TABLES,
    check_mountable,
    mount_data,
    mount_failure,
    mount_flags,
)
from kxsh.machine.linux.kmsg import KernelLog
from kxsh.machine.linux.loop import window
from kxsh.machine.linux.modules import Modules
from kxsh.machine.linux.presence import is_gone
from kxsh.machine.protocol import Device, Mount, Root
from kxsh.machine.root import DirectoryRoot
from kxsh.text import display

_LOG_LINES = 20


class Mounts:
    """What was mounted here. Fresh directories are made below `directory`."""

    def __init__(self, directory: str, log: KernelLog, modules: Modules) -> None:
        self._directory = directory
        self._log = log
        self._modules = modules
        self._mounts: list[Mount] = []
        self._fresh: set[str] = set()
        self._number = 0

    def all(self) -> list[Mount]:
        return list(self._mounts)

    def points(self) -> list[str]:
        return [directory for directory, _, _, _ in _table()]

    def reread(self, before: Sequence[str], devices: Callable[[], list[Device]]) -> list[Mount]:
        """Forget what is not mounted any more, and take up what is new (`Machine`)."""
        table = _table()
        there = {directory for directory, _, _, _ in table}
        self._mounts = [mount for mount in self._mounts if mount.path in there]
        known = {mount.path for mount in self._mounts} | set(before)
        added = [row for row in table if row[0] not in known and row[1].startswith("/dev/")]
        if not added:
            return []
        by_path = {name: device for device in devices() for name in (device.path, *device.names)}
        new = [
            Mount(by_path[source], directory, fstype, writable)
            for directory, source, fstype, writable in added
            if source in by_path
        ]
        self._mounts += new
        return new

    def locate(self, path: str) -> tuple[Root, str]:
        """Return the root of the innermost mount that holds `path`, and the rest of it."""
        path = os.path.normpath("/" + path.lstrip("/")) if ".." in path else path
        best = self._holding(path)
        if best is None:
            return DirectoryRoot("/"), path
        rest = path[len(best.path.rstrip("/")) :]
        root = DirectoryRoot(best.path, best.fstype in IGNORES_CASE)
        device = best.device
        return Watched(root, device, lambda: self._is_gone(device)), rest or "/"

    def check(self, path: str, cause: Exception) -> None:
        """Raise what says that the disk which holds `path` is gone, where it is."""
        root, _ = self.locate(path)
        if isinstance(root, Watched):
            root.check(cause)

    def _is_gone(self, device: Device) -> bool:
        def holder(path: str) -> Device | None:
            mount = self._holding(path)
            return mount.device if mount else None

        return is_gone(device, holder)

    def _holding(self, path: str) -> Mount | None:
        best: Mount | None = None
        for mount in self._mounts:
            inside = path == mount.path or path.startswith(mount.path.rstrip("/") + "/")
            if inside and (best is None or len(mount.path) >= len(best.path)):
                best = mount
        return best

    @contextmanager
    def writable(self, path: str) -> Iterator[tuple[str, str]]:
        """Give the directory of the mount that holds `path`, and the rest of the path, on
        a filesystem that can be written to until this ends."""
        mount = self._holding(path)
        if mount is None:
            yield "/", path
            return
        inner = path[len(mount.path.rstrip("/")) :]
        if mount.writable:
            yield mount.path, inner
            return
        self._remount(mount, writable=True)
        try:
            yield mount.path, inner
        finally:
            with suppress(Failure):  # all is written and synced by then
                self._remount(mount, writable=False)

    def _remount(self, mount: Mount, *, writable: bool) -> None:
        flags = mount_flags([], writable)[0] | syscalls.MS_REMOUNT
        try:
            syscalls.mount("", mount.path, "", flags, "")
        except OSError as error:
            if error.errno == errno.EACCES:  # so says the kernel of a protected block device
                error = OSError(errno.EROFS, os.strerror(errno.EROFS))
            device = display(str(mount.device))
            failure = from_os_error(error, f"making {device} writable")
            failure.hint = "a switch on the medium may protect it; else mount it with --rw"
            raise failure from error

    def mount(
        self, device: Device, where: str, fstype: str, options: Sequence[str], writable: bool
    ) -> Mount:
        check_mountable(device, fstype or device.fstype)
        mark = self._log.mark()
        target = where or self._fresh_directory()
        try:
            if where:
                os.makedirs(where, exist_ok=True)
            with self._source(device, writable) as source:
                found = self._try(device, source, target, fstype, list(options), writable, mark)
        except Failure as failure:
            self._drop_directory(target)
            if failure.errno == errno.EBUSY:
                failure.hint = self._where_busy(device) or failure.hint
            raise
        except OSError as error:
            self._drop_directory(target)
            raise mount_failure(device, fstype, error.errno or 0, self._lines(mark)) from error
        mount = Mount(device, target, found, writable, tuple(options))
        self._mounts.append(mount)
        return mount

    def _where_busy(self, device: Device) -> str:
        """Return what to do about a device that is mounted already, where that is here."""
        for mount in self._mounts:
            if mount.device.path == device.path:
                return (
                    f"it is mounted on {display(mount.path)}: `umount {display(mount.path)}` first"
                )
        return ""

    def unmount(self, mount: Mount) -> None:
        """Unmount; what is busy goes away as soon as its last user does."""
        try:
            syscalls.umount(mount.path)
        except OSError as error:
            if error.errno == errno.EBUSY:
                self._detach(mount)
            elif error.errno == errno.EINVAL:
                self._forget(mount)
                raise NotFound(f"nothing is mounted on {display(mount.path)}") from error
            else:
                raise from_os_error(error, f"unmounting {display(mount.path)}") from error
        self._forget(mount)
        self._drop_directory(mount.path)

    def _forget(self, mount: Mount) -> None:
        """Forget one mount: another on the same directory, of the same device, is there yet."""
        for index in reversed(range(len(self._mounts))):
            if self._mounts[index] == mount:
                del self._mounts[index]
                return

    def _detach(self, mount: Mount) -> None:
        try:
            syscalls.umount(mount.path, syscalls.MNT_DETACH)
        except OSError as error:
            raise from_os_error(error, f"unmounting {display(mount.path)}") from error

    def _try(
        self,
        device: Device,
        source: str,
        target: str,
        fstype: str,
        options: list[str],
        writable: bool,
        mark: int,
    ) -> str:
        """Mount with the first type and options that work; return the type."""
        flags, own = mount_flags(options, writable)
        known = fstype or device.fstype
        types = [KERNEL_NAMES.get(known, known)] if known else _kernel_types()
        number = errno.EINVAL
        for name in types:
            for data in mount_data(name, own, writable):
                number = self._mount(source, target, name, flags, data)
                if number == 0:
                    return name
                if number not in (errno.EINVAL, errno.ENODEV):
                    break
        raise mount_failure(device, known, number, self._lines(mark))

    def _mount(self, source: str, target: str, name: str, flags: int, data: str) -> int:
        """Return 0 or the error's number; modules that are missing are loaded once."""
        number = _call_mount(source, target, name, flags, data)
        if number == errno.ENODEV and self._modules.load_any(name, f"fs-{name}"):
            number = _call_mount(source, target, name, flags, data)
        if number == errno.EINVAL and self._modules.load_any(*TABLES.get(name, ())):
            number = _call_mount(source, target, name, flags, data)
        return number

    @contextmanager
    def _source(self, device: Device, writable: bool) -> Iterator[str]:
        """Give the node to mount. A loop device shows a partition that has none, and a disk
        of which a partition is mounted: the kernel would call it busy, although an image of
        grub-mkrescue has its files there and nowhere else."""
        if not writable and self._partly_mounted(device):
            if not os.path.exists("/dev/loop-control"):
                self._modules.load("loop")
            with window(device.path, 0, 0) as loop:
                yield loop
        elif os.path.exists(device.path) or not device.disk or device.disk == device.path:
            yield device.path
        elif device.start == 0:
            yield device.disk
        else:
            if not os.path.exists("/dev/loop-control"):
                self._modules.load("loop")
            with window(device.disk, device.start, device.size) as loop:
                yield loop

    def _partly_mounted(self, device: Device) -> bool:
        return not device.number and any(
            mount.device.number and mount.device.disk == device.path for mount in self._mounts
        )

    def _fresh_directory(self) -> str:
        taken = {mount.path for mount in self._mounts}  # a script may name one of ours
        while True:
            self._number += 1
            path = f"{self._directory}/{self._number}"
            if path not in taken:
                break
        try:
            os.makedirs(path, mode=0o700, exist_ok=True)
        except OSError as error:
            raise from_os_error(error, f"making {display(path)}") from error
        self._fresh.add(path)
        return path

    def _drop_directory(self, path: str) -> None:
        if path in self._fresh:
            self._fresh.discard(path)
            try:
                os.rmdir(path)
            except OSError:  # still busy: an empty directory in memory does no harm
                return

    def _lines(self, mark: int) -> list[str]:
        return self._log.since(mark)[-_LOG_LINES:]


def _call_mount(source: str, target: str, name: str, flags: int, data: str) -> int:
    try:
        syscalls.mount(source, target, name, flags, data)
    except OSError as error:
        return error.errno or errno.EIO
    return 0


def _kernel_types() -> list[str]:
    """Return the disk filesystems that the kernel knows now."""
    with open("/proc/filesystems", encoding="ascii") as file:
        return [line.strip() for line in file if not line.startswith("nodev")]


def _table() -> list[tuple[str, str, str, bool]]:
    """Return directory, source, type and whether it is writable of each mount (proc(5))."""
    found: list[tuple[str, str, str, bool]] = []
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            first, _, second = line.rstrip("\n").partition(" - ")
            own, filesystem = first.split(" "), second.split(" ")
            if len(own) > 5 and len(filesystem) > 1:
                writable = "rw" in own[5].split(",")
                found.append((_plain(own[4]), _plain(filesystem[1]), filesystem[0], writable))
    return found


def _plain(text: str) -> str:
    """Return a field of mountinfo without its octal escapes."""
    if "\\" not in text:
        return text
    import re

    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
