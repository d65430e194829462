"""One menu being read: its files within `limits`, what was found, what was wrong."""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.boot.entry import Entry, Menu, Problem
from kxsh.errors import Failure
from kxsh.machine.protocol import CONFIG_LIMIT, FileFacts, Root
from kxsh.menus import limits, paths
from kxsh.record import replace


class Reading:
    """Collects a menu's entries and problems; nothing here raises `Failure`.

    `source` is the file in charge. Ids are made unique, problems are kept once, and
    what goes beyond `limits` is reported once and left out. With `any_case` names match
    whatever their case is, as on the FAT disk that a tree was copied from.
    """

    any_case = False

    def __init__(self, root: Root, form: str, source: str) -> None:
        self.root = root
        self.form = form
        self.source = source
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []
        self.facts: dict[str, str] = {}
        self._known: set[Problem] = set()
        self._ids: set[str] = set()
        self._next: dict[str, int] = {}
        self._found: dict[tuple[int, str], FileFacts | None] = {}
        self._files = 0
        self._bytes = 0

    def complain(self, file: str, line: int, message: str) -> None:
        """Note a problem once; beyond `limits.PROBLEMS` they are dropped."""
        if len(self._known) >= limits.PROBLEMS:
            return
        problem = Problem(file, line, message[:1000])
        if problem not in self._known:
            self._known.add(problem)
            self.problems.append(problem)

    def text(self, path: str, file: str = "", line: int = 0, root: Root | None = None) -> str:
        """Return the text of a configuration file; empty, with a problem at the place
        that names it, where it cannot be had. UTF-8 (a mark is dropped), else Latin-1."""
        root = root or self.root
        facts = self.find(path, file or path, line, root)
        if facts is None or facts.kind != "file":
            self.complain(file or path, line, f"{path}: {'not a' if facts else 'no such'} file")
            return ""
        # What is larger than a configuration may be is said so by what reads it.
        size = min(facts.size, CONFIG_LIMIT)
        if self._files >= limits.FILES or self._bytes + size > limits.TOTAL_BYTES:
            self.complain(file or path, line, f"{path}: not read, the menu has too many files")
            return ""
        try:
            data = root.read(path, CONFIG_LIMIT)
        except Failure as failure:
            self.complain(file or path, line, failure.message)
            return ""
        self._files += 1
        self._bytes += len(data)
        return decode(data)

    def find(self, path: str, file: str, line: int, root: Root | None = None) -> FileFacts | None:
        """Return a file's facts, None when it is missing; trouble becomes a problem."""
        root = root or self.root
        key = (id(root), path)
        if key in self._found or len(self._found) >= limits.LOOKUPS:
            return self._found.get(key)
        facts = None
        try:
            facts = paths.find(root, path, any_case=self.any_case)
        except Failure as failure:
            self.complain(file, line, failure.message)
        self._found[key] = facts
        return facts

    def holds(self, path: str, root: Root | None = None) -> bool:
        """Return whether a regular file is there."""
        facts = self.find(path, self.source, 0, root)
        return facts is not None and facts.kind == "file"

    def unique(self, name: str) -> str:
        """Return an id that no entry has: the name, with ``#2`` and so on when taken."""
        wanted = name
        while wanted in self._ids:
            self._next[name] = self._next.get(name, 1) + 1
            wanted = f"{name}#{self._next[name]}"
        self._ids.add(wanted)
        return wanted

    @property
    def full(self) -> bool:
        """Whether the menu has as many entries as are kept; says so as a problem."""
        if len(self.entries) < limits.ENTRIES:
            return False
        problem = Problem(self.source, 0, f"only the first {limits.ENTRIES} entries are kept")
        if problem not in self._known:  # said even where there are too many problems
            self._known.add(problem)
            self.problems.append(problem)
        return True

    def add(self, entry: Entry) -> str:
        """Add an entry under a unique id and return that; empty when the menu is full. One
        without id or title gets them."""
        if self.full:
            return ""
        name = entry.id or entry.title or "entry"
        entry = replace(entry, id=self.unique(name), title=entry.title or name)
        self.entries.append(entry)
        return entry.id

    def menu(
        self,
        default: str = "",
        timeout: float | None = None,
        title: str = "",
        facts: Mapping[str, str] | None = None,
    ) -> Menu:
        """Return the finished menu; `default` is an entry's id."""
        if default not in self._ids:
            default = ""
        entries = tuple(
            entry
            if entry.default == (entry.id == default)
            else replace(entry, default=entry.id == default)
            for entry in self.entries
        )
        return Menu(
            self.form,
            self.source,
            entries,
            default if any(entry.default for entry in entries) else "",
            timeout,
            title,
            tuple(self.problems),
            {**self.facts, **(facts or {})},
        )


def decode(data: bytes) -> str:
    """Return a configuration's text: UTF-8 (a mark is dropped), else Latin-1."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def number(text: str) -> int | None:
    """Return the decimal number that `text` is (at most nine digits), else None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
