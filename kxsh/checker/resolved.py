"""What the walk through a script learns and later checks ask for."""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.commands.registry import Command
from kxsh.signature import Bound
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.scope import FunctionName, Variable


class Called:
    """What a call turned out to call: a command, or a function of a script.

    `bound` says which argument belongs to which parameter; it is empty for a faulty call.
    """

    __slots__ = ("bound", "command", "function")

    def __init__(
        self,
        command: Command | None,
        function: FunctionName | None,
        bound: Mapping[str, Bound],
    ) -> None:
        self.command = command
        self.function = function
        self.bound = bound


class Resolved:
    """What is known of the nodes of one script and of what it imports, by the node's id.

    `calls` lacks those that nobody knows; `unknown` tells that there are some.
    `variables` are those that were made, by where (a source's name, an offset) and name.
    `libraries` are the imports that only make names; `scripts` keeps the trees of
    imports, for an id is one only as long as its node.
    """

    def __init__(self) -> None:
        self.calls: dict[int, Called] = {}
        self.unknown = False
        self.variables: dict[tuple[str, int, str], Variable] = {}
        self.libraries: set[int] = set()
        self.scripts: list[ast.Script] = []

    def of(self, call: ast.Call) -> Called | None:
        return self.calls.get(id(call))

    def command_of(self, call: ast.Call) -> Command | None:
        called = self.calls.get(id(call))
        return called.command if called else None


def only_makes_names(script: ast.Script) -> bool:
    """Tell whether a script runs nothing by itself: functions, variables and imports."""
    made = (ast.Function, ast.Let, ast.Import)
    return all(
        isinstance(item, made) or (isinstance(item, ast.CallStatement) and item.call.name == "kxs")
        for item in script.statements
    )
