"""What to say of a file that is not there because its path does not begin at the top."""

from __future__ import annotations

import os

from kxsh.errors import Failure
from kxsh.signature import Bound
from kxsh.values import split_location, split_spec

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from collections.abc import Mapping

    from kxsh.errors import NotFound
    from kxsh.machine.protocol import Machine

_FILES = ("path", "kernel")


def hint_for(machine: Machine, error: NotFound, bound: Mapping[str, Bound]) -> str:
    """Return what to try where a call's relative path was not found; else what the error says:
    there is no current folder, as no boot script has one."""
    for given in bound.values():
        if given.parameter.type.name not in _FILES:
            continue
        for item in given.items:
            path = item.value
            if isinstance(path, str) and _is_relative(path) and _is_named(path, error.message):
                whole = _in_folder(path)
                told = "paths begin at /, there is no current folder"
                if whole and _is_there(machine, whole):
                    return f"{told}: {whole}"
                return f"{told}\n{error.hint}".rstrip()
    return error.hint


def _is_relative(path: str) -> bool:
    if path.startswith("/") or split_spec(path) is not None:
        return False
    return bool(path) and split_location(path) is None


def _is_named(path: str, message: str) -> bool:
    return path in message or os.path.normpath(f"/{path}") in message


def _in_folder(path: str) -> str:
    try:
        return os.path.normpath(os.path.join(os.getcwd(), path))
    except OSError:
        return ""


def _is_there(machine: Machine, path: str) -> bool:
    try:
        root, inside = machine.locate(path)
        return root.stat(inside) is not None
    except Failure:
        return False
