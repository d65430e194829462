"""Where a path of an installed system lies, when its /boot is a filesystem of its own.

LILO and its like write paths as the running system saw them; fstab(5) on the same
filesystem says what was mounted where.
"""

from __future__ import annotations

from kxsh.machine.protocol import Root
from kxsh.menus import disks as known
from kxsh.menus.disks import Disks
from kxsh.menus.reading import Reading

_LINES = 512


class System:
    """Finds files by the paths that an installed system knows them by."""

    def __init__(self, reading: Reading, disks: Disks) -> None:
        self._reading = reading
        self._disks = disks
        self._mounted: list[tuple[str, str]] | None = None

    def locate(self, path: str) -> tuple[str, bool]:
        """Return how an entry names the file at the absolute `path`, and whether it is there."""
        if self._reading.holds(path):
            return path, True
        for point, spec in self._points():
            if path.startswith(point + "/"):
                found = self._below(spec, path[len(point) :])
                if found:
                    return found, True
        return path, False

    def _below(self, spec: str, inner: str) -> str:
        device = known.by_spec(self._disks, spec)
        root: Root | None = self._disks.root(device) if device else None
        if root is None or not self._reading.holds(inner, root):
            return ""
        return known.spell(self._disks, device, inner)

    def _points(self) -> list[tuple[str, str]]:
        """Return (mount point, device) of /etc/fstab, the longest first; none of ``/``."""
        if self._mounted is None:
            self._mounted = []
            if self._disks.devices() and self._reading.holds("/etc/fstab"):
                for line in self._reading.text("/etc/fstab").splitlines()[:_LINES]:
                    words = line.split()
                    if len(words) >= 2 and not line.startswith("#") and len(words[1]) > 1:
                        self._mounted.append((words[1].rstrip("/"), words[0]))
                self._mounted.sort(key=lambda pair: -len(pair[0]))
        return self._mounted
