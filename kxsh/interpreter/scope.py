"""Where names live and what a block has opened."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.errors import Failure
from kxsh.machine.protocol import Machine, Mount
from kxsh.source import Span
from kxsh.syntax import ast
from kxsh.usage import unknown_variable


class FunctionValue:
    """A function and the module scope that its body sees."""

    __slots__ = ("node", "scope")

    def __init__(self, node: ast.Function, scope: Scope) -> None:
        self.node = node
        self.scope = scope


class Scope:
    """One block's variables, functions and resources; `parent` is the block around it."""

    __slots__ = ("constants", "functions", "modules", "parent", "resources", "variables")

    def __init__(self, parent: Scope | None = None) -> None:
        self.parent = parent
        self.variables: dict[str, object] = {}
        self.constants: frozenset[str] = frozenset()
        self.functions: dict[str, FunctionValue] = {}
        self.modules: dict[str, Scope] = {}
        self.resources: list[Mount] = []

    def chain(self) -> Iterator[Scope]:
        """Yield this scope and those around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def holder(self, name: str, span: Span | None) -> Scope:
        """Return the scope that has a variable; `UsageError` KX101 where none has."""
        for scope in self.chain():
            if name in scope.variables:
                return scope
        known = {key for scope in self.chain() for key in scope.variables}
        raise unknown_variable(name, known, span)

    def function(self, name: str) -> FunctionValue | None:
        """Return the function `name` or ``module.name``, or None."""
        module, _, inner = name.rpartition(".")
        for scope in self.chain():
            if not module and name in scope.functions:
                return scope.functions[name]
            if module in scope.modules:
                return scope.modules[module].functions.get(inner)
        return None

    def close(self, machine: Machine) -> list[Failure]:
        """Unmount what this scope owns, newest first; return what failed."""
        failed: list[Failure] = []
        while self.resources:
            mount = self.resources.pop()
            try:
                machine.unmount(mount)
            except Failure as error:
                failed.append(error)
        return failed

    def hand_up(self, value: object, receiver: Scope) -> None:
        """Let `receiver` own the mounts that `value` holds: a returned resource moves."""
        for mount in mounts_in(value):
            if mount in self.resources:
                self.resources.remove(mount)
                receiver.resources.append(mount)


def mounts_in(value: object) -> list[Mount]:
    """Return the mounts in a value, also inside lists and maps."""
    if isinstance(value, Mount):
        return [value]
    if isinstance(value, list):
        return [mount for item in value for mount in mounts_in(item)]
    if isinstance(value, dict):
        return [mount for item in value.values() for mount in mounts_in(item)]
    return []
