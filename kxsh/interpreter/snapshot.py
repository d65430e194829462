"""The variables and functions of a scope at one moment, for `undo`."""

from __future__ import annotations

from collections.abc import Iterable

from kxsh.boot.state import State
from kxsh.interpreter.scope import FunctionValue, Scope
from kxsh.values import copied


class Snapshot:
    """What a scope's names held when this was made."""

    __slots__ = ("_functions", "_modules", "_variables", "scope")

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._variables = {name: _kept(value) for name, value in scope.variables.items()}
        self._functions = dict(scope.functions)
        self._modules = dict(scope.modules)

    def changed(self) -> list[str]:
        """Return the names that are other now, or are new or gone."""
        now = self.scope.variables
        names = [*now, *(name for name in self._variables if name not in now)]
        functions = self.scope.functions.items()
        modules = self.scope.modules.items()
        return [
            *(name for name in names if self._differs(name)),
            *(name for name, one in functions if self._is_new(name, one)),
            *(name for name, one in modules if self._modules.get(name) is not one),
        ]

    def _is_new(self, name: str, function: FunctionValue) -> bool:
        before = self._functions.get(name)
        return before is None or before.node is not function.node

    def _differs(self, name: str) -> bool:
        """Compare a variable with what it was; what it is now is not copied for that."""
        if name not in self._variables or name not in self.scope.variables:
            return True
        now, before = self.scope.variables[name], self._variables[name]
        return before != ((now, now.data) if isinstance(now, State) else now)

    def has(self, name: str) -> bool:
        """Tell whether there was a variable of this name."""
        return name in self._variables

    def restore(self, names: Iterable[str]) -> None:
        """Make variables, functions and imports what they were."""
        scope = self.scope
        for name in names:
            for now in (scope.variables, scope.functions, scope.modules):
                now.pop(name, None)
            if name in self._variables:
                scope.variables[name] = _given_back(self._variables[name])
            if name in self._functions:
                scope.functions[name] = self._functions[name]
            if name in self._modules:
                scope.modules[name] = self._modules[name]


def _kept(value: object) -> object:
    """Return what stays as it is while the value may change: a state with its contents."""
    return (value, copied(value.data)) if isinstance(value, State) else copied(value)


def _given_back(kept: object) -> object:
    if not isinstance(kept, tuple):
        return copied(kept)
    state, data = kept
    state.data = copied(data)
    return state
