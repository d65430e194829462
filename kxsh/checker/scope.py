"""Names: where a script makes them, uses them, and where they end."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from kxsh.checker.constants import UNKNOWN
from kxsh.record import record
from kxsh.signature import Signature
from kxsh.source import Span
from kxsh.syntax import ast
from kxsh.values import Type


class Variable:
    """A variable and what is known of it; `watched`: not using it is worth a warning;
    `settled`: it was compared with null, so the script minds that it may be.

    `value` is what `constants` knows of it.
    """

    __slots__ = ("name", "settled", "span", "type", "used", "value", "watched")

    def __init__(self, name: str, type: Type, span: Span | None, watched: bool = False) -> None:
        self.name = name
        self.type = type
        self.span = span
        self.watched = watched
        self.settled = False
        self.used = False
        self.value: object = UNKNOWN


class FunctionName:
    """A function of the script (or of an import, which has no scope here).

    `leaves`: whether it never comes back; None until somebody asks.
    """

    __slots__ = ("leaves", "node", "signature", "used")

    def __init__(self, node: ast.Function, signature: Signature) -> None:
        self.node = node
        self.signature = signature
        self.used = False
        self.leaves: bool | None = None


class ModuleName:
    """An import: its functions, or None where the file could not be read."""

    __slots__ = ("functions", "span", "used")

    def __init__(self, functions: Mapping[str, FunctionName] | None, span: Span) -> None:
        self.functions = functions
        self.span = span
        self.used = False


@record
class Known:
    """What a prompt's session has made before the line that is checked."""

    variables: Mapping[str, Type] = {}
    functions: Mapping[str, ast.Function] = {}
    modules: Collection[str] = ()


class Scope:
    """One block's names. `ended` are variables of blocks inside it that are over.

    `function` is true for the outermost scope of a function's body: names do not hide
    each other across it.
    """

    __slots__ = ("ended", "function", "functions", "modules", "parent", "variables")

    def __init__(self, parent: Scope | None, *, function: bool = False) -> None:
        self.parent = parent
        self.function = function
        self.variables: dict[str, Variable] = {}
        self.functions: dict[str, FunctionName] = {}
        self.modules: dict[str, ModuleName] = {}
        self.ended: dict[str, list[Variable]] = {}

    def chain(self) -> Iterator[Scope]:
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def find(self, name: str) -> Variable | None:
        for scope in self.chain():
            if name in scope.variables:
                return scope.variables[name]
        return None

    def find_ended(self, name: str) -> list[Variable]:
        """Return the variables of this name whose blocks are over, the latest last."""
        for scope in self.chain():
            if name in scope.ended:
                return scope.ended[name]
        return []

    def names(self) -> set[str]:
        return {name for scope in self.chain() for name in scope.variables}

    def hidden_by(self, name: str) -> Variable | None:
        """Return the variable of the same function that a new `name` would hide."""
        for scope in self.chain():
            if name in scope.variables:
                return scope.variables[name]
            if scope.function:
                return None
        return None

    def function_named(self, name: str) -> FunctionName | None:
        for scope in self.chain():
            if name in scope.functions:
                return scope.functions[name]
        return None

    def module_named(self, name: str) -> ModuleName | None:
        for scope in self.chain():
            if name in scope.modules:
                return scope.modules[name]
        return None

    def modules_in_reach(self) -> dict[str, ModuleName]:
        """Return the imports whose functions can be called here."""
        found: dict[str, ModuleName] = {}
        for scope in self.chain():
            for name, module in scope.modules.items():
                found.setdefault(name, module)
        return found

    def function_names(self) -> list[str]:
        return [name for scope in self.chain() for name in scope.functions]
