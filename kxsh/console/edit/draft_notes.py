"""What each word of an edited command line means, whose it is, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.boot import parameters
from kxsh.boot.cmdline import Cmdline
from kxsh.console.edit.draft import Draft, Row
from kxsh.console.words.parameter_words import OFFERED, common, complete_word
from kxsh.console.words.places import Places
from kxsh.diagnostics import Diagnostic
from kxsh.record import record
from kxsh.text import display, nearest, size

_FILES = {
    "kernel": "the kernel's file",
    "initrd": "an initial RAM disk; several are read in this order",
    "module": "a Multiboot module: its file, then its arguments",
    "dtb": "a device tree's file",
}
_OWNERS = {
    "kernel": "kernel",
    "loader": "loader",
    "module": "module",
    "environment": "init env",
    "argument": "init arg",
    "separator": "init",
}
# About what boot loaders add themselves: right where the entry has it from its own.
_OF_LOADERS = ("KX403", "KX410")


@record
class Note:
    """`owner`: who takes a word (``kernel``, ``module``, ``init arg``...), `meaning` in one
    line, and the checker's `finding` about it, if there is one."""

    owner: str
    meaning: str
    finding: Diagnostic | None = None

    def __str__(self) -> str:
        if self.finding is not None:
            return f"{self.finding.code}: {self.finding.message}"
        return f"{self.owner}: {self.meaning}" if self.owner else self.meaning


class Notes:
    """Notes on the rows of a draft; made anew when its command line has changed. `places`
    tells whether its files are there, where that is known."""

    def __init__(self, places: Places | None = None) -> None:
        self._places = places
        self._seen: tuple[str, bool] | None = None
        self._notes: list[Note] = []

    def of(self, draft: Draft) -> list[Note]:
        """Return the note of each row."""
        line, places = draft.line()
        seen = (line, bool(draft.files("initrd")))
        if seen != self._seen:
            self._notes = _notes(line, places, draft.given, with_initrd=seen[1])
            self._seen = seen
        left = iter(self._notes)
        return [self._row_note(row, left) for row in draft.rows]

    def _row_note(self, row: Row, words: Iterator[Note]) -> Note:
        if row.kind != "word":
            return self._file_note(row)
        if row.counts:
            return next(words)
        if row.text:
            return Note("off", "switched off: it is left out")
        return Note("", "type here to add a word to the command line")

    def _file_note(self, row: Row) -> Note:
        if not row.text:
            return Note("", "type a path here to add one")
        path = row.text.partition(" ")[0] if row.kind == "module" else row.text
        directory, _, name = path.rpartition("/")
        there = self._places.listing(directory + "/") if self._places else []
        found = [item for item in there if item.path == name]
        found = found or [item for item in there if item.path.lower() == name.lower()]
        if found:
            return Note("", f"{_FILES[row.kind]}, {size(found[0].size)}")
        if not there:  # it could not be looked at
            return Note("", _FILES[row.kind])
        near = nearest(name, [item.path for item in there])
        hint = f"did you mean {near}?" if near else "Tab shows what is there"
        missing = Diagnostic("KX507", "error", f"there is no {path}", help=hint)
        return Note("", _FILES[row.kind], missing)

    def findings(self, draft: Draft) -> list[tuple[int, Diagnostic]]:
        """Return what the checker says, with the row that it says it of."""
        notes = self.of(draft)
        return [(index, note.finding) for index, note in enumerate(notes) if note.finding]


def _notes(
    line: str, places: list[tuple[int, int]], given: frozenset[str], *, with_initrd: bool
) -> list[Note]:
    origins = parameters.classify_line(Cmdline(line))
    found = [Note(_OWNERS[origin.kind], _meaning(origin)) for _, origin in origins]
    # An unclosed quote takes all that follows it for one word.
    notes = (found + [Note("", "part of the quoted word before it")] * len(places))[: len(places)]
    for start, finding in check(line, with_initrd=with_initrd):
        index = next((at for at, (_, end) in enumerate(places) if start < end), len(places) - 1)
        if finding.code in _OF_LOADERS and line[slice(*places[index])] in given:
            continue
        known = notes[index].finding
        if known is None or (known.severity != "error" and finding.severity == "error"):
            notes[index] = Note(notes[index].owner, notes[index].meaning, finding)
    return notes


def _meaning(origin: parameters.Origin) -> str:
    """Return what a word means, where its owner is told beside it."""
    if origin.kind not in ("environment", "argument") or origin.key == "--":
        return origin.meaning
    return f"read by {origin.reader}" if origin.reader else "nothing is known to read it"


def check(line: str, *, with_initrd: bool) -> list[tuple[int, Diagnostic]]:
    """Return the checker's findings about a command line, each with its offset in it."""
    from kxsh.checker import check_source
    from kxsh.source import Source

    begin = f"load /kernel {'--initrd /initrd ' if with_initrd else ''}--cmdline '"
    # The quote that kxs knows stands for itself to the kernel: any sign does for the check.
    source = Source("command line", f"{begin}{line.replace(chr(39), '_')}'\n")
    found: list[tuple[int, Diagnostic]] = []
    for finding in check_source(source, prompt=True):
        place = finding.span.start - len(begin) if finding.span else 0
        found.append((min(max(0, place), len(line)), finding))
    return found


def complete(row: Row, column: int, places: Places | None = None) -> tuple[str, list[str]]:
    """Return what can be put in at the cursor of a row, and all that would fit."""
    typed = row.text[:column]
    if row.kind != "word":
        return _complete_path(typed, places) if places else ("", [])
    return complete_word(typed)


def _complete_path(typed: str, places: Places) -> tuple[str, list[str]]:
    directory, slash, name = typed.rpartition("/")
    fitting = [
        item.path + ("/" if item.kind == "directory" else "")
        for item in places.listing(directory + slash)
        if item.path.startswith(name) and item.path == display(item.path)
    ]
    return common(fitting)[len(name) :], fitting[:OFFERED]
