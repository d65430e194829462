"""Folders of this computer as roots for reader tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kxsh.machine.fake import MemoryRoot


def folder(
    path: Path, *, ignores_case: bool = False, directories: Sequence[str] = ()
) -> MemoryRoot:
    """Return a root with a copy of the files below `path`, and empty `directories`."""
    files: dict[str, bytes | str] = {name.rstrip("/") + "/": b"" for name in directories}
    files |= {
        "/" + str(found.relative_to(path)): found.read_bytes()
        for found in sorted(path.rglob("*"))
        if found.is_file() and found.name != "ORIGIN.txt"
    }
    return MemoryRoot(files, ignores_case)
