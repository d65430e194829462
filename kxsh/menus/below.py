"""A folder of a root, seen as a root: where a search looks for a system in a subvolume."""

from __future__ import annotations

from kxsh.machine.protocol import CONFIG_LIMIT, FileFacts, Root
from kxsh.menus import paths
from kxsh.record import replace

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO


class Below:
    """The files below `folder` of a root; links in it are still taken from the root."""

    def __init__(self, root: Root, folder: str) -> None:
        self.ignores_case = root.ignores_case
        self._root = root
        self._folder = folder.rstrip("/")

    def stat(self, path: str) -> FileFacts | None:
        facts = self._root.stat(self._place(path))
        if facts is None:
            return None
        inside = facts.path.removeprefix(self._folder + "/")
        return replace(facts, path="/" + inside.lstrip("/"))

    def read(self, path: str, limit: int = CONFIG_LIMIT) -> bytes:
        return self._root.read(self._place(path), limit)

    def open(self, path: str) -> BinaryIO:
        return self._root.open(self._place(path))

    def list(self, path: str) -> list[str]:
        return self._root.list(self._place(path))

    def _place(self, path: str) -> str:
        return self._folder + paths.join("/", path)
