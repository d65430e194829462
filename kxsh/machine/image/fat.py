"""FAT: files by GRUB's driver, names as Linux's vfat spells them by mdir (mtools).

GRUB shows every short name in lower case; Linux keeps what the directory says
(``shortname=mixed``), and so does mdir.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import BinaryIO

from kxsh.machine.image import programs
from kxsh.machine.image.disk import DiskImage
from kxsh.machine.image.grub import GrubTree
from kxsh.machine.image.tree import Node, Tree


class FatTree(Tree):
    """The files of the FAT filesystem at `offset` of an image."""

    ignores_case = True

    def __init__(self, tree: GrubTree, image: DiskImage, offset: int) -> None:
        self._tree = tree
        self._image = image
        self._offset = offset

    def top(self) -> Node:
        return self._tree.top()

    def children(self, directory: Node) -> Sequence[Node]:
        spelled = {name.casefold(): name for name in self._names(str(directory.key))}
        nodes: list[Node] = []
        for node in self._tree.children(directory):
            name = _decoded(node.name)
            nodes.append(replace(node, name=spelled.get(name.casefold(), name)))
        return nodes

    def target(self, link: Node) -> str:
        return self._tree.target(link)

    def open(self, file: Node) -> BinaryIO:
        return self._tree.open(file)

    def _names(self, where: str) -> list[str]:
        # By descriptor: `@@` in the image's own name would begin the offset.
        part = f"/proc/self/fd/{self._image.descriptor}@@{self._offset}"
        text, _ = programs.listing(
            ["mdir", "-b", "-a", "-i", part, f"::{where}"], pass_fds=(self._image.descriptor,)
        )
        return [line.rstrip("/").rpartition("/")[2] for line in text.splitlines()]


def _decoded(name: str) -> str:
    """Return a short name as Linux shows it: its bytes are in code page 437."""
    if name.isascii():
        return name
    raw = name.encode("utf-8", "surrogateescape")
    try:
        return raw.decode("utf-8")  # a long name
    except UnicodeDecodeError:
        return raw.decode("cp437")
