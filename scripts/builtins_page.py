"""Writes docs/builtins.md from the declarations of the commands (`make docs`)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from kxsh.checker.codes.at_run import AT_RUN
from kxsh.commands import COMMANDS, Command
from kxsh.commands.help import FAMILIES
from kxsh.console.prompt.commands import PromptCommands
from kxsh.console.prompt.session import Session
from kxsh.errors import (
    FAILURES,
    Denied,
    Failure,
    FormatFailure,
    Interrupted,
    IoFailure,
    NotFound,
    TimedOut,
    VerifyFailure,
)
from kxsh.signature import Parameter

PAGE = Path(__file__).resolve().parent.parent / "docs/builtins.md"

_HEAD = """\
# Built-in commands

<!-- Written by scripts/builtins_page.py from the declarations in kxsh/commands: change
those, then run `make docs`. -->

The prompt shows the same with `help` and `help COMMAND`; `kxsh --signatures` prints it as
JSON. The language around the commands is in [language.md](language.md).

In a signature, WORDS IN CAPITALS are arguments, `[...]` may be left out, `...` may repeat,
`{ ... }` is a block, and `-> type` is what the call gives; without an arrow it gives null.
What a type takes is under [types](language.md#types). A command that gives `never` does not
come back. Options stand anywhere after the command's name.
"""

_MACHINE = """\
Each example runs in the tests, on a made-up machine. Its first disk, `/dev/sda`, is a stick
with a rescue image: `/dev/sda1` is an ISO 9660 filesystem labelled `GENTOO` with ISOLINUX on
it, `/dev/sda2` is the partition that the loader came from (`$esp`). Its second disk,
`/dev/sdb`, holds an installed system: the ext4 filesystems `root` and `DATA`. A third one has an
encrypted partition, `/dev/sdd1`; volume group, RAID array and web server are made up as well.
"""

_PROMPT = """\
These exist at the prompt only: they look at what happened, so a script has no use for them.
`retry` without arguments is this one, `retry 3 { ... }` the built-in. `help` lists these too.
"""

# What a person is told of each class; kxsh/console/script/why.py says it of one failure.
_CLASSES: dict[type[Failure], str] = {
    NotFound: "What was asked for is not there. The only class that `?` turns into null.",
    TimedOut: "It did not happen in time.",
    Denied: "A policy refused it: Secure Boot, lockdown, permissions. Never tried another way.",
    IoFailure: "A device, a file or a program failed; also too little memory.",
    FormatFailure: "Something is not what it should be, or not the only one of its kind.",
    VerifyFailure: "A check of the script did not hold: what `fail` gives unless told otherwise.",
    Interrupted: "Ctrl-C. Nothing handles it.",
}

# Codes that only a run can end with.
# With those of the checker's that only a run can end with.
_AT_RUN_TIME = {
    "KX303": "the script ended without starting a kernel",
    **{code.code: code.title for code in AT_RUN.values()},
}


def page() -> str:
    """Return the whole page."""
    return "\n".join(_lines()).rstrip("\n") + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    yield "| | |\n| --- | --- |"
    for heading, family in FAMILIES.items():
        names = (item.name for item in COMMANDS.values() if item.family == family)
        yield f"| {heading} | {', '.join(_link(name) for name in names)} |"
    yield "| At the prompt | [below](#at-the-prompt-only) |"
    yield ""
    yield _MACHINE
    for heading, family in FAMILIES.items():
        yield f"## {heading}\n"
        for item in COMMANDS.values():
            if item.family == family:
                yield from _command(item)
    yield "## At the prompt only\n"
    yield _PROMPT
    # The declarations need no session; running a command would.
    for item in PromptCommands(cast(Session, None)).table().values():
        yield f"- `{item.signature.usage()}` - {_flowed(item.help)}"
    yield from _classes()
    yield from _codes()


def _link(name: str) -> str:
    return f"[{name}](#{name})"


def _command(item: Command) -> Iterator[str]:
    yield f"### {item.name}\n"
    yield f"```\n{item.signature.usage()}\n```\n"
    yield f"{item.help}\n"
    if item.signature.parameters:
        yield "| | type | |\n| --- | --- | --- |"
        yield from (_row(parameter) for parameter in item.signature.parameters)
        yield ""
    if item.raises:
        yield f"Can fail with {', '.join(item.raises)}.\n"
    for example in item.examples:
        yield f"```kxs\n{example}\n```\n"


def _row(parameter: Parameter) -> str:
    named = parameter.kind in ("option", "flag")
    name = f"`--{parameter.name}`" if named else f"`{parameter.name.upper()}`"
    about = [parameter.help]
    if parameter.choices:
        about.append("one of " + ", ".join(f"`{word}`" for word in parameter.choices))
    if parameter.many or parameter.kind == "rest":
        about.append("may repeat" if named else "any number")
    if parameter.default not in (None, "", False):
        about.append(f"default `{parameter.default}`")
    kind = "" if parameter.kind == "flag" else f"{parameter.type}"
    return f"| {name} | {kind} | {_cell('; '.join(about))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")


def _flowed(text: str) -> str:
    return " ".join(text.split())


def _classes() -> Iterator[str]:
    yield "\n## Failure classes\n"
    yield "How a script handles them is under [failure](language.md#failure).\n"
    yield "| class | | commands |\n| --- | --- | --- |"
    for name, failure in FAILURES.items():
        yield f"| {name} | {_CLASSES[failure]} | {', '.join(_raisers(name))} |"


def _raisers(failure: str) -> Iterator[str]:
    for family in FAMILIES.values():
        for item in COMMANDS.values():
            if item.family == family and failure in item.raises:
                yield _link(item.name)


def _codes() -> Iterator[str]:
    yield "\n## Codes\n"
    yield "What stands in brackets in `error[KX101]`: [checks.md](checks.md) explains those that"
    yield "`--check` finds, before anything runs. These only a run can end with:\n"
    yield "| code | |\n| --- | --- |"
    for code, title in _AT_RUN_TIME.items():
        yield f"| {code} | {title} |"


def main() -> int:
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
