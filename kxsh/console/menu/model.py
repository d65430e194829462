"""What the menu shows and where its mark is, without a terminal.

Every change goes through a method, and the list stays true to four rules: what is marked
stays marked while entries come and go; its line on the screen does not jump; who has not
touched a key is put on the default when it comes; a heading is never marked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.boot.cmdline import Cmdline
from kxsh.boot.entry import Entry
from kxsh.commands.context import Choice, Kept, Offer
from kxsh.console.menu.hot_keys import hot_keys, key_of
from kxsh.console.menu.tree import Row, keys_around, matching, tree

# What two keys add to the command line of whatever is started.
SAFE_GRAPHICS = "nomodeset"
SERIAL_CONSOLE = "console=ttyS0,115200"


class Model:
    """The list and its mark. `touched`: a person has moved it; `note` is the line that says
    what the last key came to, `by` what chose an entry to start; `added` are words for the
    command line, `edited` the entries that a person changed, by identity. `needs` says in a
    word what a choice's start needs, `spoken` puts the disks' names into paths."""

    def __init__(self, offer: Offer) -> None:
        self.title = offer.title
        self.choices: Sequence[Choice] = offer.choices
        self.default = offer.default
        self.touched = False
        self.note = ""
        self.by = ""
        self.filter = ""
        self.digits = ""
        self.failure = offer.failure
        self.needs: Callable[[Choice], str] = lambda choice: ""
        self.spoken: Callable[[str], str] = str
        self.added: tuple[str, ...] = ()
        self.edited: dict[str, Entry] = {}
        self.top = 0
        self.hot = hot_keys(offer.choices)
        self._opened: set[str] = set()
        self._rows: list[Row] = []
        self._mark = 0
        self._before = self._found = ""
        self._list()
        self._mark_default()
        if offer.kept is not None:
            self._take_up(offer.kept)

    def _take_up(self, kept: Kept) -> None:
        """Go on where a menu was left whose choice came back."""
        self.added = kept.words
        self.edited = dict(kept.edited)
        choice = self.choice_of(kept.identity)
        if choice is not None:
            self.touched = True
            self.show(choice)

    def keep(self, choice: Choice) -> Kept:
        """Return what is taken up again when the choice comes back."""
        return Kept(choice.identity, self.added, dict(self.edited))

    # -- what is there

    @property
    def rows(self) -> Sequence[Row]:
        return self._rows

    @property
    def mark(self) -> int:
        """The marked row's place among `rows`."""
        return self._mark

    @property
    def row(self) -> Row | None:
        """The marked row; None where nothing can be marked."""
        row = self._rows[self._mark] if self._mark < len(self._rows) else None
        return row if row is not None and row.kind != "heading" else None

    @property
    def choice(self) -> Choice | None:
        """The marked entry's choice; None on a submenu."""
        row = self.row
        return self.choices[row.at] if row is not None and row.at >= 0 else None

    @property
    def status(self) -> str:
        """What stands at the bottom."""
        if self.note:
            return self.note
        if self.failure:
            what = "; ".join(filter(None, self.spoken(self.failure).splitlines()[:2]))
            return f"the last start failed (w: why): {what}"
        if self.added:
            return f"added to the command line: {' '.join(self.added)}"
        return ""

    def hot_key(self, choice: Choice) -> str:
        """Return the key that starts a choice at once; empty: none does."""
        return key_of(choice, self.hot)

    def entry_of(self, choice: Choice) -> Entry | None:
        """Return a choice's entry, as it was edited."""
        return self.edited.get(choice.identity, choice.entry)

    def choice_of(self, identity: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.identity == identity), None)

    # -- the mark

    def move(self, steps: int) -> None:
        """Move the mark over `steps` rows that can be marked, not beyond the ends."""
        self.touched = True
        places = self._places()
        if not places:
            return
        at = places.index(self._mark) if self._mark in places else 0
        self._mark = places[max(0, min(len(places) - 1, at + steps))]

    def jump(self, *, end: bool) -> None:
        self.touched = True
        places = self._places()
        if places:
            self._mark = places[-1 if end else 0]

    def turn_page(self, rows: int) -> None:
        """Show the list from `rows` rows further on, and mark what stands first there."""
        self.touched = True
        self.top = max(0, min(self.top + rows, len(self._rows) - 1))
        places = self._places()
        self._mark = next((at for at in places if at >= self.top), places[-1] if places else 0)

    def type_digit(self, digit: str) -> None:
        """Mark the entry whose number is being typed."""
        self.touched = True
        self.digits = (self.digits + digit)[-4:].lstrip("0")
        at = int(self.digits or 0) - 1
        if 0 <= at < len(self.choices):
            self.show(self.choices[at])
        elif self.digits:
            self.note = f"there is no number {self.digits}, only 1 to {len(self.choices)}"

    def mark_row(self, key: str) -> bool:
        """Mark the row with a key, else one nearby; tell whether it is there."""
        for at, row in enumerate(self._rows):
            if row.key == key:
                self._mark = at
                return True
        self._mark_nearest()
        return False

    def show(self, choice: Choice) -> None:
        """Mark a choice, and open the submenus around it."""
        if self.filter and not any(row.key == choice.identity for row in self._rows):
            self.filter = ""
        self._opened.update(keys_around(choice))
        self._list()
        self.mark_row(choice.identity)

    # -- submenus and the filter

    def open(self) -> None:
        """Open the marked submenu."""
        row = self.row
        self.touched = True
        if row is not None and row.kind == "submenu" and not row.open:
            self._opened.add(row.key)
            self._relist(row.key)

    def close(self) -> None:
        """Close the marked submenu, else the one around the mark, and mark that."""
        row = self.row
        self.touched = True
        if row is None or self.filter:
            return
        if row.kind == "submenu" and row.open:
            key = row.key
        else:
            around = [other for other in self._rows[: self._mark] if other.kind == "submenu"]
            outer = [other for other in around if (*other.path, other.text) == row.path]
            if not outer:
                return
            key = outer[-1].key
        self._opened.discard(key)
        self._relist(key)

    def find(self) -> None:
        """Begin to find, or keep what was found: the mark of now is where it comes back to."""
        self._before = self._found = self.row.key if self.row else ""

    def set_filter(self, text: str) -> None:
        """Show only what `text` matches; nothing shows all. Where a person moved the mark it
        stays, else it is where it was when finding began; where that does not match, on the
        first that does."""
        self.touched = True
        key = self.row.key if self.row else ""
        self.filter = text
        self._list()
        if not text and (choice := self.choice_of(key)) is not None:
            self._opened.update(keys_around(choice))
            self._list()
        keys = [row.key for row in self._rows]
        wanted = (self._before,) if key == self._found else (key, self._before)
        there = [keys.index(one) for one in wanted if one in keys]
        self._mark = (there or self._places() or [0])[0]
        self._found = self.row.key if self.row else ""

    def stop_finding(self) -> None:
        """Show all again, with the mark where it was before."""
        self.filter = ""
        self._list()
        choice = self.choice_of(self._before)
        if choice is not None:
            self.show(choice)
        else:
            self.mark_row(self._before)

    def added_to(self, choice: Choice) -> tuple[str, ...]:
        """Return the words that are added to a choice's command line: not those it has."""
        entry = self.entry_of(choice)
        line = Cmdline((entry.handover or entry.cmdline) if entry else "")
        return tuple(word for word in self.added if not _has(line, word))

    def toggle(self, word: str) -> None:
        """Add a word to the command line of what is started, or take it away again."""
        self.touched = True
        choice = self.choice
        if word not in self.added and choice and (entry := self.entry_of(choice)):
            there = _has(Cmdline(entry.handover or entry.cmdline), word)
            if there:
                self.note = f"{there} is in its command line already"
                return
        if word in self.added:
            self.added = tuple(other for other in self.added if other != word)
            self.note = f"{word} is not added any more"
        else:
            self.added = (*self.added, word)
            self.note = f"{word} is added to the command line"

    # -- the menu changes

    def renew(self, offer: Offer) -> None:
        """Take what is there now; the mark and its line on the screen stay."""
        row = self.row
        key, line = (row.key if row else ""), self._mark - self.top
        known = {choice.identity: choice.entry for choice in self.choices}
        came = [choice for choice in offer.choices if choice.identity not in known]
        now = {choice.identity for choice in offer.choices}
        gone = [choice for choice in self.choices if choice.identity not in now]
        others = [
            choice.identity
            for choice in offer.choices
            if choice.identity in self.edited and known.get(choice.identity) != choice.entry
        ]
        for identity in others:  # what was edited is not what another disk has there
            del self.edited[identity]
        self.choices = offer.choices
        self.default = offer.default
        self.hot = hot_keys(offer.choices)
        self._list()
        if not self.touched:
            self._mark_default()
        elif not self.mark_row(key):
            self._mark_nearest()
        self.top = max(0, self._mark - line)
        if came or gone:
            changes = [f"{len(came)} new"] * bool(came) + [f"{len(gone)} gone"] * bool(gone)
            self.note = f"the disks changed: {', '.join(changes)}"
        if others:
            self.note = "an edited entry changed with the disks: edit it again"

    def scroll(self, height: int) -> int:
        """Return the first row to draw in `height` lines, moved as little as need be."""
        first = self._mark
        if first > 0 and self._rows[first - 1].kind == "heading" and height > 2:
            first -= 1  # the heading of what is marked stays in sight
        self.top = min(self.top, first, max(0, len(self._rows) - height))
        self.top = max(self.top, self._mark - height + 1, 0)
        return self.top

    # -- within

    def _list(self) -> None:
        if self.filter.strip():
            self._rows = matching(self.choices, self.filter)
        else:
            self._rows = tree(self.choices, self._opened)
        if self._mark >= len(self._rows) or self._rows[self._mark].kind == "heading":
            self._mark_nearest()

    def _relist(self, key: str) -> None:
        self._list()
        self.mark_row(key)

    def _places(self) -> list[int]:
        return [at for at, row in enumerate(self._rows) if row.kind != "heading"]

    def _mark_nearest(self) -> None:
        places = self._places()
        self._mark = min(places, key=lambda at: abs(at - self._mark)) if places else 0

    def _mark_default(self) -> None:
        """Mark the default, else the first entry that can start."""
        startable = [choice for choice in self.choices if not choice.fault]
        default = [choice for choice in startable if choice.id == self.default]
        for choice in (default or startable)[:1]:
            self._opened.update(keys_around(choice))
            self._list()
            self.mark_row(choice.identity)


def _has(line: Cmdline, word: str) -> str:
    """Return the word by which a command line does already what `word` is to do; else nothing.
    Of several consoles the last is the system's, whatever speed it has."""
    key, _, value = word.partition("=")
    there = line.get(key)
    if there is None or there.partition(",")[0] != value.partition(",")[0]:
        return ""
    return f"{key}={there}" if value else key
