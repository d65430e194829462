"""Lines of a script with marks under what is meant, as many places as matter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kxsh.record import record
from kxsh.source import Source, Span
from kxsh.text import cells, display, wrap


@record
class Mark:
    """A place to show: `sign` is drawn under it, and `label` says what is there."""

    span: Span
    label: str
    sign: str
    tint: str = ""


def excerpt(marks: Sequence[Mark], width: int, cyan: str, off: str) -> list[str]:
    """Return the places as lines of at most `width` columns; the first is the main one.

    Each file is named once, with the place of its first mark; its lines follow in their
    order, each once, with a line of signs for each mark on it.
    """
    gutter = " " * max(len(str(mark.span.line)) for mark in marks)
    lines: list[str] = []
    for source in dict.fromkeys(mark.span.source for mark in marks):
        here = [mark for mark in marks if mark.span.source is source]
        lines.append(f"{gutter}{cyan}-->{off} {display(str(here[0].span))}")
        lines += _lines(source, here, gutter, width - len(gutter) - 3, cyan, off)
    return lines


def _lines(
    source: Source, marks: Sequence[Mark], gutter: str, room: int, cyan: str, off: str
) -> Iterator[str]:
    shown = 0
    for mark in sorted(marks, key=lambda mark: mark.span.line):
        number = mark.span.line
        line = source.line(number).replace("\t", " ")
        first = mark.span.column - 1
        last = mark.span.end_column - 1 if mark.span.end_line == number else len(line)
        cut = _cut(line, first, last, room)
        if number != shown or cut:
            text, _ = _fit(line[cut:], room)
            yield f"{cyan}{number:>{len(gutter)}} |{off} {text}"
        shown = number if not cut else 0
        before = cells(display(line[cut:first], room))
        signs = mark.sign * max(1, min(cells(display(line[first:last], room)), room - before))
        yield from _signs(mark, " " * before, signs, f"{cyan}{gutter} |{off} ", room, off)


def _cut(line: str, first: int, last: int, room: int) -> int:
    """Return how much of a long line is left out, to show it from before the place."""
    end = min(last, first + 20)
    return max(0, first - room // 2) if cells(display(line[:end], 4 * room)) > room else 0


def _fit(line: str, room: int) -> tuple[str, int]:
    """Return as much of a line as fits, and its width."""
    text = display(line[:room], 4 * room)
    while cells(text) > room:
        text = text[:-1]
    if len(line) > room and len(text) > 3:
        text = text[:-3] + "..."
    return text, cells(text)


def _signs(mark: Mark, before: str, signs: str, gutter: str, room: int, off: str) -> Iterator[str]:
    """Yield the signs and their label, which goes on lines of its own if it is long."""
    label = display(mark.label)
    marked = f"{gutter}{before}{mark.tint}{signs}{off if mark.tint else ''}"
    if len(before) + len(signs) + 1 + len(label) <= room or not label:
        yield f"{marked} {label}".rstrip()
        return
    yield marked
    indent = before if len(before) < room // 2 else ""
    for line in wrap(label, room - len(indent)):
        yield f"{gutter}{indent}{line}"
