"""A command is a declaration: binder, help, completion, checker and docs read this."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kxsh.errors import Edit, Fix, UsageError
from kxsh.signature import Parameter, Signature
from kxsh.source import Span
from kxsh.text import nearest
from kxsh.values import NULL, Type

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any

# The effects a command may have; --check follows them through a script.
EFFECTS = (
    "block", "closes", "loads", "modules", "mounts", "needs-loaded", "never-returns", "opens",
    "reads", "writes",
)  # fmt: skip


class Command:
    """A built-in: `raises` are the failure classes it can have, `examples` are scripts
    that run in the tests on the fake machine described in docs/builtins.md."""

    __slots__ = ("effects", "examples", "family", "function", "raises", "signature")

    def __init__(
        self,
        function: Callable[..., Any],
        signature: Signature,
        raises: Sequence[str],
        effects: Sequence[str],
        examples: Sequence[str],
    ) -> None:
        self.function = function
        self.signature = signature
        self.raises = tuple(raises)
        self.effects = tuple(effects)
        self.examples = tuple(examples)
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
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare the decorated function as a command: it is called with a `Context`, then
    positional and rest values in order, then options by name."""

    def declare(function: Callable[..., Any]) -> Callable[..., Any]:
        unknown = set(effects) - set(EFFECTS)
        if unknown or name in COMMANDS:
            raise ValueError(f"{name}: declared twice, or unknown effects {unknown}")
        signature = Signature(name, parameters, returns, block)
        COMMANDS[name] = Command(function, signature, raises, effects, examples)
        return function

    return declare


# Words of other languages at a command's place -> (code, what to write instead).
_FOREIGN = {
    "else": ("KX201", "an `else` stands after what it handles: `mount LABEL=X else { ... }`"),
    "then": ("KX004", "a block is written in braces: `if $ready { ... }`"),
    "fi": ("KX004", "a block ends with `}`"),
    "do": ("KX004", "a block is written in braces: `for x in $list { ... }`"),
    "done": ("KX004", "a block ends with `}`"),
    "esac": ("KX004", "a block ends with `}`"),
    "elif": ("KX004", "write `} else if ... {`"),
    "case": ("KX004", 'write `match $x { "a" | "b" { ... } else { ... } }`'),
    "goto": ("KX006", "there are no jumps: use functions, loops and `else`"),
    "export": ("KX001", "write `let name = value`; functions see it"),
    "local": ("KX001", "write `let name = value`; it lives in its block"),
    "menuentry": ("KX010", "write `entry ID TITLE { ... }` inside a `menu`"),
    "linux": ("KX010", "write `load KERNEL --initrd FILE --cmdline TEXT`, then `exec`"),
    "linuxefi": ("KX010", "write `load KERNEL --initrd FILE --cmdline TEXT`, then `exec`"),
    "linux16": ("KX010", "write `load KERNEL --initrd FILE --cmdline TEXT`, then `exec`"),
    "kernel": ("KX010", "write `load KERNEL --initrd FILE --cmdline TEXT`, then `exec`"),
    "kexec": ("KX010", "write `load KERNEL --initrd FILE --cmdline TEXT`, then `exec`"),
    "initrd": ("KX010", "write it with `load`: `load KERNEL --initrd FILE`"),
    "initrdefi": ("KX010", "write it with `load`: `load KERNEL --initrd FILE`"),
    "imgfetch": ("KX010", "files are read where they lie: `load KERNEL --initrd FILE`"),
    "chain": ("KX010", "kexec starts Linux kernels only: `load KERNEL`, then `exec`"),
    "chainloader": ("KX010", "kexec starts Linux kernels only: `load KERNEL`, then `exec`"),
    "search": ("KX010", "write `let disk = findfs LABEL=NAME`"),
    "insmod": ("KX010", "write `modprobe MODULE`"),
    "configfile": ("KX010", 'write `import "FILE.kxs"`'),
    "submenu": ("KX010", "write `entry ID TITLE { menu TITLE { ... } }`"),
    "echo": ("KX010", "write `say TEXT`"),
    "cat": ("KX010", "write `say (read FILE)`"),
    "ls": ("KX010", 'write `for f in glob "DIR/*" { say $f }`, or `run ls DIR`'),
}


def unknown_command(name: str, functions: Iterable[str], span: Span) -> UsageError:
    """Return the error for a name that is no command and none of the script's functions."""
    code, hint = _FOREIGN.get(name, ("KX201", ""))
    near = nearest(name, functions) or nearest(name, COMMANDS)
    if near and not hint:
        hint = f"did you mean `{near}`?"
    hint = hint or f"`help` lists the commands; another program is started with `run {name}`"
    fix = None
    if code == "KX201" and not near and "." not in name and name != "else":
        start = Span(span.source, span.start, span.start)
        fix = Fix(f"start the program `{name}`", (Edit(start, "run "),), safe=False)
    message = f"there is no command `{name}`"
    return UsageError(message, code=code, span=span, hint=hint, fix=fix)
