"""ext2, ext3 and ext4 by debugfs (e2fsprogs), which knows every feature of them.

Files are named by inode number, so that no name has to be quoted; ``-c`` reads no
bitmaps, so that a truncated image still shows what it has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO

from kxsh.errors import FormatFailure
from kxsh.machine.image import programs
from kxsh.machine.image.disk import DiskImage
from kxsh.machine.image.tree import Node, Tree
from kxsh.text import display

# /inode/mode/uid/gid/name/size/
_LINE = re.compile(r"^/([0-9]+)/([0-7]{6})/[0-9]+/[0-9]+/([^/]*)/([0-9]*)/$", re.MULTILINE)
_FAST_LINK = re.compile(r'^Fast link dest: "(.*)"$', re.MULTILINE | re.DOTALL)
_KINDS = {0o10: "file", 0o04: "directory", 0o12: "link"}
_ROOT_INODE = 2
# EXT4_N_BLOCKS * 4: a shorter link is kept in its inode.
_FAST_LINK_SIZE = 60


class ExtTree(Tree):
    """The files of an ext filesystem at `offset` of an image."""

    ignores_case = False

    def __init__(self, image: DiskImage, offset: int) -> None:
        self._image = image
        self._offset = offset

    def top(self) -> Node:
        return Node("", "directory", 0, _ROOT_INODE)

    def children(self, directory: Node) -> Sequence[Node]:
        nodes: list[Node] = []
        for inode, mode, name, size in _LINE.findall(self._text(f"ls -p <{directory.key}>")):
            kind = _KINDS.get(int(mode, 8) >> 12, "other")
            if inode != "0":
                nodes.append(Node(name, kind, int(size or 0), int(inode)))  # type: ignore[arg-type]
        return nodes

    def target(self, link: Node) -> str:
        if link.size < _FAST_LINK_SIZE:
            match = _FAST_LINK.search(self._text(f"stat <{link.key}>"))
            if match:
                return match.group(1)
        return self._text(f"cat <{link.key}>")

    def open(self, file: Node) -> BinaryIO:
        return programs.extract(
            self._command(f"cat <{file.key}>"),
            file.size,
            f"{self._image.path}: {file.name}",
            pass_fds=(self._image.descriptor,),
        )

    def _text(self, request: str) -> str:
        text, output = programs.listing(self._command(request), pass_fds=(self._image.descriptor,))
        problem = _problem(output.errors)
        if problem:
            raise FormatFailure(f"{display(self._image.path)}: {problem}")
        return text

    def _command(self, request: str) -> list[str]:
        # By descriptor: a `?` in the image's own name would begin debugfs's options.
        node = f"/proc/self/fd/{self._image.descriptor}?offset={self._offset}"
        return ["debugfs", "-c", "-R", request, node]


def _problem(errors: str) -> str:
    """Return what debugfs complained of, without its banner."""
    lines = [line for line in errors.splitlines() if not line.startswith("debugfs 1")]
    return display("; ".join(lines))
