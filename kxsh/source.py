"""Text with a name, and places in it."""

from __future__ import annotations

from bisect import bisect_right

from kxsh.record import record


class Source:
    """A script's text under the name that errors show (a path, or ``<prompt>``)."""

    __slots__ = ("_starts", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._starts: list[int] = []

    def change(self, text: str) -> None:
        """Take another text; whoever holds places after the change sees to them."""
        self.text = text
        self._starts = []

    def position(self, offset: int) -> tuple[int, int]:
        """Return (line, column) of a character offset, both from 1."""
        offset = max(0, min(offset, len(self.text)))
        starts = self._line_starts()
        line = bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return line `number` (from 1) without its end; empty when there is none."""
        starts = self._line_starts()
        if not 0 < number <= len(starts):
            return ""
        end = self.text.find("\n", starts[number - 1])
        return self.text[starts[number - 1] : end if end >= 0 else len(self.text)].rstrip("\r")

    def _line_starts(self) -> list[int]:
        """Return the offset of each line's first character, found once."""
        if not self._starts:
            starts = [0]
            end = self.text.find("\n")
            while end >= 0:
                starts.append(end + 1)
                end = self.text.find("\n", end + 1)
            self._starts = starts
        return self._starts


@record
class Span:
    """The characters `start` up to, not including, `end` of a source."""

    source: Source
    start: int
    end: int

    def __init__(self, source: Source, start: int, end: int) -> None:
        put = object.__setattr__  # a script has ten thousands: the general way is slow
        put(self, "source", source)
        put(self, "start", start)
        put(self, "end", end)

    @property
    def line(self) -> int:
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        return self.source.position(self.end)[1]

    @property
    def text(self) -> str:
        return self.source.text[self.start : self.end]

    def with_line(self) -> Span:
        """Return the span together with its lines, where nothing else stands on them."""
        text = self.source.text
        start = text.rfind("\n", 0, self.start) + 1
        end = text.find("\n", self.end)
        end = len(text) if end < 0 else end + 1
        alone = not text[start : self.start].strip() and not text[self.end : end].strip()
        return Span(self.source, start, end) if alone else self

    def to(self, other: Span) -> Span:
        """Return the span from the start of this one to the end of `other`."""
        return Span(self.source, self.start, max(self.end, other.end))

    def __str__(self) -> str:
        line, column = self.source.position(self.start)
        return f"{self.source.name}:{line}:{column}"
