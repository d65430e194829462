"""What to try instead of a line that went wrong: the prompt knows more than a script's author
is told, its own commands and what this machine has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kxsh.commands import COMMANDS
from kxsh.errors import Failure, KxshError, ParseError, UsageError
from kxsh.text import display, nearest
from kxsh.values import NO_ESP

if TYPE_CHECKING:
    from kxsh.console.prompt.session import Session

# Commands that elsewhere do something where they stand alone.
_ALONE = {
    "mount": "`mounts` shows what is mounted; `mount LABEL=X` mounts",
    "boot": "`exec` starts what is loaded; `boot ENTRY` loads and starts one, Tab lists them",
}
# By the class of a failure; `why` explains the errno and shows all that the kernel said.
_NEXT = {
    "not-found": "Tab after a path, `disks` and `mounts` show what is there",
    "timeout": "`disks` shows what has come; `log` what the kernel said of it",
    "io": "`why` explains it; `log` shows what the kernel said",
    "denied": "`why` explains it",
    "format": "`why` explains it; `log` shows what the kernel said",
}
# Programs that elsewhere tell what disks there are.
_OF_DISKS = ("lsblk", "blkid", "fdisk", "sfdisk", "gdisk", "parted", "lsscsi")
# Typed late, or once too often.
_ANSWERS = ("y", "n", "yes", "no")


def corrected(session: Session, error: KxshError) -> KxshError:
    """Return an error of a typed line with the hint that fits here."""
    if error.span is None:
        return error
    if isinstance(error, Failure):
        error.hint = error.hint or _next_step(error)
        return error
    if error.message == "`help` takes no more":
        hint = _whole_topic(error.span.source.text)
    elif error.message == "`retry` takes no more":
        hint = (
            "it is about the script that stopped; `save-script --rest FILE` writes that elsewhere"
        )
    else:
        hint = hint_for(session, error.code, error.span.text, error.hint)
    if hint == error.hint:
        return error
    kind = ParseError if isinstance(error, ParseError) else UsageError
    return kind(error.message, code=error.code, span=error.span, hint=hint)


def _next_step(error: Failure) -> str:
    """Return what to try after a failure that names nothing itself: by its class."""
    return "" if error.command == "fail" else _NEXT.get(error.kind, "")


def hint_for(session: Session, code: str, text: str, hint: str) -> str:
    """Return what to try instead of `text`, which an error of that code is about; `hint` is
    what it says elsewhere."""
    if hint == NO_ESP and session.retry is not None:
        return "the loader's disk was not found yet: `retry` looks for it, and then runs the script"
    if text in _OF_DISKS:
        return f"`disks` lists every disk with its partitions\n{hint}"
    if code == "KX201":
        return _instead(session, text, hint)
    if code == "KX203" and text in _ALONE:
        return f"{_ALONE[text]}\n{hint}"
    if code == "KX607":
        from kxsh.console.prompt.grub_names import rewritten

        interpreter = session.interpreter
        name = rewritten(text, interpreter.machine.devices, interpreter.esp)
        if name != text and "/" in text:
            return f"here that is `{name}`"
        if name != text:
            return f"here that is {name}: `load {name}:/vmlinuz`; nothing is set as root"
        return "no disk here has that name: `disks` shows them, Tab after `(hd` GRUB's names"
    if code == "KX010" and text in session.commands:
        return f"`{text} NAME` takes one name and no options; there is no program `{text}` here"
    return hint


def _whole_topic(line: str) -> str:
    """Return how `help` is asked for what has several words."""
    from kxsh.console.help.topics import topic_named

    words = line.split()[1:]
    name = "-".join(words)
    if topic_named(name):
        return f"did you mean `help {name}`?"
    return f'what was said goes in quotes: `help "{display(" ".join(words))}"`'


def _instead(session: Session, name: str, hint: str) -> str:
    scopes = session.interpreter.session.chain()
    functions = [function for scope in scopes for function in scope.functions]
    if name in _ANSWERS and session.find_program(name) is None:
        return "that answers a question, and none is asked here: `help` lists the commands"
    near = nearest(name, [*functions, *COMMANDS, *session.commands])
    if near in session.commands:
        return f"did you mean `{near}`?"
    if f"`run {name}`" in hint and session.find_program(name) is None:
        return "`help` lists the commands; there is no program of that name either"
    return hint
