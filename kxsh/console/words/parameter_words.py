"""A word of a command line, completed where nothing else is: in an editor, in a boot line."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.boot import parameters

# Completion offers at most this many; nobody reads more.
OFFERED = 60
# What is said where nothing is offered.
NO_NAME, NO_VALUE = "nothing known begins so", "its values are not known: type it"


def complete_word(typed: str) -> tuple[str, list[str]]:
    """Return what can be put in behind the word that is typed, and all that would fit: names
    of kernel parameters, or values of the one before ``=``. Nothing fits nothing."""
    if not typed:
        return "", []
    key, mark, value = typed.partition("=")
    if mark:
        known = parameters.parameter(key)
        fitting = [item for item in (known.values if known else ()) if item.startswith(value)]
        return common(fitting)[len(value) :], fitting[:OFFERED]
    names = sorted(_with_mark(name) for name in parameters.names() if _begins(name, key))
    return common(names)[len(key) :], names[:OFFERED]


def common(names: Sequence[str]) -> str:
    """Return what all names begin with."""
    if not names:
        return ""
    first, last = min(names), max(names)
    same = next((at for at, sign in enumerate(first) if last[at : at + 1] != sign), len(first))
    return first[:same]


def _begins(name: str, key: str) -> bool:
    return parameters.same(name).startswith(parameters.same(key))


def _with_mark(name: str) -> str:
    known = parameters.parameter(name)
    return f"{name}=" if known is not None and known.forms == ("value",) else name
