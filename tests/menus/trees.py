"""Folders of this computer as roots for reader tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kxsh.machine.fake import MemoryRoot


def files_of(path: Path, *, directories: Sequence[str] = ()) -> dict[str, bytes | str]:
    """Return the files below `path`, and empty `directories`, as `MemoryRoot` takes them."""
    files: dict[str, bytes | str] = {name.rstrip("/") + "/": b"" for name in directories}
    return files | {
        "/" + str(found.relative_to(path)): found.read_bytes()
        for found in sorted(path.rglob("*"))
        if found.is_file() and found.name != "ORIGIN.txt"
    }


def folder(
    path: Path, *, ignores_case: bool = False, directories: Sequence[str] = ()
) -> MemoryRoot:
    """Return a root with a copy of the files below `path`, and empty `directories`."""
    return MemoryRoot(files_of(path, directories=directories), ignores_case)
