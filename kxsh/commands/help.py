"""help: the declarations, for people."""

from __future__ import annotations

from kxsh.commands.context import Context
from kxsh.commands.registry import COMMANDS, Command, command
from kxsh.errors import NotFound
from kxsh.signature import Parameter, optional
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
    "Start a kernel": "boot",
    "Menus of your own": "choices",
    "Remembered": "states",
    "System": "programs",
    "Script": "control",
    "Help": "help",
}


@command(
    "help",
    optional("topic", STR, "a command's name"),
    raises=("not-found",),
    examples=("help mount", "help"),
)
def help(context: Context, topic: str | None) -> None:
    """Show all commands, or one command's signature, options and examples."""
    context.console.say(overview() if topic is None else describe(find(topic)))


def find(topic: str) -> Command:
    """Return the command `topic` names; `NotFound` with a suggestion."""
    if topic in COMMANDS:
        return COMMANDS[topic]
    near = nearest(topic, COMMANDS)
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
