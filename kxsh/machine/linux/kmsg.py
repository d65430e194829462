"""The kernel's log, by /dev/kmsg (Documentation/ABI/testing/dev-kmsg)."""

from __future__ import annotations

import os
from collections import deque

# Records kept since the first mark; the kernel's own buffer holds about as many.
_KEPT = 4000
_RECORD_LIMIT = 8192


class KernelLog:
    """Messages since a mark. A mark is the sequence number of the next record.

    The device is opened at its end on the first mark, so that nothing older is read.
    A kernel log that cannot be opened (not root) is an empty one.
    """

    def __init__(self, device: str = "/dev/kmsg") -> None:
        self._device = device
        self._descriptor: int | None = None
        self._records: deque[tuple[int, str]] = deque(maxlen=_KEPT)
        self._next = 0

    def mark(self) -> int:
        if self._descriptor is None:
            self._descriptor = self._open(os.SEEK_END)
        self._drain()
        return self._next

    def since(self, mark: int) -> list[str]:
        """Return the kernel's messages after `mark`; all it still has when negative."""
        if mark < 0:
            return self._everything()
        self._drain()
        return [text for number, text in self._records if number >= mark]

    def _everything(self) -> list[str]:
        return [text for _, text in self.timed()]

    def timed(self) -> list[tuple[float, str]]:
        """Return all messages that the kernel still has, each with seconds since it started."""
        descriptor = self._open(os.SEEK_SET)
        if descriptor < 0:
            return []
        try:
            return [(when, text) for _, when, text in _records(descriptor)]
        finally:
            os.close(descriptor)

    def _open(self, whence: int) -> int:
        try:
            descriptor = os.open(self._device, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return -1
        os.lseek(descriptor, 0, whence)
        return descriptor

    def _drain(self) -> None:
        if self._descriptor is None or self._descriptor < 0:
            return
        for number, _, text in _records(self._descriptor):
            self._next = number + 1
            self._records.append((number, text))


def _records(descriptor: int) -> list[tuple[int, float, str]]:
    """Read the kernel's own records (facility 0) that are there now: number, time, text."""
    found: list[tuple[int, float, str]] = []
    while True:
        try:
            record = os.read(descriptor, _RECORD_LIMIT)
        except BrokenPipeError:  # EPIPE: overwritten before we came; the next read goes on
            continue
        except OSError:  # EAGAIN: no more
            return found
        if not record:
            return found
        head, _, text = record.partition(b";")
        fields = head.split(b",")
        if len(fields) < 3 or int(fields[0]) >> 3:
            continue
        line = text.split(b"\n", 1)[0]
        message = _without_secrets(line.decode("utf-8", "replace"))
        found.append((int(fields[1]), int(fields[2]) / 1e6, message))


def _without_secrets(message: str) -> str:
    """Return a message without the hash that the loader's own command line may have."""
    before, found, rest = message.partition("kxsh.password=")
    if not found:
        return message
    return f"{before}{found}...{_without_secrets(rest[len(rest.split(' ')[0]) :])}"
