"""A text that is changed while its places stay those of the original."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from kxsh.errors import Edit, Fix, ParseError, Related
from kxsh.source import Source, Span


class Patched:
    """A text that can be changed; `source` is it as it is now, `original` until then.

    Positions of `source` are translated back: those inside of a change mean all of what
    it replaced.
    """

    def __init__(self, original: Source) -> None:
        self.original = original
        self.source = original
        # (start and end in the changed text, start and end in the original), in order
        self._changes: list[tuple[int, int, int, int]] = []

    def apply(self, edits: Sequence[Edit]) -> None:
        """Change the text; the edits' places are those of `source` and do not overlap."""
        if self.source is self.original:
            self.source = Source(self.original.name, self.original.text)
        for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
            self._replace(edit.span.start, edit.span.end, edit.text)

    def _replace(self, start: int, end: int, new: str) -> None:
        text = self.source.text
        touched = [item for item in self._changes if item[0] <= end and item[1] >= start]
        first = min([start, *(item[0] for item in touched)])
        last = max([end, *(item[1] for item in touched)])
        new = text[first:start] + new + text[end:last]
        change = (first, first + len(new), self._back(first), self._back(last, end=True))
        shift = len(new) - (last - first)
        before = [item for item in self._changes if item[1] < start]
        after = [
            (item[0] + shift, item[1] + shift, *item[2:]) for item in self._changes if item[0] > end
        ]
        self._changes = [*before, change, *after]
        self.source.change(text[:first] + new + text[last:])

    def _back(self, offset: int, *, end: bool = False) -> int:
        place = bisect_right(self._changes, (offset, 1 << 62)) - 1
        if place < 0:
            return offset
        start, stop, original, original_end = self._changes[place]
        if offset >= stop:
            return offset - stop + original_end
        return original_end if end and offset > start else original

    def invented(self, span: Span) -> bool:
        """Tell whether a place of the changed text begins inside of a change."""
        if span.source is self.original:
            return False
        place = bisect_right(self._changes, (span.start, 1 << 62)) - 1
        return place >= 0 and span.start < self._changes[place][1]

    def span(self, span: Span) -> Span:
        """Return a place of the changed text as one of the original."""
        if span.source.name != self.original.name or span.source is self.original:
            return span
        start = self._back(span.start)
        return Span(self.original, start, max(start, self._back(span.end, end=True)))

    def fix(self, fix: Fix | None) -> Fix | None:
        """Return a fix with the original's places; None where it changes a change."""
        if fix is None or any(self._crosses(edit.span) for edit in fix.edits):
            return None
        edits = tuple(Edit(self.span(edit.span), edit.text) for edit in fix.edits)
        return Fix(fix.title, edits, fix.safe)

    def _crosses(self, span: Span) -> bool:
        return span.source is not self.original and any(
            item[0] < span.end and span.start < item[1] for item in self._changes
        )

    def related(self, places: Sequence[Related]) -> tuple[Related, ...]:
        return tuple(Related(self.span(place.span), place.label) for place in places)

    def error(self, error: ParseError) -> ParseError:
        """Return an error of the changed text as one of the original."""
        told = ParseError(
            error.message,
            code=error.code,
            span=self.span(error.span) if error.span else None,
            hint=error.hint,
            related=self.related(error.related),
            fix=self.fix(error.fix),
        )
        told.incomplete = error.incomplete
        return told
