"""Lines of ``key value``: a Type #1 entry file, loader.conf, and the os-release of an image.

Sources: UAPI.1 Boot Loader Specification, "Type #1 Boot Loader Entry Keys" and "Boot
counting"; what it leaves open (blanks at the ends, quotes around a value, keys without
a value, bytes that are no text) as systemd-boot does it.
"""

from __future__ import annotations

from kxsh.record import record

_BLANKS = " \t"
_QUOTES = "\"'"


@record
class Snippet:
    """One entry file: its path, name, and keys with values in their order (line, key, value)."""

    path: str
    name: str
    pairs: tuple[tuple[int, str, str], ...]

    def value(self, key: str) -> str:
        """Return the last value of a key (empty: there is none)."""
        return next((value for _, name, value in reversed(self.pairs) if name == key), "")

    def values(self, key: str) -> list[str]:
        """Return every value of a key, in order."""
        return [value for _, name, value in self.pairs if name == key]

    @property
    def options(self) -> str:
        return " ".join(self.values("options"))


def decode(data: bytes) -> str:
    """Return a file's text: UTF-8 without a mark; what is no UTF-8 is left out."""
    return data.decode("utf-8-sig", "ignore").partition("\0")[0]


def pairs(text: str, separators: str = _BLANKS) -> list[tuple[int, str, str]]:
    """Return (line from 1, key, value) of each line that has both; ``#`` begins a comment."""
    found = []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for number, line in enumerate(lines, 1):
        line = line.strip(_BLANKS)
        if not line or line.startswith("#"):
            continue
        end = next((at for at, character in enumerate(line) if character in separators), -1)
        value = line[end:].lstrip(separators) if end >= 0 else ""
        if value[:1] in _QUOTES and value and value[-1] == value[0]:
            value = value[1:-1]
        if end >= 0:
            found.append((number, line[:end], value))
    return found


@record
class Tries:
    """Boot counting: attempts `left` and `done`, as the file's name says (left -1: not counted)."""

    left: int = -1
    done: int = 0

    @property
    def exhausted(self) -> bool:
        return self.left == 0


def split_tries(name: str) -> tuple[str, Tries]:
    """Return a file's name without ``+LEFT`` or ``+LEFT-DONE`` before its ending, and these."""
    stem, dot, ending = name.rpartition(".")
    front, plus, counter = stem.rpartition("+")
    left, dash, done = counter.partition("-")
    if not plus or not _is_number(left) or (dash and not _is_number(done)):
        return name, Tries()
    return front + dot + ending, Tries(int(left), int(done or "0"))


def _is_number(text: str) -> bool:
    return 0 < len(text) <= 9 and text.isascii() and text.isdigit()
