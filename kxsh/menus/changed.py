"""A root with one file's content replaced in thought, to see what a change would do."""

from __future__ import annotations

import io

from kxsh.errors import FormatFailure
from kxsh.machine.protocol import CONFIG_LIMIT, FileFacts, Root
from kxsh.record import replace
from kxsh.text import display, size

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO


class Changed:
    """`root`, where the file at `path` (as the disk spells it) has `data` in it."""

    def __init__(self, root: Root, path: str, data: bytes) -> None:
        self.ignores_case = root.ignores_case
        self._root = root
        self._path = path
        self._data = data

    def stat(self, path: str) -> FileFacts | None:
        facts = self._root.stat(path)
        changed = facts is not None and "/" + facts.path.lstrip("/") == self._path
        return replace(facts, size=len(self._data)) if changed else facts

    def read(self, path: str, limit: int = CONFIG_LIMIT) -> bytes:
        if not self._is_it(path):
            return self._root.read(path, limit)
        if len(self._data) > limit:
            raise FormatFailure(f"{display(path)} is larger than {size(limit)}")
        return self._data

    def open(self, path: str) -> BinaryIO:
        return io.BytesIO(self._data) if self._is_it(path) else self._root.open(path)

    def list(self, path: str) -> list[str]:
        return self._root.list(path)

    def _is_it(self, path: str) -> bool:
        facts = self._root.stat(path)
        return facts is not None and "/" + facts.path.lstrip("/") == self._path
