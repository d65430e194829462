"""A command is a declaration: binder, help, completion, checker and docs read this."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kxsh.signature import Parameter, Signature
from kxsh.values import NULL, Type

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any

# The effects a command may have; --check follows them through a script.
EFFECTS = (
    "block", "closes", "loads", "modules", "mounts", "needs-loaded", "never-returns", "opens",
    "reads", "writes",
)  # fmt: skip


# Where the result depends on an argument: a parameter, and what each value of it gives (a
# flag is true, or false where it is not given).
Results = tuple[str, "Mapping[object, Type]"]


class Command:
    """A built-in: `raises` are the failure classes it can have, `examples` are scripts
    that run in the tests on the fake machine described in docs/builtins.md; `results` tell
    what it returns more closely than its signature does."""

    __slots__ = ("effects", "examples", "family", "function", "raises", "results", "signature")

    def __init__(
        self,
        function: Callable[..., Any],
        signature: Signature,
        raises: Sequence[str],
        effects: Sequence[str],
        examples: Sequence[str],
        results: Results = ("", {}),
    ) -> None:
        self.function = function
        self.signature = signature
        self.raises = tuple(raises)
        self.effects = tuple(effects)
        self.examples = tuple(examples)
        self.results = results
        self.family = function.__module__.rpartition(".")[2]

    @property
    def name(self) -> str:
        return self.signature.name

    @property
    def help(self) -> str:
        """The documentation: the function's docstring, without its indentation."""
        lines = (self.function.__doc__ or "").strip().splitlines()
        return "\n".join([lines[0], *(line.strip() for line in lines[1:])] if lines else [])

    @property
    def summary(self) -> str:
        return self.help.partition("\n")[0]

    def as_json(self) -> dict[str, object]:
        """Return the declaration, as ``kxsh --signatures`` prints it."""
        return {
            "name": self.name,
            "family": self.family,
            "usage": self.signature.usage(),
            "summary": self.summary,
            "help": self.help,
            "parameters": [parameter.as_json() for parameter in self.signature.parameters],
            "block": self.signature.block,
            "returns": str(self.signature.returns),
            "raises": list(self.raises),
            "effects": list(self.effects),
            "examples": list(self.examples),
        }


COMMANDS: dict[str, Command] = {}


def command(
    name: str,
    *parameters: Parameter,
    returns: Type = NULL,
    raises: Sequence[str] = (),
    effects: Sequence[str] = (),
    block: str = "",
    examples: Sequence[str] = (),
    results: Results = ("", {}),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the decorated function as a command: it is called with a `Context`, then
    positional and rest values in order, then options by name."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        unknown = set(effects) - set(EFFECTS)
        if unknown or name in COMMANDS:
            raise ValueError(f"{name}: declared twice, or unknown effects {unknown}")
        signature = Signature(name, parameters, returns, block)
        COMMANDS[name] = Command(function, signature, raises, effects, examples, results)
        return function

    return declare
