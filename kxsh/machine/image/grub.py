"""FAT, XFS, Btrfs, NTFS and more by GRUB's own drivers: the program grub-fstest.

A directory that is there is listed with an empty line at the end, one that is not
gives nothing at all. GRUB follows symbolic links itself, inside the filesystem; in
``ls -l`` it leaves out links that do not lead to a file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO

from kxsh.errors import FormatFailure, IoFailure, NotFound
from kxsh.machine.image import programs
from kxsh.machine.image.tree import Node, Tree
from kxsh.text import display

# More links than this in one directory are not looked into.
_LINKS_LIMIT = 200
_NAME = re.compile(r"(?: [0-9]{9,19} )?(.*)", re.DOTALL)
_CASELESS = frozenset(("vfat", "msdos", "exfat", "iso9660", "hfsplus", "ntfs"))
_LINKLESS = frozenset(("vfat", "msdos", "exfat"))


class GrubTree(Tree):
    """The files on `device` (GRUB's name, ``loop0,msdos1``) of the image at `path`.

    Raises FormatFailure where GRUB knows no filesystem there.
    """

    def __init__(self, path: str, device: str, fstype: str) -> None:
        self.ignores_case = fstype in _CASELESS
        self._path = path
        self._device = device
        self._links = fstype not in _LINKLESS
        if not self._run("ls", f"({device})/"):
            raise FormatFailure(
                f"{display(path)}: GRUB cannot read the {fstype or 'unknown'} filesystem"
                f" on {device}"
            )

    def top(self) -> Node:
        return Node("", "directory", 0, "/")

    def children(self, directory: Node) -> Sequence[Node]:
        where = str(directory.key)
        listed = self._run("ls", "-l", "-a", f"({self._device}){where}")
        if not listed:
            raise IoFailure(f"{display(self._path)}: {display(where)} cannot be listed")
        nodes = list(_nodes(listed, where))
        if self._links:
            nodes += self._linked(where, {node.name for node in nodes})
        return nodes

    def target(self, link: Node) -> str:
        # Only links that lead nowhere stay links here.
        raise NotFound(f"{display(str(link.key))} is a link that leads nowhere")

    def open(self, file: Node) -> BinaryIO:
        where = f"({self._device}){file.key}"
        return programs.extract(
            ["grub-fstest", self._path, "--", "cat", where], file.size, f"{self._path}: {where}"
        )

    def _linked(self, where: str, known: set[str]) -> list[Node]:
        """Return what only the short listing has: links to directories, and dead ones."""
        listed = self._run("ls", "-a", f"({self._device}){where}").rstrip("\n")
        nodes: list[Node] = []
        for name in _names(listed, known)[:_LINKS_LIMIT]:
            key = f"{where}{name}/"
            alive = bool(self._run("ls", f"({self._device}){key}"))
            nodes.append(Node(name, "directory" if alive else "link", 0, key))
        return nodes

    def _run(self, *words: str) -> str:
        text, _ = programs.listing(["grub-fstest", self._path, "--", *words])
        return text


def _nodes(listed: str, where: str) -> list[Node]:
    """Return the nodes of a long listing: size or DIR in 12 columns, date, name."""
    entries: list[tuple[str, str]] = []
    for line in listed.removesuffix("\n\n").split("\n"):
        size = line[:12].rstrip()
        match = _NAME.fullmatch(line[12:])
        if match and len(line) > 12 and (size == "DIR" or size.isdecimal()):
            entries.append((size, match.group(1)))
        elif entries:  # a name with a line break
            size, name = entries[-1]
            entries[-1] = (size, f"{name}\n{line}")
    return [_node(size, name, where) for size, name in entries if name not in ("./", "../")]


def _node(size: str, name: str, where: str) -> Node:
    if size == "DIR":
        return Node(name.removesuffix("/"), "directory", 0, where + name)
    return Node(name, "file", int(size), where + name)


def _names(listed: str, known: set[str]) -> list[str]:
    """Return the names of a short listing (divided by blanks) that are not `known`."""
    for name in sorted(known, key=len, reverse=True):
        if " " in name or "\n" in name:
            listed = listed.replace(name, "/", 1)
    words = [word for word in listed.split(" ") if word and not word.endswith("/")]
    return [word for word in dict.fromkeys(words) if word not in known]
