"""Options of GRUB's commands (grub-core/lib/arg.c)."""

from __future__ import annotations

# How an option takes its value.
FLAG, NEEDED, OPTIONAL = 0, 1, 2


class Options:
    """Options of one command: ``"f:file s:set= h:hint=*"``.

    Each is a short letter (or ``-``), a colon, the long name; then ``=`` for a value, ``?``
    for one that may be missing. `dashes` keeps what looks like an unknown option as an
    argument; `first` ends the options at the first argument.
    """

    __slots__ = ("_dashes", "_first", "_long", "_short")

    def __init__(self, text: str, *, dashes: bool = False, first: bool = False) -> None:
        self._short: dict[str, str] = {}
        self._long: dict[str, int] = {}
        self._dashes = dashes
        self._first = first
        for declared in text.split():
            short, _, long = declared.partition(":")
            kind = {"=": NEEDED, "?": OPTIONAL}.get(long[-1], FLAG)
            long = long.rstrip("=?")
            self._long[long] = kind
            if short != "-":
                self._short[short] = long

    def parse(self, arguments: list[str]) -> tuple[dict[str, list[str]], list[str]] | None:
        """Return ({long name: values}, the other arguments), or None for a misuse. An
        optional value that is not there is the empty string."""
        found: dict[str, list[str]] = {}
        rest: list[str] = []
        index = 0
        while index < len(arguments):
            word = arguments[index]
            index += 1
            if word[:1] != "-" or word == "-" or (rest and self._first):
                rest.append(word)
                continue
            if word == "--":
                rest += arguments[index:]
                break
            if word.startswith("--"):
                taken = self._one_long(word[2:], arguments[index : index + 1], found)
            else:
                taken = self._letters(word[1:], arguments[index : index + 1], found)
            if taken < 0:
                if not self._dashes or taken == -2:
                    return None
                rest.append(word)
                taken = 0
            index += taken
        return found, rest

    def _one_long(self, word: str, following: list[str], found: dict[str, list[str]]) -> int:
        """Note one ``--name`` or ``--name=value``; return how many more words it took, -1
        where it is unknown, -2 where it is wrong."""
        name, mark, value = word.partition("=")
        kind = self._long.get(name)
        if kind is None:
            return -1
        taken = 0
        if not mark and kind != FLAG and following and following[0][:1] != "-":
            value, mark, taken = following[0], "=", 1
        if (kind == FLAG and mark) or (kind == NEEDED and not mark):
            return -2
        found.setdefault(name, []).append(value)
        return taken

    def _letters(self, letters: str, following: list[str], found: dict[str, list[str]]) -> int:
        if any(letter not in self._short for letter in letters):
            return -1
        for letter in letters[:-1]:
            name = self._short[letter]
            if self._long[name] == NEEDED:
                return -2
            found.setdefault(name, []).append("")
        name = self._short[letters[-1]]
        kind = self._long[name]
        if kind == FLAG:
            found.setdefault(name, []).append("")
            return 0
        if following and (kind == NEEDED or len(following[0]) < 2 or following[0][0] != "-"):
            found.setdefault(name, []).append(following[0])
            return 1
        if kind == NEEDED:
            return -2
        found.setdefault(name, []).append("")
        return 0
