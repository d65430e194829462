"""A root whose directories are listed once: dozens of places are looked at for menus."""

from __future__ import annotations

from kxsh.errors import Failure
from kxsh.machine.protocol import CONFIG_LIMIT, FileFacts, Root

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO


class Remembered:
    """`root`, which finds files in any case and asks the disk once for each directory.

    For a look at many names in few directories, most of which are not there.
    """

    ignores_case = True

    def __init__(self, root: Root) -> None:
        self._root = root
        # A directory's names, and the same by their small letters; None: it has none.
        self._known: dict[str, tuple[tuple[str, ...], dict[str, str]] | None] = {}

    def stat(self, path: str) -> FileFacts | None:
        found = self._spelled(path)
        return self._root.stat(found) if found else None

    def list(self, path: str) -> list[str]:
        names = self._names(self._spelled(path) or path)
        return list(names[0]) if names else self._root.list(path)

    def read(self, path: str, limit: int = CONFIG_LIMIT) -> bytes:
        return self._root.read(self._spelled(path) or path, limit)

    def open(self, path: str) -> BinaryIO:
        return self._root.open(self._spelled(path) or path)

    def _spelled(self, path: str) -> str:
        """Return an existing path as the disk spells it, empty where there is none. What
        lies in a directory that cannot be listed stays as it is written."""
        found = ""
        for part in path.split("/"):
            if part in ("", "."):
                continue
            names = self._names(found or "/")
            if names is None or part == "..":
                return path
            name = part if part in names[0] else names[1].get(part.lower(), "")
            if not name:
                return ""
            found += "/" + name
        return found or "/"

    def _names(self, directory: str) -> tuple[tuple[str, ...], dict[str, str]] | None:
        if directory not in self._known:
            try:
                names = self._root.list(directory)
            except Failure:
                self._known[directory] = None
            else:
                small: dict[str, str] = {}
                for name in names:
                    small.setdefault(name.lower(), name)
                self._known[directory] = tuple(names), small
        return self._known[directory]
