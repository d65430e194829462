"""What lies on disks as words: paths, labels of a menu, kernel modules."""

from __future__ import annotations

import os
from collections.abc import Iterator

from kxsh.boot.entry import Menu
from kxsh.completion.candidates import Candidate, begins
from kxsh.completion.position import Call, Position
from kxsh.console import device_words
from kxsh.console.places import Places
from kxsh.console.quoting import expanded, quoted, unquoted
from kxsh.interpreter.scope import Scope
from kxsh.machine.protocol import Root
from kxsh.text import MIB, size
from kxsh.values import TAGS

_MODULES_LIMIT = 8 * MIB


def paths(position: Position, places: Places, scope: Scope) -> Iterator[Candidate]:
    """Yield what a path's next part could be; a device to start from where there is none.

    ``LABEL=X:/bo`` looks into a filesystem that need not be mounted.
    """
    directory, slash, typed = position.word.rpartition("/")
    if not slash:
        tag, equals, _ = position.word.partition("=")
        if not position.word or (equals and tag in TAGS) or any(begins(t, tag) for t in TAGS):
            yield from device_words.specs(position, places, ":/")
        return
    where = expanded(directory, scope)
    if where is None:
        return
    if where == "/dev":
        yield from device_words.specs(position, places, ":/")
    start = position.start + len(directory) + 1
    for facts in places.listing(where + "/"):
        text = quoted(facts.path)
        if text is None or not begins(facts.path, unquoted(typed)):
            continue
        if facts.kind == "directory":
            yield Candidate(text + "/", start, facts.path + "/", "")
        else:
            yield Candidate(text + " ", start, facts.path, size(facts.size))


def labels(position: Position, call: Call, places: Places, scope: Scope) -> Iterator[Candidate]:
    """Yield the labels of the ISOLINUX-family file that the call names first."""
    words = [word for word in call.arguments if not word.startswith("-")]
    path = expanded(words[0], scope) if words else None
    if path is None:
        return
    menu = places.read(path, _read_menu, None)
    for entry in menu.entries if menu else ():
        text = quoted(entry.id)
        if text and begins(entry.id, unquoted(position.word)):
            note = f"({entry.not_bootable})" if entry.not_bootable else entry.title
            yield Candidate(text + " ", position.start, entry.id, note)


def _read_menu(root: Root, path: str) -> Menu | None:
    from kxsh.menus.syslinux import read

    return read(root, path)


def modules(places: Places) -> list[str]:
    """Return the names of the running kernel's modules, as modules.dep lists them."""
    path = f"/lib/modules/{os.uname().release}/modules.dep"
    data = places.read(path, lambda root, inside: root.read(inside, _MODULES_LIMIT), b"")
    files = (line.partition(":")[0] for line in data.decode("utf-8", "replace").splitlines())
    return sorted(file.rpartition("/")[2].partition(".ko")[0] for file in files if file)
