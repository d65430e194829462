"""help: the declarations, for people."""

from __future__ import annotations

from collections.abc import Callable

from kxsh import resources
from kxsh.commands.context import Context
from kxsh.commands.registry import COMMANDS, Command, command
from kxsh.errors import NotFound
from kxsh.signature import Parameter, optional, signature_of
from kxsh.syntax import ast
from kxsh.text import nearest
from kxsh.values import STR

# Heading -> family, in the order `help` lists them.
FAMILIES = {
    "Find": "devices",
    "Filesystems": "mounts",
    "Inside of devices": "layers",
    "Files": "files",
    "Network": "network",
    "Boot menus on disk": "loaders",
    "Any boot loader's menu": "old_loaders",
    "Menus of all disks": "menus",
    "Start a kernel": "boot",
    "Look into a kernel": "kernels",
    "Menus of your own": "choices",
    "Remembered": "states",
    "System": "programs",
    "Script": "control",
    "Help": "help",
}

# What tells of topics that are no commands, where a program knows more: text, or nothing.
others: list[Callable[[str], str]] = []


@command(
    "help",
    optional("topic", STR, "a command, a library module such as slots, a message's code"),
    raises=("not-found",),
    examples=("help mount", "help", "help slots"),
)
def help(context: Context, topic: str | None) -> None:
    """Show all commands, or one command's signature, options and examples."""
    context.console.say(overview() if topic is None else explain(topic))


def explain(topic: str) -> str:
    """Return the help on a command, a library module, or what `others` tell of."""
    told = (tell(topic) for tell in others)
    return library(topic) or next(filter(None, told), "") or describe(find(topic))


def library(topic: str) -> str:
    """Return what the documented functions of a library module are for; no such module,
    or a command of that name: nothing. ``slots.start`` is one function's."""
    name, _, wanted = topic.partition(".")
    path = None if topic in COMMANDS else resources.stdlib_path(name)
    if path is None:
        return ""
    from kxsh.syntax.decode import decode_source
    from kxsh.syntax.parser import parse_script

    with open(path, "rb") as file:
        script = parse_script(decode_source(f"stdlib/{name}.kxs", file.read()))
    parts = [
        f"usage: {name}.{signature_of(node).usage()}\n\n{node.help}"
        for node in script.statements
        if isinstance(node, ast.Function) and node.help and wanted in ("", node.name)
    ]
    return f'import "{name}"\n\n' + "\n\n".join(parts) if parts else ""


def library_names() -> list[str]:
    """Return the library's modules that scripts import."""
    return [name for name in resources.stdlib_names() if name != "default"]


def find(topic: str) -> Command:
    """Return the command `topic` names; `NotFound` with a suggestion."""
    if topic in COMMANDS:
        return COMMANDS[topic]
    near = nearest(topic, [*COMMANDS, *resources.stdlib_names()])
    raise NotFound(
        f"no help on {topic}", hint=f"did you mean {near}?" if near else "`help` lists all topics"
    )


def overview() -> str:
    """Return the list of commands by family, one line each."""
    lines: list[str] = []
    for heading, family in FAMILIES.items():
        lines.append(heading)
        for item in COMMANDS.values():
            if item.family == family:
                lines.append(f"  {item.name:<26} {item.summary}")
    lines.append("Library")
    lines += [f'  import "{name}"' for name in library_names()]
    lines.append("`help COMMAND` shows options and examples.")
    return "\n".join(lines)


def describe(item: Command) -> str:
    """Return one command's help: usage, text, parameters, failures, an example."""
    lines = [f"usage: {item.signature.usage()}", "", item.help]
    if item.signature.parameters:
        lines.append("")
        lines += [_parameter(parameter) for parameter in item.signature.parameters]
    if item.raises:
        lines += ["", f"can fail with: {', '.join(item.raises)}"]
    if item.examples:
        lines += ["", "for example:"]
        lines += [f"  {line}" for line in item.examples[0].splitlines()]
    return "\n".join(lines)


def _parameter(parameter: Parameter) -> str:
    dashes = "--" if parameter.kind in ("option", "flag") else ""
    name = dashes + parameter.name + ("..." if parameter.kind == "rest" else "")
    default = ""
    if parameter.default not in (None, "", False):
        default = f" (default {parameter.default})"
    choices = f": {', '.join(parameter.choices)}" if parameter.choices else ""
    return f"  {name:<14} {parameter.help}{choices}{default}"
