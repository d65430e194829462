"""What a script is parsed to: words, commands, and the four compound statements."""

from __future__ import annotations

# A part of a word that is not constant: how it was written, and its text.
TEXT = 0  # outside of quotes; a backslash still stands before what it protects
QUOTED = 1  # inside of quotes
VARIABLE = 2  # $name outside of double quotes: split at blanks
QUOTED_VARIABLE = 3  # $name inside of double quotes
TRANSLATED = 4  # $"..."

# A word is a string when it is always the same, else its parts. No parts: it vanishes.
Part = tuple[int, str]
Word = str | tuple[Part, ...]


class Block:
    """``{ ... }`` after a command: its statements and its text between the braces."""

    __slots__ = ("body", "text")

    def __init__(self, body: list[Statement], text: str) -> None:
        self.body = body
        self.text = text


class Command:
    """A command with its words, and the line (from 1) that it stands on."""

    __slots__ = ("block", "line", "words")

    def __init__(self, words: list[Word], block: Block | None, line: int) -> None:
        self.words = words
        self.block = block
        self.line = line


class If:
    """``if`` and its ``elif``: pairs of condition and body; then the ``else``."""

    __slots__ = ("branches", "otherwise")

    def __init__(
        self,
        branches: list[tuple[list[Statement], list[Statement]]],
        otherwise: list[Statement],
    ) -> None:
        self.branches = branches
        self.otherwise = otherwise


class For:
    __slots__ = ("body", "name", "words")

    def __init__(self, name: str, words: list[Word], body: list[Statement]) -> None:
        self.name = name
        self.words = words
        self.body = body


class While:
    __slots__ = ("body", "condition", "until")

    def __init__(self, condition: list[Statement], body: list[Statement], until: bool) -> None:
        self.condition = condition
        self.body = body
        self.until = until


Statement = Command | If | For | While
