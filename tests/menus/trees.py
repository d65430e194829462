"""Roots for reader tests: a dictionary of files, and a folder of this computer."""

from __future__ import annotations

import io
import posixpath
from pathlib import Path
from typing import BinaryIO

from kxsh.errors import FormatFailure, NotFound
from kxsh.machine.protocol import CONFIG_LIMIT, FileFacts


class MemoryRoot:
    """Files by absolute path; directories are what the paths imply."""

    def __init__(self, files: dict[str, str | bytes], *, ignores_case: bool = False) -> None:
        self.ignores_case = ignores_case
        self.files = {
            path: data.encode() if isinstance(data, str) else data for path, data in files.items()
        }

    def _name(self, path: str) -> str:
        path = posixpath.normpath("/" + path.lstrip("/"))
        if path in self.files or not self.ignores_case:
            return path
        return next((name for name in self.files if name.lower() == path.lower()), path)

    def stat(self, path: str) -> FileFacts | None:
        name = self._name(path)
        if name in self.files:
            return FileFacts("file", len(self.files[name]), name)
        inside = name.rstrip("/").lower() + "/"
        if any((known.lower() + "/").startswith(inside) for known in self.files):
            return FileFacts("directory", 0, name)
        return None

    def read(self, path: str, limit: int = CONFIG_LIMIT) -> bytes:
        name = self._name(path)
        if name not in self.files:
            raise NotFound(f"{path}: not there")
        if len(self.files[name]) > limit:
            raise FormatFailure(f"{path}: too large")
        return self.files[name]

    def open(self, path: str) -> BinaryIO:
        return io.BytesIO(self.read(path, 1 << 40))

    def list(self, path: str) -> list[str]:
        inside = posixpath.normpath("/" + path.lstrip("/")).rstrip("/") + "/"
        names = {
            name[len(inside) :].split("/")[0] for name in self.files if name.startswith(inside)
        }
        if not names:
            raise NotFound(f"{path}: not there")
        return sorted(names)


def folder(path: Path, *, ignores_case: bool = False) -> MemoryRoot:
    """Return a root with a copy of the files below `path`."""
    files: dict[str, str | bytes] = {
        "/" + str(found.relative_to(path)): found.read_bytes()
        for found in sorted(path.rglob("*"))
        if found.is_file() and found.name != "ORIGIN.txt"
    }
    return MemoryRoot(files, ignores_case=ignores_case)
