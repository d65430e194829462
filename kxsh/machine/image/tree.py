"""A filesystem inside an image as a `Root`: what all formats have in common.

A format gives a `Tree`: the top directory, a directory's nodes, a link's text, a file's
bytes. `TreeRoot` adds what the kernel's path lookup does (path_resolution(7)): links,
``..`` that stops at the root, and names in any case where the filesystem ignores it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO, Literal, Protocol

from kxsh.errors import FormatFailure, IoFailure, NotFound, from_os_error
from kxsh.machine.protocol import CONFIG_LIMIT, FileFacts
from kxsh.text import display, nearest, size

LINK_LIMIT = 40
NAMES_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Node:
    """A name in a directory; `key` is the format's own handle of it.

    A `size` below 0 is not known yet: `Tree.size` finds it out.
    """

    name: str
    kind: Literal["file", "directory", "link", "other"]
    size: int = 0
    key: object = None


class Tree(Protocol):
    """A filesystem's content, as its reader gives it. Errors are `Failure` classes."""

    ignores_case: bool

    def top(self) -> Node:
        """Return the root directory."""

    def children(self, directory: Node) -> Sequence[Node]:
        """Return a directory's nodes, without ``.`` and ``..``."""

    def target(self, link: Node) -> str:
        """Return a symbolic link's text."""

    def size(self, file: Node) -> int:
        """Return a regular file's size in bytes."""
        return file.size

    def open(self, file: Node) -> BinaryIO:
        """Open a regular file; the caller closes it."""


class TreeRoot:
    """A `Root` over a `Tree`; directories are read once.

    `plain_names`: an ISO with neither Rock Ridge nor Joliet.
    """

    def __init__(self, tree: Tree) -> None:
        self.ignores_case = tree.ignores_case
        self.plain_names: bool = getattr(tree, "plain_names", False)
        self._tree = tree
        self._directories: dict[tuple[str, ...], dict[str, Node]] = {}
        self._targets: dict[tuple[str, ...], str] = {}

    def stat(self, path: str) -> FileFacts | None:
        try:
            names, node = self._find(path)
        except NotFound:
            return None
        kind = "other" if node.kind == "link" else node.kind
        length = self._tree.size(node) if node.kind == "file" else 0
        return FileFacts(kind, length, "/" + "/".join(names))

    def read(self, path: str, limit: int = CONFIG_LIMIT) -> bytes:
        node = self._file(path)
        length = self._tree.size(node)
        if length > limit:
            raise FormatFailure(f"{display(path)} is larger than {size(limit)}")
        with self._tree.open(node) as file:
            try:
                data = file.read(limit + 1)
            except OSError as error:
                raise from_os_error(error, f"reading {display(path)}") from error
        if len(data) != length:
            raise IoFailure(f"{display(path)} ends after {len(data)} of {length} bytes")
        return data

    def open(self, path: str) -> BinaryIO:
        return self._tree.open(self._file(path))

    def list(self, path: str) -> list[str]:
        names, node = self._find(path)
        if node.kind != "directory":
            raise NotFound(f"{display(path)} is not a directory")
        return sorted(self._entries(names, node))

    def _file(self, path: str) -> Node:
        node = self._find(path)[1]
        if node.kind != "file":
            raise FormatFailure(f"{display(path)} is not a regular file")
        return node

    def _find(self, path: str) -> tuple[tuple[str, ...], Node]:
        """Return the node that `path` leads to, and the names that lead there."""
        pending = _components(path)
        trail = [self._tree.top()]
        names: list[str] = []
        links = 0
        while pending:
            component = pending.pop()
            if component == "..":
                del names[-1:]
                del trail[len(names) + 1 :]
                continue
            node = self._child(path, tuple(names), trail[-1], component)
            if node.kind != "link":
                names.append(node.name)
                trail.append(node)
                continue
            links += 1
            if links > LINK_LIMIT:
                raise FormatFailure(f"{display(path)} leads through a loop of links")
            target = self._target((*names, node.name), node)
            if target.startswith("/"):
                del names[:], trail[1:]
            pending += _components(target)
        return tuple(names), trail[-1]

    def _child(self, path: str, names: tuple[str, ...], parent: Node, component: str) -> Node:
        where = "/" + "/".join(names)
        if parent.kind != "directory":
            raise NotFound(f"{display(path)} is not there: {display(where)} is not a directory")
        entries = self._entries(names, parent)
        found = entries.get(component)
        if found is None and self.ignores_case:
            folded = component.casefold()
            spelled = min((name for name in entries if name.casefold() == folded), default=None)
            found = entries[spelled] if spelled is not None else None
        if found is None:
            message = f"{display(path)} is not there"
            if component != path.strip("/"):
                message += f": {display(where)} has no {display(component)!r}"
            near = nearest(component, list(entries)[:5000])
            hint = f"did you mean {display(near)!r}?" if near else ""
            raise NotFound(message, hint=hint)
        return found

    def _target(self, names: tuple[str, ...], link: Node) -> str:
        known = self._targets.get(names)
        if known is None:
            known = self._targets[names] = self._tree.target(link)
        return known

    def _entries(self, names: tuple[str, ...], directory: Node) -> dict[str, Node]:
        known = self._directories.get(names)
        if known is None:
            nodes = self._tree.children(directory)
            if len(nodes) > NAMES_LIMIT:
                raise FormatFailure(
                    f"/{display('/'.join(names))} has more than {NAMES_LIMIT} names"
                )
            known = {node.name: node for node in nodes if _is_name(node.name)}
            self._directories[names] = known
        return known


def _components(path: str) -> list[str]:
    """Return a path's components, last first."""
    return [part for part in reversed(path.split("/")) if part not in ("", ".")]


def _is_name(name: str) -> bool:
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name


class EmptyTree(Tree):
    """An empty directory: what is outside of every mount."""

    ignores_case = False

    def top(self) -> Node:
        return Node("", "directory")

    def children(self, directory: Node) -> Sequence[Node]:
        return ()

    def target(self, link: Node) -> str:
        raise NotFound("there is nothing there")

    def open(self, file: Node) -> BinaryIO:
        raise NotFound("there is nothing there")
