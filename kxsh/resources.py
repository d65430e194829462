"""Where the grammar and the standard library are, in a checkout and in a wheel.

A wheel (and the loader's initramfs) carries them as package data under
``kxsh/_data``; a checkout and an editable install read the folders beside ``kxsh/``.
Imports nothing but `os`: this runs on the target before anything else.
"""

from __future__ import annotations

import os

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_DATA = os.path.join(_PACKAGE, "_data")


def root() -> str:
    """Return the folder that holds ``grammar/``, ``stdlib/`` and ``data/``."""
    return _DATA if os.path.isdir(_DATA) else os.path.dirname(_PACKAGE)


def grammar_path() -> str:
    """Return the path of the one grammar, ``kxsh.lark``."""
    return os.path.join(root(), "grammar", "kxsh.lark")


def grammar_text() -> str:
    """Return the grammar's text; OSError where the installation is incomplete."""
    with open(grammar_path(), encoding="utf-8") as file:
        return file.read()


def tables_path() -> str:
    """Return where saved parser tables live; the file need not be there."""
    return os.path.join(root(), "grammar", "kxsh.tables")


def parameters_path() -> str:
    """Return the path of the list of kernel parameters, which `kxsh.boot.parameters` reads."""
    return os.path.join(root(), "data", "kernel-parameters.txt")


def messages_path() -> str:
    """Return the path of the list of messages, which `kxsh.console.help.messages` reads."""
    return os.path.join(root(), "data", "messages.txt")


def stdlib_path(name: str) -> str | None:
    """Return the path of library module `name` (no ``.kxs``), or None where there is none."""
    return os.path.join(root(), "stdlib", f"{name}.kxs") if name in stdlib_names() else None


def stdlib_names() -> list[str]:
    """Return the names that ``import`` knows without a file beside the script, sorted."""
    try:
        files = os.listdir(os.path.join(root(), "stdlib"))
    except FileNotFoundError:
        return []
    return sorted(file[: -len(".kxs")] for file in files if file.endswith(".kxs"))
