"""What a command takes, and the one binder that checker and interpreter share."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.errors import UsageError
from kxsh.source import Span
from kxsh.syntax import ast
from kxsh.text import nearest
from kxsh.values import ANY, BOOL, LIST, NAMED, NULL, Type


class Parameter:
    """One parameter: `kind` is positional, option, flag (an option without a value) or rest.

    `choices` closes a set of words; `many` lets an option repeat, and its value is then
    a list; `raw` makes a rest parameter take options too, as plain words.
    """

    __slots__ = (
        "choices",
        "default",
        "help",
        "kind",
        "many",
        "name",
        "raw",
        "required",
        "short",
        "type",
    )

    def __init__(
        self,
        kind: str,
        name: str,
        type: Type,
        help: str = "",
        *,
        default: object = None,
        required: bool = False,
        choices: Sequence[str] = (),
        many: bool = False,
        raw: bool = False,
        short: str = "",
    ) -> None:
        self.kind = kind
        self.name = name
        self.type = type
        self.help = help
        self.default = default
        self.required = required
        self.choices = tuple(choices)
        self.many = many
        self.raw = raw
        self.short = short

    @property
    def key(self) -> str:
        """The name as a Python argument."""
        return self.name.replace("-", "_")

    def as_json(self) -> dict[str, object]:
        default = self.default
        if default is not None and not isinstance(default, bool | int | float | str):
            default = str(default)
        return {
            "kind": self.kind,
            "name": self.name,
            "type": str(self.type),
            "help": self.help,
            "default": default,
            "required": self.required,
            "choices": list(self.choices),
            "many": self.many,
        }

    def usage(self) -> str:
        """Return how the parameter looks in a signature line."""
        word = "|".join(self.choices) if self.choices else self.name.upper()
        if self.kind == "option":
            value = "|".join(self.choices) if self.choices else str(self.type.solid()).upper()
            return f"[--{self.name} {value}]" + ("..." if self.many else "")
        if self.kind == "flag":
            return f"[--{self.name}]"
        if self.kind == "rest":
            return f"[{word}...]"
        return word if self.required else f"[{word}]"


def argument(name: str, type: Type, help: str, *, choices: Sequence[str] = ()) -> Parameter:
    """Return a positional parameter that must be given."""
    return Parameter("positional", name, type, help, required=True, choices=choices)


def optional(name: str, type: Type, help: str, default: object = None) -> Parameter:
    """Return a positional parameter that may be left out."""
    return Parameter("positional", name, type, help, default=default)


def option(
    name: str,
    type: Type,
    help: str,
    default: object = None,
    *,
    choices: Sequence[str] = (),
    many: bool = False,
    short: str = "",
) -> Parameter:
    """Return an option with a value."""
    return Parameter(
        "option", name, type, help, default=default, choices=choices, many=many, short=short
    )


def flag(name: str, help: str) -> Parameter:
    """Return an option without a value: true when given."""
    return Parameter("flag", name, BOOL, help, default=False)


def rest(name: str, type: Type, help: str, *, raw: bool = False) -> Parameter:
    """Return the parameter that takes all further words."""
    return Parameter("rest", name, type, help, raw=raw)


class Signature:
    """A command's parameters and result. `block` is ``""``, ``required`` or ``optional``."""

    __slots__ = ("block", "name", "parameters", "returns")

    def __init__(
        self, name: str, parameters: Sequence[Parameter], returns: Type = NULL, block: str = ""
    ) -> None:
        self.name = name
        self.parameters = tuple(parameters)
        self.returns = returns
        self.block = block

    def usage(self) -> str:
        """Return the signature on one line: ``findfs SPEC [--wait DURATION] -> device``."""
        words = [self.name, *(parameter.usage() for parameter in self.parameters)]
        if self.block:
            words.append("{ ... }" if self.block == "required" else "[{ ... }]")
        if self.returns.name not in ("null", "any"):
            words.append(f"-> {self.returns}")
        return " ".join(words)

    def option(self, name: str) -> Parameter | None:
        """Return the option or flag of this long or short name."""
        for parameter in self.parameters:
            if parameter.kind in ("option", "flag") and name in (parameter.name, parameter.short):
                return parameter
        return None

    def options(self) -> list[Parameter]:
        """Return what is given by name: options and flags."""
        return [item for item in self.parameters if item.kind in ("option", "flag")]

    def positionals(self) -> list[Parameter]:
        return [parameter for parameter in self.parameters if parameter.kind == "positional"]

    def rest(self) -> Parameter | None:
        return next((item for item in self.parameters if item.kind == "rest"), None)


class Item:
    """One piece of a call for the binder: what an `ast.Argument` says, with whatever
    stands for its value (a tree node for the checker, a value for the interpreter; a
    spread list is a tuple of items there)."""

    __slots__ = ("kind", "name", "span", "value")

    def __init__(self, kind: str, name: str, value: object, span: Span) -> None:
        self.kind = kind
        self.name = name
        self.value = value
        self.span = span


class Bound:
    """A parameter with the items that were given for it, in order."""

    __slots__ = ("items", "parameter")

    def __init__(self, parameter: Parameter, items: list[Item]) -> None:
        self.parameter = parameter
        self.items = items


def bind(signature: Signature, items: Sequence[Item], span: Span) -> dict[str, Bound]:
    """Return which parameter each item belongs to, by parameter name.

    An item of kind ``spread`` stands for words: a known number (the interpreter's), or
    any (the checker's): from there on, nothing is missing and nothing is too much. After
    an option that may repeat it gives that option's values. Raises `UsageError`: KX202
    unknown option, KX203 missing or extra argument, KX205 repeated option.
    """
    return _Binder(signature, span).bind(items)


_OPERATORS = frozenset("and or not in == != =~ + - * / % ??".split())


class _Binder:
    def __init__(self, signature: Signature, span: Span) -> None:
        self._signature = signature
        self._span = span
        self._bound: dict[str, Bound] = {}
        self._positionals = signature.positionals()
        self._open_ended = False
        self._items: Sequence[Item] = ()

    def bind(self, items: Sequence[Item]) -> dict[str, Bound]:
        self._items = items
        waiting = list(reversed(items))
        rest = self._signature.rest()
        while waiting:
            item = waiting.pop()
            if item.kind == "spread" and isinstance(item.value, tuple):
                waiting += reversed(item.value)
            elif item.kind == "spread":
                self._open_ended = True
                if rest:
                    self._add(rest, item)
            elif item.kind == "option" and not self._takes_raw(rest):
                self._bind_option(item, waiting)
            else:
                self._bind_word(item, rest)
        if not self._open_ended:
            self._require_all()
        return self._bound

    def _takes_raw(self, rest: Parameter | None) -> bool:
        """Options belong to a raw rest parameter once the words before it are there."""
        return rest is not None and rest.raw and not self._positionals

    def _bind_option(self, item: Item, waiting: list[Item]) -> None:
        parameter = self._signature.option(item.name)
        if parameter is None:
            raise self._unknown_option(item)
        if parameter.name in self._bound and not parameter.many:
            raise self._error("KX205", f"`--{parameter.name}` is given twice", item.span)
        if parameter.kind == "flag":
            if item.value is not None:
                raise self._error("KX203", f"`--{parameter.name}` takes no value", item.span)
            self._add(parameter, item)
        elif item.value is not None:
            self._add(parameter, Item("word", "", item.value, item.span))
        elif waiting and waiting[-1].kind == "word":
            self._add(parameter, waiting.pop())
        elif waiting and waiting[-1].kind == "spread" and parameter.many:
            self._add_spread(parameter, waiting.pop())
        else:
            raise self._error("KX203", f"`--{parameter.name}` needs a value", item.span)

    def _add_spread(self, parameter: Parameter, item: Item) -> None:
        """Give an option each value of a list; an empty list is as if it was not given."""
        for value in item.value if isinstance(item.value, tuple) else (item,):
            self._add(parameter, value)

    def _bind_word(self, item: Item, rest: Parameter | None) -> None:
        if self._positionals:
            self._add(self._positionals.pop(0), item)
        elif rest is not None:
            self._add(rest, item)
        elif not self._open_ended:
            raise self._too_much(item)

    def _add(self, parameter: Parameter, item: Item) -> None:
        bound = self._bound.setdefault(parameter.name, Bound(parameter, []))
        bound.items.append(item)

    def _require_all(self) -> None:
        for parameter in self._positionals:
            if parameter.required:
                message = f"`{self._signature.name}` needs {parameter.name.upper()}"
                raise self._error("KX203", message, self._span)

    def _too_much(self, item: Item) -> UsageError:
        error = self._error("KX203", f"`{self._signature.name}` takes no more", item.span)
        from kxsh.option_names import quoted  # an error is the exception

        told = quoted(self._signature, self._items, item)
        if told is not None:
            error.hint, error.fix = told
            return error
        if item.span.text in _OPERATORS:
            error.hint = "after a call an operator is a word: put the call in `( )`\n" + error.hint
        return error

    def _unknown_option(self, item: Item) -> UsageError:
        options = self._signature.options()
        dashes = "--" if item.span.text.startswith("--") else "-"
        message = f"`{self._signature.name}` has no option `{dashes}{item.name}`"
        error = self._error("KX202", message, item.span)
        if item.name == "help":
            error.hint = f"`help {self._signature.name}` explains it\n{error.hint}"
            return error
        from kxsh.option_names import advice  # an error is the exception

        told, error.fix = advice(self._signature, item.name, item.span)
        near = "" if told else nearest(item.name, [option.name for option in options])
        if told or near:
            error.hint = f"{told or f'did you mean `--{near}`?'}\n{error.hint}"
        return error

    def _error(self, code: str, message: str, span: Span) -> UsageError:
        hint = f"usage: {self._signature.usage()}"
        return UsageError(message, code=code, span=span, hint=hint)


# -- functions of a script


def signature_of(node: ast.Function) -> Signature:
    """Return the signature that a function's header declares; an option of type bool
    is a flag. `UsageError` KX106 where it names a type that is none."""
    returns = resolve_type(node.returns) if node.returns else ANY
    return Signature(node.name, [_declared(parameter) for parameter in node.parameters], returns)


def _declared(written: ast.Parameter) -> Parameter:
    kind, type = written.kind, resolve_type(written.type)
    if kind == "rest":
        return Parameter(kind, written.name, type)
    if kind == "option" and type == BOOL:
        return flag(written.name, "")
    if kind == "option" and written.default is None:
        type = type.or_null() if type != ANY else type
    required = kind == "positional" and written.default is None
    return Parameter(kind, written.name, type, required=required)


def resolve_type(written: ast.TypeName | None) -> Type:
    """Return the type that a script names; none written is any."""
    if written is None:
        return ANY
    if written.item is not None:
        return Type(LIST.name, optional=written.optional, item=resolve_type(written.item))
    known = NAMED.get(written.name)
    if known is None:
        near = nearest(written.name, NAMED)
        hint = f"did you mean `{near}`?" if near else f"types: {', '.join(NAMED)}"
        raise UsageError(
            f"there is no type `{written.name}`", code="KX106", span=written.span, hint=hint
        )
    return known.or_null() if written.optional else known
