"""Files in memory as a `Root`: what the scripted machine's disks hold."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Mapping
from typing import BinaryIO

from kxsh.errors import FormatFailure, NotFound
from kxsh.machine.protocol import CONFIG_LIMIT, FileFacts
from kxsh.text import display, nearest, size

Tree = Mapping[str, bytes | str]


class MemoryRoot:
    """Files given as ``{"/boot/vmlinuz": b"..."}``; directories are what they imply.

    A path that ends in ``/`` is an empty directory. Text stands for its UTF-8.
    """

    def __init__(self, tree: Tree, ignores_case: bool = False) -> None:
        self.ignores_case = ignores_case
        self._files: dict[str, bytes] = {}
        self._directories: dict[str, set[str]] = {"/": set()}
        for path, data in tree.items():
            whole = clean(path)
            if path.endswith("/"):
                self._directories.setdefault(whole, set())
            else:
                self._files[whole] = data.encode() if isinstance(data, str) else data
            self._add_parents(whole)

    def stat(self, path: str) -> FileFacts | None:
        try:
            found = self._find(path)
        except NotFound:
            return None
        if found in self._files:
            return FileFacts("file", len(self._files[found]), found)
        return FileFacts("directory", 0, found)

    def read(self, path: str, limit: int = CONFIG_LIMIT) -> bytes:
        with self.open(path) as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise FormatFailure(f"{display(path)} is larger than {size(limit)}")
        return data

    def open(self, path: str) -> BinaryIO:
        found = self._find(path)
        if found not in self._files:
            raise FormatFailure(f"{display(path)} is not a regular file")
        return io.BytesIO(self._files[found])

    def list(self, path: str) -> list[str]:
        found = self._find(path)
        if found not in self._directories:
            raise NotFound(f"{display(path)} is not a directory")
        return sorted(self._directories[found])

    def _add_parents(self, path: str) -> None:
        while path != "/":
            parent, name = posixpath.split(path)
            self._directories.setdefault(parent, set()).add(name)
            path = parent

    def _find(self, path: str) -> str:
        """Return the path as it was given, component by component."""
        at = "/"
        for name in clean(path).split("/")[1:]:
            if not name:
                break
            at = posixpath.join(at, self._match(path, at, name))
        return at

    def _match(self, path: str, directory: str, name: str) -> str:
        names = sorted(self._directories.get(directory, ()))
        if name in names:
            return name
        if self.ignores_case:
            for candidate in names:
                if candidate.casefold() == name.casefold():
                    return candidate
        near = nearest(name, names)
        raise NotFound(
            f"{display(path)} is not there: {display(directory)} has no {display(name)!r}",
            hint=f"did you mean {display(near)!r}?" if near else "",
        )


def clean(path: str) -> str:
    """Return an absolute path without ``.``, ``..`` and double slashes."""
    return posixpath.normpath("/" + path.strip("/"))
