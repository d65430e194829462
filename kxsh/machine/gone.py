"""A disk that was pulled: what is said of it, and who notices.

A filesystem whose disk is gone stays mounted. What the kernel remembers of it can still be
read, and all the rest looks as if it had never been there: the failure is the disk's, and
no file is missing.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from kxsh.errors import Failure, IoFailure
from kxsh.machine.protocol import CONFIG_LIMIT, Device, FileFacts, Mount, Root
from kxsh.text import display

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any, BinaryIO

PLUG_IN = "plug it in again, then retry"
MOUNT_AGAIN = f"{PLUG_IN} (`retry --whole`: it has to be mounted anew)"


def named(device: Device) -> str:
    """Return a device as people know it: by its label, else by its model, with its node."""
    if device.label:
        return display(f"LABEL={device.label} ({device.path})")
    return display(f"{device.path} ({device.model})" if device.model else device.path)


def gone_text(device: Device) -> str:
    """Return the sentence that says that a disk was pulled; where a line is cut, the reason
    stays."""
    return f"a disk is gone: {named(device)}"


def with_names(text: str, mounts: Sequence[Mount]) -> str:
    """Return text for people: paths below directories that kxsh picked for mounts say the
    disk, as scripts do (``LABEL=GENTOO:/vmlinuz``)."""
    for mount in mounts:
        above, _, name = mount.path.rpartition("/")
        if above.endswith("/mnt") and name.isdecimal():
            device = mount.device
            disk = f"LABEL={device.label}" if device.label else device.path
            text = text.replace(f"{mount.path} is {named(device)}", "")  # a hint that says no more
            text = text.replace(f"{mount.path}/", f"{disk}:/")
    return text


class Watched:
    """The files of a mounted `device`; where it is gone (`is_gone`), a failure says that.

    It is asked for only after something was not found, so that a look costs no more.
    """

    def __init__(self, inner: Root, device: Device, is_gone: Callable[[], bool]) -> None:
        self.inner = inner
        self.ignores_case = inner.ignores_case
        self._device = device
        self._is_gone = is_gone

    def stat(self, path: str) -> FileFacts | None:
        found: FileFacts | None = self._tell(self.inner.stat, path)
        if found is None:
            self.check()
        return found

    def read(self, path: str, limit: int = CONFIG_LIMIT) -> bytes:
        data: bytes = self._tell(self.inner.read, path, limit)
        return data

    def open(self, path: str) -> BinaryIO:
        stream: BinaryIO = self._tell(self.inner.open, path)
        return _Stream(stream.detach(), self) if isinstance(stream, io.BufferedReader) else stream

    def check(self, cause: Exception | None = None) -> None:
        """Raise what says that the disk is gone, where it is."""
        if self._is_gone():
            number = getattr(cause, "errno", None)
            raise IoFailure(gone_text(self._device), hint=MOUNT_AGAIN, errno=number) from cause

    def _tell(self, look: Callable[..., Any], *words: object) -> Any:
        try:
            return look(*words)
        except Failure as failure:
            self.check(failure)
            raise

    def list(self, path: str) -> list[str]:
        found: list[str] = self._tell(self.inner.list, path)
        return found


class _Stream(io.BufferedReader):
    """An open file of a disk that may go while it is read."""

    def __init__(self, raw: io.RawIOBase, root: Watched) -> None:
        super().__init__(raw)
        self._root = root

    def read(self, size: int | None = -1, /) -> bytes:
        try:
            return super().read(size)
        except OSError as error:
            self._root.check(error)
            raise

    def readinto(self, buffer: Any, /) -> int:
        try:
            return super().readinto(buffer)
        except OSError as error:
            self._root.check(error)
            raise
