"""SquashFS with every compressor by rdsquashfs (squashfs-tools-ng)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO

from kxsh.errors import FormatFailure
from kxsh.machine.image import programs
from kxsh.machine.image.tree import Node
from kxsh.text import display

_LINE = re.compile(r"([-dlbcps])[-rwxsStT]{9} [0-9]+/[0-9]+ +([0-9]+(?:[:,] *[0-9]+)?) (.*)")
_KINDS = {"-": "file", "d": "directory", "l": "link"}
_ARROW = " -> "


class SquashTree:
    """The files of the SquashFS image at `path`."""

    ignores_case = False

    def __init__(self, path: str) -> None:
        self._path = path

    def top(self) -> Node:
        return Node("", "directory", 0, ("/", ""))

    def children(self, directory: Node) -> Sequence[Node]:
        where = directory.key[0]  # type: ignore[index]
        text, output = programs.listing(["rdsquashfs", "-l", where, self._path])
        if output.status:
            raise FormatFailure(f"{display(self._path)}: {display(output.errors)}")
        nodes: list[Node] = []
        for kind, size, name in _lines(text):
            target = ""
            if kind == "l":
                name, _, target = name.partition(_ARROW)
            length = int(size) if size.isdigit() and kind == "-" else 0
            key = (f"{where.rstrip('/')}/{name}", target)
            nodes.append(Node(name, _KINDS.get(kind, "other"), length, key))  # type: ignore[arg-type]
        return nodes

    def target(self, link: Node) -> str:
        return str(link.key[1])  # type: ignore[index]

    def open(self, file: Node) -> BinaryIO:
        where = file.key[0]  # type: ignore[index]
        return programs.extract(
            ["rdsquashfs", "-c", where, self._path], file.size, f"{self._path}: {where}"
        )


def _lines(text: str) -> list[tuple[str, str, str]]:
    """Return (type, size, name) of each entry; a name may have line breaks."""
    entries: list[tuple[str, str, str]] = []
    for line in text.removesuffix("\n").split("\n") if text else ():
        match = _LINE.fullmatch(line)
        if match:
            entries.append((match.group(1), match.group(2), match.group(3)))
        elif entries:
            kind, size, name = entries[-1]
            entries[-1] = (kind, size, f"{name}\n{line}")
    return entries
