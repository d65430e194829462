"""Words of a kernel command line: names of parameters, and the values that they take."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kxsh.boot import parameters
from kxsh.completion.candidates import Candidate, begins
from kxsh.completion.position import Call, Position
from kxsh.signature import Parameter

# Options whose values are words of a kernel command line.
CMDLINE_OPTIONS = frozenset(("cmdline", "set", "drop", "append"))
_SEPARATOR = re.compile(r"[\s\"',]")


def takes_kernel_words(call: Call, parameter: Parameter) -> bool:
    """Tell whether a parameter's value is (words of) a kernel command line."""
    if call.name == "cmdline":
        return parameter.name == "words"
    return parameter.name in CMDLINE_OPTIONS


def kernel_word(position: Position) -> tuple[str, int]:
    """Return the word of the command line that is being typed, and where it starts; what
    stands before it, quotes and other words, is left out."""
    typed = _SEPARATOR.split(position.word)[-1]
    return typed, position.start + len(position.word) - len(typed)


def kernel_words(position: Position) -> Iterator[Candidate]:
    """Yield what the kernel knows that begins like the word at the end of `position`: the
    names that are explained first, and a name's values after its ``=``."""
    typed, start = kernel_word(position)
    if "=" in typed:
        key, _, value = typed.partition("=")
        known = parameters.parameter(key)
        for choice in known.values if known else ():
            if begins(choice, value):
                yield Candidate(choice, start + len(key) + 1, choice)
        return
    named = (parameters.parameter(name) for name in parameters.names() if begins(name, typed))
    found = [known for known in named if known is not None]
    for known in sorted(found, key=lambda item: (not item.meaning, item.name)):
        text = known.name if "flag" in known.forms else f"{known.name}="
        yield Candidate(text, start, text, parameters.classify(text).meaning)
