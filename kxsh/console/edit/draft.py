"""A boot entry while a person edits it: its files and words as rows, a cursor, undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kxsh.boot.cmdline import Cmdline
from kxsh.boot.entry import Entry
from kxsh.record import record, replace

# Kinds of rows in their order. `word` is a word of the kernel command line.
KINDS = ("kernel", "initrd", "module", "dtb", "word")
# Of these there can be more, so an empty row at their end waits for one.
_OPEN_ENDED = ("initrd", "word")
# Steps that can be undone.
_STEPS = 500


@record
class Row:
    """A file or a word. One that is switched off stays in sight, and is left out of the
    result; `gap` are the blanks that stood before it."""

    kind: str
    text: str
    on: bool = True
    gap: str = " "

    @property
    def counts(self) -> bool:
        return self.on and bool(self.text)


class Draft:
    """Rows, the row and the column of the cursor, and what was before each change."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self.rows = _rows_of(entry)
        self._original = list(self.rows)
        self.at = 0
        self.column = 0
        self._past: list[tuple[list[Row], int, int]] = []
        self._typed_at: tuple[int, int] | None = None
        self._settle()
        words = [index for index, row in enumerate(self.rows) if row.kind == "word"]
        self.move_to(words[0])
        self.end()

    # -- what it comes to

    @property
    def row(self) -> Row:
        return self.rows[self.at]

    @property
    def changed(self) -> bool:
        return [row for row in self.rows if row.counts] != [
            row for row in self._original if row.counts
        ]

    @property
    def given(self) -> frozenset[str]:
        """The words that the entry came with."""
        return frozenset(row.text for row in self._original if row.kind == "word")

    def files(self, kind: str) -> tuple[str, ...]:
        return tuple(row.text for row in self.rows if row.kind == kind and row.counts)

    def line(self) -> tuple[str, list[tuple[int, int]]]:
        """Return the command line, and the first and last offset of each row's word in it
        (of those that count, in order)."""
        text = ""
        places: list[tuple[int, int]] = []
        for row in self.rows:
            if row.kind == "word" and row.counts:
                text += (row.gap or " ") if text else ""
                places.append((len(text), len(text) + len(row.text)))
                text += row.text
        return text, places

    def entry(self) -> Entry:
        """Return the edited entry; the same one where nothing was changed."""
        if not self.changed:
            return self._entry
        line, _ = self.line()
        return replace(
            self._entry,
            kernel="".join(self.files("kernel")),
            initrds=self.files("initrd"),
            modules=self.files("module"),
            dtb="".join(self.files("dtb")[:1]),
            cmdline=line,
            handover=line,
        )

    # -- the cursor

    def move_to(self, index: int) -> None:
        self.at = max(0, min(len(self.rows) - 1, index))
        self.column = min(self.column, len(self.row.text))
        self._settle()

    def home(self) -> None:
        self.column = 0

    def end(self) -> None:
        self.column = len(self.row.text)

    def left(self) -> None:
        if self.column:
            self.column -= 1
        elif self.at:
            self.move_to(self.at - 1)
            self.end()

    def right(self) -> None:
        if self.column < len(self.row.text):
            self.column += 1
        elif self.at < len(self.rows) - 1:
            self.move_to(self.at + 1)
            self.home()

    # -- changes

    def type(self, text: str) -> None:
        """Put text in at the cursor. A blank between words begins a new one."""
        for character in text:
            self._remember(typing=True)
            row, column = self.row, self.column
            before = row.text[:column]
            if row.kind == "word" and character in " \t" and before.count('"') % 2 == 0:
                self._split()  # the next word is a change of its own
                self._typed_at = None
            else:
                self._put(before + character + row.text[column:])
                self.column = column + 1
                self._typed_at = (self.at, self.column)
        self._settle()

    def backspace(self) -> None:
        """Take the character before the cursor away; at the begin of a word, the blank."""
        if self.column:
            self._remember(typing=True)
            self.column -= 1
            self._put(self.row.text[: self.column] + self.row.text[self.column + 1 :])
            self._typed_at = (self.at, self.column)
        elif self._follows_word():
            self._join(self.at - 1)
        elif not self.row.text:
            self.left()
        self._settle()

    def delete(self) -> None:
        """Take the character under the cursor away; behind a word, the blank."""
        if self.column < len(self.row.text):
            self._remember()
            self._put(self.row.text[: self.column] + self.row.text[self.column + 1 :])
        elif self.row.kind == "word" and self.at + 1 < len(self.rows):
            self._join(self.at)
        self._settle()

    def cut_rest(self) -> None:
        """Take away what follows the cursor in its row."""
        self._remember()
        self._put(self.row.text[: self.column])
        self._settle()

    def clear(self) -> None:
        """Take away the row's whole text; an empty word goes when the cursor leaves it."""
        self._remember()
        self._put("")
        self.column = 0
        self._settle()

    def add_below(self) -> None:
        """Begin a new row of the same kind below this one."""
        row = self.row
        if row.kind not in _OPEN_ENDED or not row.text:
            self.move_to(self.at + 1)
            return
        self._remember()
        self.rows.insert(self.at + 1, Row(row.kind, ""))
        self.at += 1
        self.column = 0
        self._settle()

    def toggle(self) -> None:
        """Switch the row off, or on again; there is no boot without a kernel."""
        if self.row.kind != "kernel" and self.row.text:
            self._remember()
            self.rows[self.at] = replace(self.row, on=not self.row.on)

    def undo(self) -> bool:
        """Take the last change back; typing in one place is one change."""
        if not self._past:
            return False
        self.rows, self.at, self.column = self._past.pop()
        self._typed_at = None
        return True

    @contextmanager
    def as_one_change(self) -> Iterator[None]:
        """Let all that is done meanwhile be taken back by one `undo`."""
        past, before = self._past, (list(self.rows), self.at, self.column)
        yield
        self._past = [*past, before][-_STEPS:]
        self._typed_at = None

    # -- inside

    def _put(self, text: str) -> None:
        self.rows[self.at] = replace(self.row, text=text)

    def _split(self) -> None:
        row, column = self.row, self.column
        if not row.text[:column]:
            return  # nothing stands before the blank
        self._put(row.text[:column])
        self.rows.insert(self.at + 1, Row("word", row.text[column:], row.on))
        self.at += 1
        self.column = 0

    def _follows_word(self) -> bool:
        above = self.rows[self.at - 1] if self.at else None
        return above is not None and above.kind == "word" == self.row.kind

    def _join(self, index: int) -> None:
        """Make one row of the row at `index` and the next; the cursor is at the seam."""
        self._remember()
        first, second = self.rows[index], self.rows[index + 1]
        self.at, self.column = index, len(first.text)
        self.rows[index] = replace(first, text=first.text + second.text)
        del self.rows[index + 1]

    def _remember(self, *, typing: bool = False) -> None:
        if typing and self._typed_at == (self.at, self.column):
            return
        self._typed_at = None
        self._past = [*self._past, (list(self.rows), self.at, self.column)][-_STEPS:]

    def _settle(self) -> None:
        """Drop empty rows that the cursor has left, but keep one at the end of each kind
        of which there can be more."""
        kept: list[Row] = []
        at = 0
        for index, row in enumerate(self.rows):
            if row.text or row.kind == "kernel" or index == self.at:
                at = len(kept) if index == self.at else at
                kept.append(row)
        for kind in _OPEN_ENDED:
            last = max(
                index
                for index, row in enumerate(kept)
                if KINDS.index(row.kind) <= KINDS.index(kind)
            )
            if kept[last].kind != kind or kept[last].text:
                kept.insert(last + 1, Row(kind, ""))
                at += at > last
        self.rows, self.at = kept, at


def _rows_of(entry: Entry) -> list[Row]:
    rows = [Row("kernel", entry.kernel)]
    rows += [Row("initrd", path) for path in entry.initrds]
    rows += [Row("module", path) for path in entry.modules]
    rows += [Row("dtb", entry.dtb)] if entry.dtb else []
    line = entry.handover or entry.cmdline
    end = 0
    for word in Cmdline(line):
        rows.append(Row("word", line[word.start : word.end], gap=line[end : word.start]))
        end = word.end
    return rows
