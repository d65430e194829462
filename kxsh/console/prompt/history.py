"""The lines that were typed: in memory, and in a file only where that was asked for."""

from __future__ import annotations

import re
from collections.abc import Callable

from kxsh.errors import KxshError
from kxsh.source import Source
from kxsh.text import display

# Where it is kept, from the top of the loader's partition.
PATH = "kxsh/history"
_MOST = 1000
# Findings of the checker that say: here is a secret.
_SECRETS = ("KX414", "KX802")
_SUSPECT = re.compile(r"pass(?:phrase|word|wd)|secret|psk", re.IGNORECASE)
# Programs have options of their own for it; to `lock`, somebody gives no hash but the word; and
# an address has one before its host. A variable's name tells of what it holds, too.
_URL = r"(://[^\s/@:]*):(?!\.\.\.@)[^\s/@]+@"
_NAMED = r"\b(?:let|set)\s+(?:pass|\w*(?:passphrase|password|passwd|secret|psk)\w*)\s*=\s*['\"]"
_OPTION = re.compile(
    rf"--?pass(?:phrase|word|wd)?[= ]\s*\S|\block\s+password\s+\S|{_URL}|{_NAMED}",
    re.IGNORECASE,
)


class History:
    """Lines, oldest first. A line that begins with a blank is not kept, and none with a
    passphrase. `write` puts the file's text in its place, once `keep` was given it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._write: Callable[[str], None] | None = None

    @property
    def kept(self) -> bool:
        return self._write is not None

    def add(self, text: str) -> None:
        """Remember a line, and write it down where that was asked for."""
        text = text.rstrip()
        if not text or text[0] in " \t" or text in self.lines[-1:] or has_secret(text):
            return
        self.lines = [*self.lines, text][-_MOST:]
        if self._write is not None:
            self._write(self.text())

    def text(self) -> str:
        """Return the lines as the file has them: one to a line."""
        return "".join(f"{_on_one_line(line)}\n" for line in self.lines)

    def keep(self, old: str, write: Callable[[str], None]) -> None:
        """Write the lines by `write` from now on, after those of an `old` file."""
        before = [_as_typed(line) for line in old.split("\n") if line.strip()]
        before = [line for line in before if _is_harmless(line)]  # a file may hold anything
        self.lines = [*before, *self.lines][-_MOST:]
        self._write = write
        write(self.text())

    def stop(self) -> None:
        """Write no more."""
        self._write = None


def _is_harmless(line: str) -> bool:
    return all(part == display(part, len(part) + 1) for part in line.split("\n"))


def has_secret(text: str) -> bool:
    """Tell whether a line holds a passphrase, or might."""
    from kxsh.checker import check_source

    if shows_secret(text):
        return True
    if not _SUSPECT.search(text):
        return False
    try:
        found = check_source(Source("<prompt>", text), prompt=True)
    except KxshError:
        return True
    return any(item.code in _SECRETS or item.severity == "error" for item in found)


def without_password(text: str) -> str:
    """Return a text whose addresses show no password.

    >>> without_password("404 for https://bob:hunter2@boot.lan/k")
    '404 for https://bob:...@boot.lan/k'
    """
    return re.sub(_URL, r"\1:...@", text)


def shows_secret(text: str) -> bool:
    """Tell whether a text, a line or not, shows what follows a passphrase's own word."""
    return _OPTION.search(text) is not None


def _on_one_line(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _as_typed(line: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], line)
