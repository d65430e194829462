"""Mounts that exist only in a table: which volume's files are at which path."""

from __future__ import annotations

import errno
import itertools
import posixpath

from kxsh.errors import FormatFailure, IoFailure, NotFound
from kxsh.machine.drivers import mounts_as
from kxsh.machine.image.tree import EmptyTree, Node, TreeRoot
from kxsh.machine.image.volume import Volumes
from kxsh.machine.protocol import Device, Mount, Root
from kxsh.text import display


class VirtualMounts:
    """What is mounted where. Fresh directories are ``/mnt/1``, ``/mnt/2``..."""

    def __init__(self, volumes: Volumes) -> None:
        self._volumes = volumes
        self._mounts: list[Mount] = []
        self._nothing = TreeRoot(EmptyTree())
        self._live = _Live(EmptyTree())

    def all(self) -> list[Mount]:
        return list(self._mounts)

    def mount(self, device: Device, where: str, fstype: str, writable: bool) -> Mount:
        volume = self._volumes.find(device)
        known = volume.device.fstype
        if not mounts_as(known, fstype):
            raise FormatFailure(
                f"{device} cannot be mounted: it holds {known}, not {display(fstype)}",
                errno=errno.EINVAL,
            )
        volume.root()
        path = posixpath.normpath("/" + where.lstrip("/")) if where else self._fresh()
        if any(mount.path == path and mount.device == volume.device for mount in self._mounts):
            raise IoFailure(
                f"{device} cannot be mounted: it is mounted on {display(path)} already",
                errno=errno.EBUSY,
            )
        mount = Mount(volume.device, path, known, writable)
        self._mounts.append(mount)
        return mount

    def _fresh(self) -> str:
        taken = {mount.path for mount in self._mounts}
        return next(path for n in itertools.count(1) if (path := f"/mnt/{n}") not in taken)

    def unmount(self, mount: Mount) -> None:
        if mount not in self._mounts:
            raise NotFound(f"nothing is mounted on {display(mount.path)}", errno=errno.EINVAL)
        self._mounts.remove(mount)

    def locate(self, path: str) -> tuple[Root, str]:
        """Return the files of the innermost mount that holds `path`, and the rest of it.

        Outside of every mount there is nothing.
        """
        path = posixpath.normpath("/" + path.lstrip("/"))
        best: Mount | None = None
        for mount in self._mounts:
            inside = path == mount.path or path.startswith(mount.path.rstrip("/") + "/")
            if inside and (best is None or len(mount.path) >= len(best.path)):
                best = mount
        if best is None:
            live = path.split("/")[1] in _RUNNING
            return self._live if live else self._nothing, path
        rest = path[len(best.path.rstrip("/")) :]
        return self._volumes.find(best.device).root(), rest or "/"


# What a running machine's kernel shows as files.
_RUNNING = ("dev", "proc", "sys")


class _Live(TreeRoot):
    """/proc and its like, of which an image knows nothing."""

    def _file(self, path: str) -> Node:
        raise NotFound(
            f"{display(path)} is a running machine's: an image has no such file",
            hint="`read FILE ?` gives null in a rehearsal; `kximage try` boots a machine that"
            " has it",
        )
