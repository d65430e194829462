"""Inside a word or a string: literal text, escapes, `$name` and `${expression}`.

`$name` takes the identifier only, as in every shell; anything more goes in `${...}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from kxsh.errors import Edit, Fix, ParseError
from kxsh.source import Source, Span
from kxsh.syntax import ast

_PLAIN = re.compile(r"[^\"'$]+")
_NAME = re.compile(r"[A-Za-z_]\w*")
# What `${...}` may hold: strings may contain braces, nothing else may.
_INNER = re.compile(r"""\$\{((?:[^{}"'\n]++|"(?:[^"\\\n]++|\\.)*"|'[^'\n]*')*)\}""")
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "$": "$", "\\": "\\"}

Part = str | ast.Expression
ParseInner = Callable[[int, int], ast.Expression]


class WordSplitter:
    """Splits the text of one token into parts.

    `parse_inner(start, end)` parses the expression at those offsets of the source.
    """

    def __init__(self, source: Source, parse_inner: ParseInner) -> None:
        self._source = source
        self._text = source.text
        self._parse_inner = parse_inner

    def word(self, start: int, end: int) -> ast.Expression:
        """Return what the bare word at these offsets means."""
        parts: list[Part] = []
        position = start
        while position < end:
            position = self._piece(position, end, parts)
        return self._join(parts, start, end)

    def string(self, start: int, end: int) -> ast.Expression:
        """Return what the quoted string at these offsets (quotes included) means."""
        parts: list[Part] = []
        self._quoted(start, parts)
        return self._join(parts, start, end, quoted=True)

    def _piece(self, position: int, end: int, parts: list[Part]) -> int:
        character = self._text[position]
        if character in "\"'":
            return self._quoted(position, parts)
        if character == "$":
            return self._interpolation(position, parts)
        plain = _PLAIN.match(self._text, position, end)
        assert plain  # it begins with another character than those that were asked for above
        parts.append(plain.group())
        return plain.end()

    def _quoted(self, position: int, parts: list[Part]) -> int:
        """Add the string whose opening quote is at `position`; return where it ends."""
        text = self._text
        quote = text[position]
        parts.append("")  # an empty string is still a word
        position += 1
        if quote == "'":
            stop = text.index("'", position)
            parts.append(text[position:stop])
            return stop + 1
        while text[position] != '"':
            if text[position] == "\\":
                parts.append(self._escape(position))
                position += 2
            elif text[position] == "$":
                position = self._interpolation(position, parts)
            else:
                stop = position + 1
                while text[stop] not in '"\\$':
                    stop += 1
                parts.append(text[position:stop])
                position = stop
        return position + 1

    def _escape(self, position: int) -> str:
        character = self._text[position + 1]
        if character in _ESCAPES:
            return _ESCAPES[character]
        doubled = Edit(Span(self._source, position, position + 1), "\\\\")
        raise ParseError(
            f"unknown escape `\\{character}` in a string",
            code="KX008",
            span=Span(self._source, position, position + 2),
            hint="write `\\\\` for a backslash, or use '...' (paths on every disk use `/`)",
            fix=Fix("write `\\\\`", (doubled,)),
        )

    def _interpolation(self, position: int, parts: list[Part]) -> int:
        """Add `$name` or `${...}` at `position`, or a lone `$`; return where it ends."""
        name = _NAME.match(self._text, position + 1)
        if name:
            span = Span(self._source, position, name.end())
            parts.append(ast.Variable(span, name.group()))
            return name.end()
        inner = _INNER.match(self._text, position)
        if inner:
            parts.append(self._parse_inner(inner.start(1), inner.end(1)))
            return inner.end()
        parts.append("$")
        return position + 1

    def _join(
        self, parts: list[Part], start: int, end: int, *, quoted: bool = False
    ) -> ast.Expression:
        """Merge neighbouring text; a word that is exactly one expression stays that."""
        span = Span(self._source, start, end)
        if len(parts) == 1 and not quoted and not isinstance(parts[0], str):
            return parts[0]
        merged: list[Part] = []
        for part in parts:
            if isinstance(part, str) and merged and isinstance(merged[-1], str):
                merged[-1] += part
            else:
                merged.append(part)
        kept = tuple(part for part in merged if part != "")
        if all(isinstance(part, str) for part in kept):
            return ast.Literal(span, "".join(str(part) for part in kept))
        return ast.Text(span, kept)
