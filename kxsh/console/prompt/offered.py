"""The list that Tab shows: where it stands, and what of long candidates is in sight."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.console.menu.titles import cut_titles
from kxsh.text import cells

# What a row has beside a candidate and its note: blanks around both, the scroll bar.
_AROUND = 5


def in_sight(
    offered: Sequence[tuple[str, str]], columns: int, shown: Callable[[str], str]
) -> Sequence[tuple[str, str]]:
    """Return candidates and their notes as the list has room for them: of those that begin
    alike the part that differs. A note that says the candidate once more is left out."""
    texts = [shown(text) for text, _ in offered]
    notes = [shown(note) if not _repeats(text, note) else "" for text, note in offered]
    widest, beside = max(map(cells, texts), default=0), max(map(cells, notes), default=0)
    room = columns - _AROUND
    if widest + beside > room:
        widest = min(widest, max(room - beside, room * 2 // 3 if beside else room))
        texts, notes = _cut(texts, widest), _cut(notes, max(1, room - widest))
    return list(zip(texts, notes, strict=True))


def _repeats(text: str, note: str) -> bool:
    return text.strip("'\" ") == note.strip()


def _cut(texts: Sequence[str], columns: int) -> list[str]:
    return list(cut_titles([(text, text, columns) for text in texts], str))


def place_below(text: str, at: int, indent: int, columns: int) -> tuple[int, int]:
    """Return the place in `text` below which a list covers none of it: in its last row, and in
    the column that `at` has, or near; and how many rows there are. What stands before each of
    its lines is `indent` wide."""
    rows: list[list[tuple[int, int]]] = [[]]  # of each the columns and places
    wanted = column = indent
    for place, sign in enumerate(text + " "):  # the cursor may stand behind the text
        width = cells(sign) if sign != "\n" else 1
        if column + width > columns:
            rows.append([])
            column = 0
        rows[-1].append((column, place))
        if place == at:
            wanted = column
        column += width
        if sign == "\n":
            rows.append([])
            column = indent
    last = rows[-1]
    return max((one for one in last if one[0] <= wanted), default=last[0])[1], len(rows)
