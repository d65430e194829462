"""The entry files of one folder, read within `limits`: what every reader of them starts from."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.errors import Failure, NotFound
from kxsh.machine.protocol import Root
from kxsh.menus import limits
from kxsh.menus.bls import snippet
from kxsh.menus.bls.snippet import Snippet
from kxsh.text import KIB, size

# Notes a problem: (file, line or 0, what).
Complain = Callable[[str, int, str], None]

_FILE_LIMIT = 64 * KIB  # real ones have less than one
# Sorting compares versions, which is slow for long ones: no /boot has room for that many.
ENTRY_FILES = 512


def names(root: Root, folder: str, ending: str, complain: Complain) -> list[str]:
    """Return a folder's names that end so in any case; hidden and ``auto-`` ones are none."""
    try:
        found = root.list(folder)
    except NotFound:
        return []
    except Failure as failure:
        complain(folder, 0, failure.message)
        return []
    return [
        name
        for name in found
        if name.lower().endswith(ending)
        and len(name) > len(ending)
        and not name.lower().startswith((".", "auto-"))
    ]


def read_folder(root: Root, folder: str, complain: Complain) -> list[Snippet]:
    """Return the entry files of a folder in the order of their names; never raises."""
    found: list[Snippet] = []
    total = 0
    for seen, name in enumerate(names(root, folder, ".conf", complain)):
        if seen >= ENTRY_FILES or total > limits.TOTAL_BYTES:
            complain(folder, 0, f"more than {seen} entry files: the rest is left out")
            break
        one = read_file(root, f"{folder.rstrip('/')}/{name}", complain)
        if one is not None:
            found.append(one)
            total += sum(len(value) for _, _, value in one.pairs) + 1
    return found


def read_file(root: Root, path: str, complain: Complain) -> Snippet | None:
    """Return one entry file, None with a problem where it cannot be read; never raises."""
    try:
        facts = root.stat(path)
        if facts is None or facts.kind != "file":
            if facts is None:
                complain(path, 0, "no such file")
            return None
        if facts.size > _FILE_LIMIT:
            complain(path, 0, f"larger than {size(_FILE_LIMIT)}: not an entry file")
            return None
        data = root.read(path)
    except Failure as failure:
        complain(path, 0, failure.message)
        return None
    name = path.rpartition("/")[2]
    return Snippet(path, name, tuple(snippet.pairs(snippet.decode(data))))
