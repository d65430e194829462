"""What stands around a call: whether its failure is handled, what else the script does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kxsh.syntax import ast

_WAITING = frozenset(("findfs", "wait", "sleep", "retry", "part"))


class Surroundings:
    """Facts about a whole script that a check asks for; read in one walk, when asked for.

    `changed` are the names of variables that a `set` changes. A call is `handled` where
    its failure does not end the script; `calls` are all calls by command.
    """

    def __init__(self, statements: Sequence[ast.Statement]) -> None:
        self.changed: set[str] = set()
        self.calls: dict[str, list[ast.Call]] = {}
        self._asked: set[str] = set()
        self._probed: set[tuple[str, str]] = set()
        self._mount_points: set[str] | None = None
        self.imports = False
        self._handled: set[int] = set()
        self._entries: dict[int, ast.Call] = {}
        for statement in statements:
            self._read(statement, False, None)

    def is_handled(self, call: ast.Call) -> bool:
        return id(call) in self._handled

    def entry_around(self, call: ast.Call) -> ast.Call | None:
        """Return the `entry` whose block a call stands in."""
        return self._entries.get(id(call))

    def is_asked(self, node: ast.Node) -> bool:
        """Tell whether the script looks itself whether a path is there, or a folder of it."""
        folders = node.span.text.strip("\"'").split("/")
        return any("/".join(folders[:count]) in self._asked for count in range(1, len(folders) + 1))

    def is_probed(self, kind: str, name: str) -> bool:
        """Tell whether the script asks itself, by `has`, whether something is there."""
        return (kind, name.replace("-", "_")) in self._probed

    def may_be_mounted(self, path: str) -> bool:
        """Tell whether the script mounts something at or above an absolute path, or
        somewhere that cannot be told."""
        if self._mount_points is None:
            self._mount_points = set(self._written_mount_points())
        places = self._mount_points
        if not places:
            return False
        folders = path.split("/")
        above = ("/".join(folders[:count]) for count in range(2, len(folders) + 1))
        return "" in places or any(folder in places for folder in above)

    def _written_mount_points(self) -> Iterator[str]:
        """Yield the directories that mounts name, `""` for one that is no constant."""
        for mount in self.calls.get("mount", ()):
            for word in _words(mount)[1:]:
                where = getattr(word, "value", "")
                yield where.rstrip("/") if isinstance(where, str) else ""

    @property
    def unattended(self) -> bool:
        """Tell whether the script's policy goes on by itself after a failure."""
        return any(
            isinstance(word, ast.Literal) and word.value in ("reboot", "poweroff")
            for call in self.calls.get("on-failure", ())
            for word in _words(call)[:1]
        )

    @property
    def waits(self) -> bool:
        """Tell whether the script waits for anything."""
        return bool(_WAITING & self.calls.keys()) or any(
            not isinstance(word, ast.Variable)
            for call in self.calls.get("mount", ())
            for word in _words(call)[:1]
        )

    def _read(self, node: ast.Node, handled: bool, entry: ast.Call | None) -> None:
        stack = [(node, handled, entry)]
        while stack:
            node, handled, entry = stack.pop()
            if isinstance(node, _SURROUNDING):
                stack += _below(node, handled, entry)
                continue
            if isinstance(node, ast.Set):
                self.changed.add(node.name)
            elif isinstance(node, ast.Import):
                self.imports = True
            elif isinstance(node, ast.Call):
                handled = handled or node.optional
                self._call(node, handled, entry)
            stack += [(child, handled, entry) for child in node.children()]

    def _call(self, node: ast.Call, handled: bool, entry: ast.Call | None) -> None:
        self.calls.setdefault(node.name, []).append(node)
        if handled:
            self._handled.add(id(node))
        if entry is not None:
            self._entries[id(node)] = entry
        words = _words(node)
        if node.name == "has" and len(words) > 1:
            kind, name = (word.span.text.strip("\"'") for word in words[:2])
            self._probed.add((kind, name.replace("-", "_")))
        if node.name in ("exists", "glob") or (node.name == "stat" and handled):
            self._asked |= {word.span.text.strip("\"'") for word in _words(node)[:1]}


# What changes the surroundings of what stands in it.
_SURROUNDING = (ast.Handled, ast.CallStatement, ast.Try)


def _below(
    node: ast.Handled | ast.CallStatement | ast.Try, handled: bool, entry: ast.Call | None
) -> Iterator[tuple[ast.Node, bool, ast.Call | None]]:
    """Yield what stands directly in a node, with its own surroundings."""
    if isinstance(node, ast.Handled):
        yield node.value, True, entry
        yield from ((handler, handled, entry) for handler in node.handlers)
    elif isinstance(node, ast.CallStatement):
        inner = node.call if node.call.name == "entry" else entry
        yield node.call, handled or bool(node.handlers), entry
        if node.block is not None:
            yield node.block, handled, inner
        yield from ((handler, handled, entry) for handler in node.handlers)
    else:
        yield node.body, True, entry
        yield node.handler, handled, entry


def _words(call: ast.Call) -> list[ast.Expression]:
    return [item.value for item in call.arguments if item.kind == "word" and item.value is not None]
