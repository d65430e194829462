"""`help` at the prompt: commands, library, codes, kernel parameters, variables, topics."""

from __future__ import annotations

import errno
import re

from kxsh.commands import COMMANDS
from kxsh.commands import help as builtin_help
from kxsh.console import tables
from kxsh.console.help import messages, topics
from kxsh.console.prompt.session import Session
from kxsh.errors import KxshError, NotFound
from kxsh.signature import signature_of
from kxsh.text import display, nearest
from kxsh.values import FIELDS, as_word, type_of

# Families that `help` lists with another, to fit a small screen.
_UNDER = {
    "Inside of devices": "Filesystems",
    "Any boot loader's menu": "Boot menus on disk",
    "Menus of all disks": "Boot menus on disk",
    "Files": "Files and network",
    "Network": "Files and network",
    "Look into a kernel": "Start a kernel",
    "Remembered": "Menus of your own",
}
_FEWER_WORDS = "try fewer words, or `help messages` for all"
_CODE = re.compile(r"(?:error|warning)?\[?(KX\d{3})\]?:?", re.IGNORECASE)


def overview(session: Session, columns: int) -> str:
    """Return all commands and topics by family, few enough lines for one screen."""
    families = {"At this prompt": list(session.commands)}
    for heading, family in builtin_help.FAMILIES.items():
        named = families.setdefault(_UNDER.get(heading, heading), [])
        named += [item.name for item in COMMANDS.values() if item.family == family]
    families["Help"] = ["`help WORD` for any of these; F1 while you type"]
    families["Library"] = builtin_help.library_names()
    families["Topics"] = topics.topic_names()
    return tables.names(families.items(), columns)


def explain(session: Session, topic: str, columns: int) -> str:
    """Return the help on anything that has a name; `NotFound` with what is near."""
    text = (
        _command(session, topic, columns)
        or _code(topic, columns)
        or builtin_help.library(topic)
        or topics.topic_named(topic)
        or _failure_class(topic)
        or _parameter(topic)
        or _errno(topic)
        or _message(topic, columns)
        or _program(session, topic)
    )
    if text:
        return tables.flowed(text, columns)
    if " " in topic.strip():
        raise NotFound(f"no message has the words {display(topic)}", hint=_FEWER_WORDS)
    known = [*session.commands, *COMMANDS, *topics.TOPICS]
    near = nearest(topic, known)
    hint = f"did you mean {near}?" if near else "`help` lists all topics"
    raise NotFound(f"no help on {display(topic)}", hint=hint)


def _command(session: Session, name: str, columns: int) -> str:
    own = session.commands.get(name)
    function = session.interpreter.session.function(name)
    if function is not None:
        usage = f"usage: {signature_of(function.node).usage()}"
        return f"{usage}\n\n{function.node.help}".rstrip()
    command = COMMANDS.get(name) if own is None or name != "help" else None
    parts = [builtin_help.describe(item) for item in (own, command) if item is not None]
    if parts and name in topics.BESIDE:
        parts.append(f"See also: {topics.BESIDE[name]}.")
    return "\n\n".join(parts)


def value(given: object, columns: int) -> str:
    """Return what a value is: its type, how it reads as a word, its fields."""
    kind = type_of(given)
    try:
        shown = display(as_word(given))
    except KxshError:
        shown = ""
    fields = ", ".join(FIELDS.get(kind.name, {}))
    text = f"{kind}: {shown}" if shown else str(kind)
    if not fields:
        return text
    return f"{text}\n\n{tables.flowed(f'fields, as in ${{NAME.FIELD}}: {fields}', columns)}"


def _code(topic: str, columns: int) -> str:
    found = _CODE.fullmatch(topic)
    if not found:
        return ""
    from kxsh.checker.codes.explanation import explained

    return "\n".join(explained(found[1].upper(), columns))


def _program(session: Session, name: str) -> str:
    path = session.find_program(name)
    if path is None:
        return ""
    return f"{display(name)} is a program: {display(path)}. `{display(name)} --help` may tell more."


def _failure_class(topic: str) -> str:
    from kxsh.console.script.why import CLASSES

    meaning = CLASSES.get(topic)
    return f"{topic} is a failure class: {meaning}.\n\nSee also: failure, why." if meaning else ""


def _errno(topic: str) -> str:
    """Return what an error number's name (``EIO``) means for somebody who boots a machine."""
    from kxsh.console.script.why import ERRNOS

    meaning = ERRNOS.get(getattr(errno, topic.upper(), 0))
    if not meaning:
        return ""
    said = meaning if meaning.endswith("?") else f"{meaning}."
    return f"{topic.upper()} is what the kernel said: {said}\n\nSee also: why."


def _message(topic: str, columns: int) -> str:
    """Return what a message means that is typed as it was seen, or a part of it."""
    if topic == "messages":
        return messages.page(messages.messages())
    if " " not in topic.strip():
        return ""
    return messages.page(messages.find(topic)) or _code_in(topic, columns)


def _code_in(text: str, columns: int) -> str:
    """Return what the code of an error means that was typed as it was seen."""
    found = re.search(r"\bKX\d{3}\b", text)
    return _code(found[0], columns) if found else ""


def _parameter(topic: str) -> str:
    """Return what a word means on a kernel's command line, where that is known."""
    from kxsh.boot import parameters

    key = topic.partition("=")[0]
    if not key or not parameters.is_known(key):
        return ""
    found = parameters.classify(topic)
    known = found.parameter
    values = f"\n\nvalues: {', '.join(known.values)}" if known and known.values else ""
    return f"{key} on the kernel's command line: {found.meaning}{values}"
