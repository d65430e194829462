"""The syntax tree: plain nodes, each with the span it was written at.

Nodes are slotted classes with a positional constructor rather than dataclasses:
creating sixty dataclasses costs the target a quarter of a second of its start.
"""

# ruff: noqa: RUF023 -- slots are in the order of the constructor, which is source order

from __future__ import annotations

from collections.abc import Iterator

from kxsh.source import Span

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any, TypeAlias


# Slots that hold texts, places and the like in every node that has them.
_PLAIN = frozenset("help kind name name_span names operator optional path".split())


class Node:
    """Base of all nodes: `Node(span, *fields)` in the order of `__slots__`."""

    __slots__ = ("span",)
    span: Span
    _holding: tuple[str, ...]  # the slots that may hold nodes

    def __init_subclass__(cls) -> None:
        if "_holding" not in cls.__dict__:
            cls._holding = tuple(name for name in cls.__slots__ if name not in _PLAIN)

    def __init__(self, span: Span, *values: Any) -> None:
        names = self.__slots__
        if len(names) != len(values):
            raise TypeError(f"{type(self).__name__} takes {names}, got {len(values)} values")
        self.span = span
        for name, value in zip(names, values):  # noqa: B905 -- they are as many
            setattr(self, name, value)

    def children(self) -> list[Node]:
        """Return the nodes directly below, in source order."""
        found: list[Node] = []
        for name in self._holding:
            value = getattr(self, name)
            if isinstance(value, Node):
                found.append(value)
            elif isinstance(value, tuple):
                found += _nodes(value)
        return found

    def __eq__(self, other: object) -> bool:
        """Two nodes are equal when they mean the same, wherever they stand."""
        return type(other) is type(self) and all(
            getattr(self, name) == getattr(other, name)
            for name in self.__slots__
            if name != "name_span"
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"{type(self).__name__}({fields})"


def _nodes(values: tuple[object, ...]) -> Iterator[Node]:
    for value in values:
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from _nodes(value)


def walk(node: Node) -> Iterator[Node]:
    """Yield `node` and everything below it, outermost first."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(reversed(current.children()))


# ---- expressions


class Literal(Node):
    """A constant: None, bool, int, str, Duration or Size."""

    __slots__ = ("value",)
    _holding = ()
    value: object


class Text(Node):
    """A string or word with interpolations: literal `str` pieces and expressions."""

    __slots__ = ("parts",)
    parts: tuple[str | Expression, ...]


class Variable(Node):
    __slots__ = ("name",)
    name: str


class Field(Node):
    __slots__ = ("object", "name")
    object: Expression
    name: str


class Index(Node):
    __slots__ = ("object", "key")
    object: Expression
    key: Expression


class Unary(Node):
    """`operator` is ``-``, ``+`` or ``not``."""

    __slots__ = ("operator", "operand")
    operator: str
    operand: Value


class Binary(Node):
    """`operator` is one of ``or and == != < <= > >= =~ in ?? + - * / %``."""

    __slots__ = ("operator", "left", "right")
    operator: str
    left: Expression
    right: Expression


class ListLiteral(Node):
    __slots__ = ("items",)
    items: tuple[Expression, ...]


class MapLiteral(Node):
    __slots__ = ("pairs",)
    pairs: tuple[tuple[str, Expression], ...]


# ---- calls


class Argument(Node):
    """What follows a command name, as written.

    `kind` is ``word`` (a value), ``option`` (`name` with or without a glued value) or
    ``spread`` (a list whose items become words). Which word belongs to which option is
    the signature's knowledge, not the grammar's.
    """

    __slots__ = ("kind", "name", "value")
    kind: str
    name: str
    value: Expression | None


class Call(Node):
    """`optional` is the `?` after it: null instead of a not-found failure."""

    __slots__ = ("name", "name_span", "arguments", "optional")
    name: str
    name_span: Span
    arguments: tuple[Argument, ...]
    optional: bool


class BlockHandler(Node):
    __slots__ = ("name", "body")
    name: str | None
    body: Block


class CallHandler(Node):
    __slots__ = ("call",)
    call: Call


class Handled(Node):
    """A value, and what to do instead if it fails: tried left to right."""

    __slots__ = ("value", "handlers")
    value: Value
    handlers: tuple[BlockHandler | CallHandler, ...]


# ---- statements


class Block(Node):
    __slots__ = ("statements",)
    statements: tuple[Statement, ...]


class Script(Node):
    __slots__ = ("statements",)
    statements: tuple[Statement, ...]


class TypeName(Node):
    """A written type; `item` is set for ``[item]``, whose name is ``list``."""

    __slots__ = ("name", "optional", "item")
    name: str
    optional: bool
    item: TypeName | None


class Let(Node):
    __slots__ = ("name", "name_span", "type", "value")
    name: str
    name_span: Span
    type: TypeName | None
    value: Value


class Set(Node):
    """`steps` lead from the variable to the changed place: field names and index expressions."""

    __slots__ = ("name", "name_span", "steps", "value")
    name: str
    name_span: Span
    steps: tuple[str | Expression, ...]
    value: Value


class LetCondition(Node):
    """``if let NAME = VALUE``: holds when the value is not null."""

    __slots__ = ("name", "name_span", "value")
    name: str
    name_span: Span
    value: Value


class If(Node):
    __slots__ = ("branches", "otherwise")
    branches: tuple[tuple[Condition, Block], ...]
    otherwise: Block | None


class While(Node):
    __slots__ = ("condition", "body")
    condition: Condition
    body: Block


class For(Node):
    __slots__ = ("names", "value", "body")
    names: tuple[str, ...]
    value: Value
    body: Block


class Arm(Node):
    """`patterns` are constants; None is the `else` arm."""

    __slots__ = ("patterns", "body")
    patterns: tuple[Literal, ...] | None
    body: Block


class Match(Node):
    __slots__ = ("value", "arms")
    value: Value
    arms: tuple[Arm, ...]


class Try(Node):
    __slots__ = ("body", "name", "handler")
    body: Block
    name: str | None
    handler: Block


class Parameter(Node):
    """`kind` is ``positional``, ``option`` or ``rest``."""

    __slots__ = ("kind", "name", "type", "default")
    kind: str
    name: str
    type: TypeName | None
    default: Expression | None


class Function(Node):
    __slots__ = ("name", "name_span", "parameters", "returns", "body", "help")
    name: str
    name_span: Span
    parameters: tuple[Parameter, ...]
    returns: TypeName | None
    body: Block
    help: str


class Return(Node):
    __slots__ = ("value",)
    value: Value | None


class Break(Node):
    __slots__ = ()


class Continue(Node):
    __slots__ = ()


class Import(Node):
    __slots__ = ("path", "name")
    path: str
    name: str


class CallStatement(Node):
    __slots__ = ("call", "block", "handlers")
    call: Call
    block: Block | None
    handlers: tuple[BlockHandler | CallHandler, ...]


class ExpressionStatement(Node):
    """An expression on its own: only at the prompt, which prints its value."""

    __slots__ = ("value",)
    value: Expression


Expression: TypeAlias = (
    Literal | Text | Variable | Field | Index | Unary | Binary | ListLiteral | MapLiteral | Call
)
Value: TypeAlias = Expression | Handled
Condition: TypeAlias = LetCondition | Value
Statement: TypeAlias = (
    Let
    | Set
    | If
    | While
    | For
    | Match
    | Try
    | Function
    | Return
    | Break
    | Continue
    | Import
    | CallStatement
    | ExpressionStatement
)
