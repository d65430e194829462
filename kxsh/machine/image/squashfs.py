"""SquashFS with every compressor by rdsquashfs (squashfs-tools-ng)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO

from kxsh.errors import FormatFailure
from kxsh.machine.image import programs
from kxsh.machine.image.tree import Node, Tree
from kxsh.text import display

_LINE = re.compile(r"([-dlbcps])[-rwxsStT]{9} [0-9]+/[0-9]+ +[0-9.:]+[kMGTPEZY]? (.*)")
_SIZE = re.compile(r"^File size: ([0-9]+)$", re.MULTILINE)
_KINDS = {"-": "file", "d": "directory", "l": "link"}
_ARROW = " -> "


class SquashTree(Tree):
    """The files of the SquashFS image at `path`."""

    ignores_case = False

    def __init__(self, path: str) -> None:
        self._path = path
        # A listing only has round figures.
        self._sizes: dict[Node, int] = {}

    def top(self) -> Node:
        return Node("", "directory", 0, ("/", ""))

    def children(self, directory: Node) -> Sequence[Node]:
        where = directory.key[0]  # type: ignore[index]
        text, output = programs.listing(["rdsquashfs", "-l", where, self._path])
        if output.status:
            raise FormatFailure(f"{display(self._path)}: {display(output.errors)}")
        nodes: list[Node] = []
        for kind, name in _lines(text):
            target = ""
            if kind == "l":
                name, _, target = name.partition(_ARROW)
            key = (f"{where.rstrip('/')}/{name}", target)
            nodes.append(Node(name, _KINDS.get(kind, "other"), -1, key))  # type: ignore[arg-type]
        return nodes

    def target(self, link: Node) -> str:
        return str(link.key[1])  # type: ignore[index]

    def size(self, file: Node) -> int:
        known = self._sizes.get(file)
        if known is None:
            where = file.key[0]  # type: ignore[index]
            text, output = programs.listing(["rdsquashfs", "-s", where, self._path])
            found = _SIZE.findall(text)
            if output.status or not found:
                raise FormatFailure(f"{display(self._path)}: {display(output.errors)}")
            # The name comes first, and may hold anything.
            known = self._sizes[file] = int(found[-1])
        return known

    def open(self, file: Node) -> BinaryIO:
        where = file.key[0]  # type: ignore[index]
        return programs.extract(
            ["rdsquashfs", "-c", where, self._path], self.size(file), f"{self._path}: {where}"
        )


def _lines(text: str) -> list[tuple[str, str]]:
    """Return (type, name) of each entry; a name may have line breaks."""
    entries: list[tuple[str, str]] = []
    for line in text.removesuffix("\n").split("\n"):
        match = _LINE.fullmatch(line)
        if match:
            entries.append((match.group(1), match.group(2)))
        elif entries:
            kind, name = entries[-1]
            entries[-1] = (kind, f"{name}\n{line}")
    return entries
