"""Reads the configuration files of one menu from a root, within `limits`."""

from __future__ import annotations

from kxsh.boot.entry import Entry, Menu, Passwords, Problem
from kxsh.errors import Failure
from kxsh.machine.protocol import CONFIG_LIMIT, FileFacts, Root
from kxsh.menus import limits, paths
from kxsh.menus.syslinux import lexer
from kxsh.menus.syslinux.listing import Listing, Outcome, Place
from kxsh.menus.syslinux.parser import Parser
from kxsh.record import replace


class Reader:
    """Reads one menu with all that belongs to it, within `limits`."""

    # Whether files come from a server, so that what names one is no obstacle.
    networked = False

    def __init__(self, root: Root | None, variant: str) -> None:
        self._root = root
        self.variant = variant
        self.entries: list[Entry] = []
        self.problems: list[Problem] = []
        self.facts: dict[str, str] = {}
        self._known: set[Problem] = set()
        self._found: dict[str, FileFacts | None] = {}
        # Of entries by their ids, the menu's own master password by the empty one.
        self.passwords = Passwords()
        self._said_full = False
        self._files = 0
        self._bytes = 0
        self._labels = 0
        self._ids: set[str] = set()
        self._next: dict[str, int] = {}
        self._seen: set[tuple[str, str]] = set()
        # Which configuration lists a line: menus lead back to each other.
        self.claims: dict[tuple[str, int, str], Listing] = {}

    def menu(self, path: str, directory: str) -> Menu:
        """Return the menu that begins with the file `path`."""
        outcome = self.read([path], Place(directory)) or Outcome()
        default = outcome.default
        entries = tuple(replace(entry, default=entry.id == default) for entry in self.entries)
        return Menu(
            self.variant,
            path,
            entries,
            default,
            outcome.timeout,
            outcome.title,
            tuple(self.problems),
            self.facts,
            guarded="" in self.passwords,
            superusers=("",) if "" in self.passwords else (),
            passwords=self.passwords,
        )

    def read(self, names: list[str], place: Place) -> Outcome | None:
        """Read files into one menu and list its entries; None when they were read before."""
        key = (" ".join(names), place.directory)
        if key in self._seen or len(place.parents) > limits.DEPTH:
            return None
        self._seen.add(key)
        if self._labels >= limits.LABELS:
            self.complain(names[0], 0, "not read, the menu has too many labels")
            return None
        parser = Parser(lambda name, file, line: self._open(name, place, file, line), self.complain)
        for name in names:
            opened = self._open(name, place, place.directory, 0)
            if opened:
                parser.read(*opened)
        config = parser.finish()
        self._labels += len(config.labels)
        config.whole_names = self.variant == "extlinux"
        self.facts.update(config.facts)
        if config.master:
            self.passwords.setdefault("", config.master)
        return Listing(self, config, place).run()

    def complain(self, file: str, line: int, message: str) -> None:
        """Note a problem once; beyond `limits.PROBLEMS` they are dropped."""
        problem = Problem(file, line, message)
        if problem not in self._known and len(self._known) < limits.PROBLEMS:
            self._known.add(problem)
            self.problems.append(problem)

    def full(self, file: str, line: int) -> bool:
        """Return whether no further entry is kept; says once from which line on."""
        if len(self.entries) < limits.ENTRIES:
            return False
        if not self._said_full:
            message = f"only the first {limits.ENTRIES} entries are kept"
            self.problems.append(Problem(file, line, message))
        self._said_full = True
        return True

    def unique(self, name: str) -> str:
        """Return an id that no entry has: the name, with ``#2`` and so on when taken."""
        wanted = name
        while wanted in self._ids:
            self._next[name] = self._next.get(name, 1) + 1
            wanted = f"{name}#{self._next[name]}"
        self._ids.add(wanted)
        return wanted

    def resolve(self, name: str, directory: str) -> str:
        """Return the absolute path of a name as the loader takes it."""
        if self.variant == "syslinux":
            name = name.replace("\\", "/")
        if name.startswith("::"):
            name = "/" + name[2:]
        return paths.join(directory, name)

    def find(self, path: str, file: str, line: int) -> FileFacts | None:
        """Return a file's facts, None when it is missing; trouble becomes a problem."""
        if path in self._found or len(self._found) >= limits.LOOKUPS:
            return self._found.get(path)
        facts = None
        try:
            if self._root is not None:
                facts = paths.find(self._root, path, any_case=self.variant != "extlinux")
        except Failure as failure:
            self.complain(file, line, failure.message)
        self._found[path] = facts
        return facts

    def content(self, path: str) -> bytes:
        """Return a configuration file's bytes; raises `Failure`."""
        return self._root.read(path, CONFIG_LIMIT) if self._root is not None else b""

    def _open(self, name: str, place: Place, file: str, line: int) -> tuple[str, str] | None:
        path = self.resolve(name, place.directory)
        facts = self.find(path, file, line)
        if facts is None or facts.kind != "file":
            what = "no such file" if facts is None else "not a file"
            self.complain(file, line, f"{path}: {what}")
            return None
        path = paths.spelled(path, facts)
        # What is larger than a configuration may be is said so by what reads it.
        size = min(facts.size, CONFIG_LIMIT)
        if self._files >= limits.FILES or self._bytes + size > limits.TOTAL_BYTES:
            self.complain(file, line, f"{path}: not read, the menu has too many files")
            return None
        try:
            data = self.content(path)
        except Failure as failure:
            self.complain(file, line, failure.message)
            return None
        self._files += 1
        self._bytes += len(data)
        return path, lexer.decode(data)
