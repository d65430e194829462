"""Where names live and what a block has opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kxsh.errors import Failure
from kxsh.machine.protocol import Device, Machine, Mount, Opened, Resource
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
        self.resources: list[Resource] = []

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

    def close(
        self, machine: Machine, closing: Callable[[Resource], None] | None = None
    ) -> list[Failure]:
        """Close what this scope owns, newest first; return what failed. `closing` is told of
        each before; what it raises leaves that open, and all others."""
        failed: list[Failure] = []
        while self.resources:
            if closing is not None:
                closing(self.resources[-1])
            resource = self.resources.pop()
            try:
                close_resource(machine, resource)
            except Failure as error:
                failed.append(error)
        return failed

    def hand_up(self, value: object, receiver: Scope) -> None:
        """Let `receiver` own what `value` holds: a returned resource moves. What lies on
        a device that was opened here takes along all that was opened before it."""
        given = [item for item in self.resources if holds(value, item)]
        devices = {device.path for item in self.resources for device in devices_of(item)}
        for item in given:
            if isinstance(item, Opened) or item.device.path in devices:
                given = self.resources[: self.resources.index(item) + 1] + given
        moved = [item for item in self.resources if item in given]
        self.resources = [item for item in self.resources if item not in given]
        receiver.resources += moved


def close_resource(machine: Machine, resource: Resource) -> None:
    """Close one thing that a block opened."""
    if isinstance(resource, Mount):
        machine.unmount(resource)
    else:
        machine.release(resource)


def devices_of(resource: Resource) -> tuple[Device, ...]:
    """Return the devices that an opened thing gave."""
    return resource.devices if isinstance(resource, Opened) else ()


def holds(value: object, resource: Resource) -> bool:
    """Tell whether a resource, or a device that it gave, is in a value."""
    if isinstance(value, list):
        return any(holds(item, resource) for item in value)
    if isinstance(value, dict):
        return any(holds(item, resource) for item in value.values())
    if isinstance(value, Device):
        return any(value.path == device.path for device in devices_of(resource))
    return value == resource
