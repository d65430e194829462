"""Signatures at the prompt: whose they are, and the parameter that is being typed, marked."""

from __future__ import annotations

from collections.abc import Iterable

from kxsh.commands import COMMANDS
from kxsh.completion.arguments import parameter_at
from kxsh.completion.position import Call, Position, find_position
from kxsh.console.prompt.session import Session
from kxsh.errors import KxshError, UsageError
from kxsh.signature import Parameter, Signature, signature_of
from kxsh.text import cells, display, wrap

_INDENT = "    "


def signature_named(session: Session, name: str, words: Iterable[str] = ()) -> Signature | None:
    """Return the signature of a function, command or prompt command that has `words` behind
    it; None: no such name. `retry 3 { }` is the language's, every other `retry` the prompt's."""
    function = session.interpreter.session.function(name)
    if function is not None:
        try:
            return signature_of(function.node)
        except UsageError:
            return None
    own = session.commands.get(name)
    if own is None or (name == "retry" and any(not word.startswith("-") for word in words)):
        return COMMANDS[name].signature if name in COMMANDS else None
    return own.signature


def help_at(session: Session, text: str, columns: int) -> str:
    """Return the signature of the call at the end of `text`, its current parameter marked."""
    position = find_position(text)
    name = position.call.name if position.call else position.word
    signature = signature_named(session, name, _words(position))
    if signature is None:
        return "`help` lists the commands, `help keys` the keys"
    parameter = _current(position, position.call, signature)
    return "\n".join(marked(signature, parameter, columns))


def usage_for(session: Session, error: KxshError, columns: int) -> str:
    """Return the signature of the call that a usage error of the prompt is about, in lines
    of `columns`; empty where the error says it, or is about something else."""
    span = error.span
    if not isinstance(error, UsageError) or span is None or "usage: " in error.hint:
        return ""
    if span.source.name != "<prompt>":
        return ""
    position = find_position(span.source.text[: span.end])
    call = position.call
    signature = signature_named(session, call.name, _words(position)) if call else None
    if signature is None:
        return ""
    return "\n".join(wrap(f"usage: {signature.usage()}", columns, _INDENT))


def _words(position: Position) -> list[str]:
    """Return the words of the call that the cursor is in, with the one being typed."""
    if position.call is None:
        return []
    return [word for word in (*position.call.arguments, position.word) if word]


def marked(signature: Signature, parameter: Parameter | None, columns: int) -> list[str]:
    """Return a signature in lines of at most `columns`, with signs and words for a parameter.

    >>> from kxsh.commands import COMMANDS
    >>> signature = COMMANDS["part"].signature
    >>> print("\\n".join(marked(signature, signature.parameters[1], 60)))
    part DISK NUMBER [--wait DURATION] -> device
              ^^^^^^ the partition's number, from 1
    """
    lines = [""]
    for piece, words in _pieces(signature, columns - len(_INDENT)):
        here = piece is not None and piece is parameter
        room = columns - cells(lines[-1]) - 1
        if lines[-1].strip() and cells(words) > room:
            lines.append(_INDENT)
        if lines[-1].strip():
            lines[-1] += " "
        at = cells(lines[-1])
        lines[-1] += words
        if here:
            mark = (len(lines), at, min(cells(words), columns - at))
    if parameter is None:
        return lines
    line, at, width = mark
    signs, meaning = " " * at + "^" * width, _meaning(parameter)
    if cells(signs) + 1 + cells(meaning) <= columns:
        return [*lines[:line], f"{signs} {meaning}".rstrip(), *lines[line:]]
    said = [_INDENT + text for text in wrap(meaning, columns - len(_INDENT))]
    return [*lines[:line], signs, *lines[line:], *said]


def _pieces(signature: Signature, width: int) -> list[tuple[Parameter | None, str]]:
    """Return the words of the signature line, each with the parameter that it shows."""
    named: list[tuple[Parameter | None, str]] = [(None, signature.name)]
    named += [(one, one.usage()) for one in signature.parameters]
    tail = signature.usage().removeprefix(" ".join(words for _, words in named)).strip()
    pieces = [*named, (None, tail)] if tail else named
    return [(one, words if cells(words) <= width else _short(one)) for one, words in pieces]


def _short(parameter: Parameter | None) -> str:
    """Return how a parameter looks whose set of words is too long for a line."""
    if parameter is None:
        return "..."
    value = parameter.name.upper()
    return f"[--{parameter.name} {value}]" if parameter.kind == "option" else value


def _meaning(parameter: Parameter) -> str:
    parts = [parameter.help or str(parameter.type)]
    if parameter.choices:
        parts.append(f": {', '.join(parameter.choices)}")
    if parameter.default not in (None, "", False):
        parts.append(f" (default {parameter.default})")
    return display("".join(parts))


def _current(position: Position, call: Call | None, signature: Signature) -> Parameter | None:
    if call is None:
        return None
    word = position.word
    if word.startswith("--") and "=" not in word:
        begun = [one for one in signature.parameters if _is_begun(one, word)]
        return begun[0] if begun else None
    return parameter_at(position, call, signature)


def _is_begun(parameter: Parameter, word: str) -> bool:
    named = parameter.kind in ("option", "flag")
    return named and f"--{parameter.name}".startswith(word)
