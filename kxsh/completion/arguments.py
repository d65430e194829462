"""Which parameter of a command the word at the cursor is for."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.completion.candidates import Candidate, begins
from kxsh.completion.position import Call, Position
from kxsh.signature import Parameter, Signature


def parameter_at(position: Position, call: Call, signature: Signature) -> Parameter | None:
    """Return the parameter whose value the word is, or begins; None: an option's name, or
    nothing that the command takes. See also `value_position`."""
    word = position.word
    before = call.arguments[-1] if call.arguments else ""
    option = signature.option(before.lstrip("-")) if before.startswith("-") else None
    if option is not None and option.kind == "option":
        return option
    if word.startswith("--") and "=" in word:
        return signature.option(word[2 : word.index("=")])
    return None if word.startswith("-") else _positional(signature, call)


def value_position(position: Position) -> Position:
    """Return the place of the value in ``--option=value``; of another word, its own."""
    if not position.word.startswith("--") or "=" not in position.word:
        return position
    name, _, value = position.word.partition("=")
    start = position.start + len(name) + 1
    return Position(value, start, position.call, position.head, position.before)


def takes_options(position: Position, call: Call, signature: Signature) -> bool:
    """Tell whether an option's name may stand here."""
    before = call.arguments[-1] if call.arguments else ""
    option = signature.option(before.lstrip("-")) if before.startswith("-") else None
    if option is not None and option.kind == "option":
        return False
    return not position.word or (position.word.startswith("-") and "=" not in position.word)


def options(position: Position, call: Call, signature: Signature) -> Iterator[Candidate]:
    """Yield the options that are not given yet, those that may repeat always."""
    given = {word.partition("=")[0] for word in call.arguments}
    for parameter in signature.parameters:
        name = f"--{parameter.name}"
        if parameter.kind not in ("option", "flag") or not begins(name, position.word):
            continue
        if name not in given or parameter.many:
            yield Candidate(name + " ", position.start, name, parameter.help)


def _positional(signature: Signature, call: Call) -> Parameter | None:
    """Return the positional or rest parameter that the next word is for."""
    taken = 0
    arguments = iter(call.arguments)
    for word in arguments:
        if word.startswith("-"):
            option = signature.option(word.lstrip("-").partition("=")[0])
            if option is not None and option.kind == "option" and "=" not in word:
                next(arguments, None)
        else:
            taken += 1
    positionals = signature.positionals()
    return positionals[taken] if taken < len(positionals) else signature.rest()
