"""Small immutable data classes that cost nothing to define.

`dataclasses` compiles half a dozen methods for each class and imports `inspect` to do
so: on the emulated target that was a third of a second before the first line of a boot.
A `record` has one constructor for all; type checkers see a data class (PEP 681).
"""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar, dataclass_transform

    _Class = TypeVar("_Class")
    _Record = TypeVar("_Record")
else:

    def dataclass_transform(**_: object) -> Callable:
        """Do at run time what it does there: nothing."""
        return lambda decorator: decorator


class _Fresh:
    __slots__ = ("factory",)

    def __init__(self, factory: Callable[[], object]) -> None:
        self.factory = factory


def fresh(*, default_factory: Callable[[], Any]) -> Any:
    """Return a field's default that is made anew for each record."""
    return _Fresh(default_factory)


@dataclass_transform(frozen_default=True, field_specifiers=(fresh,))
def record(cls: type[_Class]) -> type[_Class]:
    """Make a class of its annotations: slots, constructor, equality, hash; frozen."""
    return _make(cls, {**_METHODS, "__setattr__": _refuse, "__delattr__": _refuse})


@dataclass_transform(field_specifiers=(fresh,))
def mutable(cls: type[_Class]) -> type[_Class]:
    """Make a class of its annotations that can change, and equals only itself."""
    return _make(cls, {"__init__": _init, "__repr__": _repr})


def replace(instance: _Record, **changes: object) -> _Record:
    """Return a copy of a record with some fields changed."""
    cls: Any = type(instance)
    values = {name: getattr(instance, name) for name in cls.__slots__}
    made: _Record = cls(**{**values, **changes})
    return made


def _make(cls: type[Any], methods: dict[str, Any]) -> type[Any]:
    body = dict(cls.__dict__)
    names = tuple(body.get("__annotations__", ()))
    defaults = {name: body.pop(name) for name in names if name in body}
    for gone in ("__dict__", "__weakref__"):
        body.pop(gone, None)
    own = {name: method for name, method in methods.items() if name not in body}
    get = attrgetter(*names) if len(names) > 1 else lambda instance: getattr(instance, names[0])
    kind: Any = type(cls)
    made: Any = kind(
        cls.__name__,
        cls.__bases__,
        {**body, **own, "__slots__": names, "__match_args__": names},
    )
    made._defaults = defaults
    made._values = staticmethod(get)
    new: type[Any] = made
    return new


def _init(self: Any, *values: object, **named: object) -> None:
    names = self.__slots__
    if len(values) > len(names):
        raise TypeError(f"{type(self).__name__} takes {len(names)} values, not {len(values)}")
    put = object.__setattr__
    for name, value in zip(names, values, strict=False):
        put(self, name, value)
    if len(values) == len(names) and not named:
        return
    defaults = self._defaults
    for name in names[len(values) :]:
        if name in named:
            put(self, name, named.pop(name))
        elif name in defaults:
            value = defaults[name]
            put(self, name, value.factory() if type(value) is _Fresh else value)
        else:
            raise TypeError(f"{type(self).__name__} needs {name}")
    if named:
        raise TypeError(f"{type(self).__name__} takes no {', '.join(named)}")


def _equal(self: Any, other: Any) -> Any:
    if type(other) is not type(self):
        return NotImplemented
    return self._values(self) == self._values(other)


def _hash(self: Any) -> int:
    return hash(self._values(self))


def _repr(self: Any) -> str:
    fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
    return f"{type(self).__name__}({fields})"


def _refuse(self: Any, name: str, *_: object) -> None:
    raise AttributeError(f"{type(self).__name__} cannot be changed: {name}")


_METHODS = {"__init__": _init, "__eq__": _equal, "__hash__": _hash, "__repr__": _repr}
