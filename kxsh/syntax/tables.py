"""The parser's tables: made from grammar/kxsh.lark by lark, saved when the package is built.

Making them takes 80 ms natively and over a second on an emulated target; loading saved
ones takes one. The file names the grammar it was made from, and a stale one is ignored.
"""

from __future__ import annotations

import marshal
import os
import zlib

from kxsh import resources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STARTS = ("start", "repl", "inner")
# Of what `save` writes; a reader of another form makes the tables anew.
_FORM = 2
# The version of marshal that writes no references, so that equal tables are equal files.
_PLAIN = 2

# A rule: whose it is, how many parts it has, the name of its tree, whether one part alone
# stands for itself, which parts are kept (None: all; number, opened, None's before), and
# how many None's follow.
Rule = tuple[str, int, str, bool, "tuple[tuple[int, bool, int], ...] | None", int]
# Terminals in the order they are tried, and for some the words that are keywords.
Scanner = tuple[tuple[str, ...], "dict[str, dict[str, str]]"]


class Tables:
    """What `kxsh.syntax.lalr` runs.

    `actions` are those of each state: a terminal shifts (the state that follows) or reduces
    (a rule's number, inverted); a rule's name leads on. `begins` are the signs of ASCII that a
    terminal can begin with. `scanner_of` is the number of a state's scanner, the last scanner
    that of no state but of all.
    """

    __slots__ = (
        "actions", "begins", "ends", "ignored", "patterns", "rules", "scanner_of", "scanners",
        "starts",
    )  # fmt: skip
    actions: list[dict[str, int]]
    begins: dict[str, str]
    ends: dict[str, int]
    ignored: tuple[str, ...]
    patterns: dict[str, str]
    rules: list[Rule]
    scanner_of: list[int]
    scanners: list[Scanner]
    starts: dict[str, int]

    def __init__(self, **parts: Any) -> None:
        for name in self.__slots__:
            setattr(self, name, parts[name])


def load() -> Tables:
    """Return the saved tables; make them where there are none, or stale or damaged ones."""
    found = load_saved()
    if found is None:
        from kxsh.syntax.grammar import make_tables  # lark, which is only needed here

        found = make_tables()
    return found


def load_saved() -> Tables | None:
    """Return the saved tables, or None where there are none, or stale or damaged ones."""
    try:
        with open(resources.tables_path(), "rb") as stream:
            if stream.readline() != _stamp():
                return None
            data = stream.read()
        checksum, _, body = data.partition(b"\n")
        if checksum != b"%08x" % zlib.crc32(body):
            return None
        return Tables(**marshal.loads(body))
    except (OSError, ValueError, TypeError, EOFError, KeyError):
        return None


def save(path: str, tables: Tables) -> None:
    """Write tables to `path`, for `resources.tables_path`; equal ones as equal bytes."""
    body = marshal.dumps({name: getattr(tables, name) for name in Tables.__slots__}, _PLAIN)
    # Whole or not at all: a reader never meets half of a file.
    unfinished = f"{path}.new"
    with open(unfinished, "wb") as stream:
        stream.write(_stamp() + b"%08x\n" % zlib.crc32(body) + body)
    os.replace(unfinished, path)


def _stamp() -> bytes:
    grammar = zlib.crc32(resources.grammar_text().encode())
    return f"kxsh tables form={_FORM} grammar={grammar:08x}\n".encode()
