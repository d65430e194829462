"""An open document: its text as the editor has it, and the script that kxsh reads.

An editor counts lines by LF, CRLF and lone CR, and columns in units of the encoding that
was agreed on, UTF-16 if nothing was (LSP 3.17, "Position"). kxsh counts characters, and
takes CRLF for LF. pygls's own documents also end lines at U+2028 and its like.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right

from lsprotocol import types

from kxsh.source import Source, Span

_LINE_END = re.compile(r"\r\n|\n|\r")


class Document:
    """`name` is what findings call it; `unit` the encoding of columns."""

    def __init__(self, uri: str, name: str, version: int, text: str, unit: str = "utf-16") -> None:
        self.uri = uri
        self.name = name
        self._unit = unit
        self.set_text(text, version)

    def set_text(self, text: str, version: int) -> None:
        """Replace all of the text."""
        self.version = version
        self.text = text
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
        plain = text.replace("\r\n", "\n")
        # Where in `plain` a line end lost its CR.
        self._returns: list[int] = []
        if len(plain) != len(text):
            found = (match.start() for match in re.finditer("\r\n", text))
            self._returns = [place - lost for lost, place in enumerate(found)]
        self.source = Source(self.name, plain)

    def change(self, changes: list[types.TextDocumentContentChangeEvent], version: int) -> None:
        """Apply an editor's changes, one after the other."""
        for change in changes:
            text = change.text
            if isinstance(change, types.TextDocumentContentChangePartial):
                start = self._raw(change.range.start)
                end = max(start, self._raw(change.range.end))
                text = self.text[:start] + change.text + self.text[end:]
            self.set_text(text, version)

    def as_written(self, text: str) -> str:
        """Return a text with the line ends of the document."""
        return text.replace("\n", "\r\n") if self._returns else text

    # -- places

    def offset(self, position: types.Position) -> int:
        """Return the offset in `source` of an editor's position; beyond the end: the end."""
        raw = self._raw(position)
        # The place between CR and LF is that of the line's end.
        lost = bisect_left(self._returns, raw, key=self._raw_of_return)
        return min(raw - lost, len(self.source.text))

    def position(self, offset: int) -> types.Position:
        """Return the editor's position of an offset in `source`."""
        raw = offset + bisect_left(self._returns, offset)
        line = bisect_right(self._starts, raw) - 1
        start = self._starts[line]
        return types.Position(line, self._width(self.text[start:raw]))

    def range(self, span: Span) -> types.Range:
        return types.Range(self.position(span.start), self.position(span.end))

    def whole(self) -> types.Range:
        """Return the range of all of the text."""
        return types.Range(types.Position(0, 0), self.position(len(self.source.text)))

    def _raw_of_return(self, plain: int) -> int:
        return plain + bisect_left(self._returns, plain) + 1

    def _raw(self, position: types.Position) -> int:
        if position.line >= len(self._starts):
            return len(self.text)
        start = self._starts[position.line]
        last = position.line + 1 == len(self._starts)
        end = len(self.text) if last else self._starts[position.line + 1]
        line = self.text[start:end].rstrip("\r\n")
        return start + self._characters(line, position.character)

    def _characters(self, line: str, units: int) -> int:
        """Return how many characters the first units of a line are."""
        if self._unit == "utf-32" or line.isascii():
            return min(units, len(line))
        count = 0
        for place, character in enumerate(line):
            if count >= units:
                return place
            count += self._width(character)
        return len(line)

    def _width(self, text: str) -> int:
        if self._unit == "utf-32" or text.isascii():
            return len(text)
        if self._unit == "utf-8":
            return len(text.encode("utf-8", "surrogatepass"))
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
