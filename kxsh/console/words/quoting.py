"""Names from disks as words of kxs, and words that are still being typed as text."""

from __future__ import annotations

import re

from kxsh.errors import KxshError
from kxsh.interpreter.scope import Scope
from kxsh.text import display
from kxsh.values import as_word, field

_BARE = re.compile(r"[\w.,:+@%/=~^!*-]+")
_PIECE = re.compile(r"\$\{(\w+(?:\.\w+)*)\}|\$([A-Za-z_]\w*)|'([^']*)'?|\"((?:[^\"\\]|\\.)*)\"?")


def quoted(text: str) -> str | None:
    """Return text as a word's piece, in quotes where it needs them; None where it holds
    what no one can type or read safely."""
    if not text or text != display(text, len(text) + 1):
        return None
    if _BARE.fullmatch(text):
        return text
    if "'" not in text:
        return f"'{text}'"
    return '"' + re.sub(r'([\\"$])', r"\\\1", text) + '"'


def unquoted(piece: str) -> str:
    """Return the text that a typed piece, with perhaps an open quote, stands for so far."""
    if piece[:1] == "'":
        return piece[1:].removesuffix("'")
    if piece[:1] == '"':
        return re.sub(r"\\(.)", r"\1", piece[1:].removesuffix('"'))
    return piece


def expanded(word: str, scope: Scope) -> str | None:
    """Return a word's text with variables and fields filled in; None where one is unknown
    or the word is more than that."""
    parts: list[str] = []
    at = 0
    for match in _PIECE.finditer(word):
        parts.append(word[at : match.start()])
        at = match.end()
        path = match[1] or match[2]
        if path:
            value = lookup(path, scope)
            if not isinstance(value, Known):
                return None
            parts.append(value.text)
        else:
            parts.append(match[3] if match[3] is not None else re.sub(r"\\(.)", r"\1", match[4]))
    rest = word[at:]
    return None if "$" in rest or "(" in word[:1] else "".join(parts) + rest


class Known:
    """A variable's or field's value."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    @property
    def text(self) -> str:
        try:
            return as_word(self.value)
        except KxshError:
            return ""


def lookup(path: str, scope: Scope) -> Known | None:
    """Return the value of ``name`` or ``name.field.field``, or None."""
    name, *fields = path.split(".")
    for inner in scope.chain():
        if name in inner.variables:
            value = inner.variables[name]
            break
    else:
        return None
    try:
        for one in fields:
            value = field(value, one, None)
    except KxshError:
        return None
    return Known(value)
