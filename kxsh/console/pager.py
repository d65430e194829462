"""A long text on the whole screen: scrolled and searched, with nothing but `Keys`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kxsh.console.keys import Keys
from kxsh.console.log import plain
from kxsh.text import cells, fitting

if TYPE_CHECKING:
    from kxsh.console.terminal import Terminal

_HELP = "q back  arrows PgUp PgDn  / search  n next  N before"
_SHORT_HELP = "q back  / n N  PgDn"
# From here on there is room for all of them.
_WIDE = 70
_LEAVE = ("q", "Q", "escape", "interrupt", "eof")


def show(terminal: Terminal, text: str, *, newest: bool = False, logged: str | None = None) -> None:
    """Show a text, page by page where it is longer than a screen that can do that; from its
    end where the `newest` stands there. `logged` is the text for the log, see `Terminal.say`."""
    columns, rows = terminal.size()
    lines = plain(terminal.encodable(text)).split("\n")
    height = sum(1 + max(0, cells(line) - 1) // columns for line in lines)
    if height < rows or not terminal.moves_cursor or not terminal.stream_in.isatty():
        terminal.say(text, logged=logged)
    else:
        Pager(terminal, lines, first=not newest).run()


class Pager:
    """Shows `lines` from the last ones on, or from the first; they are printable text, and
    wrapped here."""

    def __init__(self, terminal: Terminal, lines: Sequence[str], *, first: bool = False) -> None:
        self._terminal = terminal
        columns, rows = terminal.size()
        self._columns = max(8, columns - 1)
        self._page = max(1, rows - 1)
        shown = [terminal.encodable(line) for line in lines]  # before it is measured
        self._lines = [part for line in shown for part in _wrapped(line, self._columns)]
        self.top = 0 if first else self._last_top
        self._wanted = ""
        self._note = ""

    def run(self) -> None:
        """Show it until a person leaves, or the terminal goes."""
        with Keys(self._terminal.stream_in) as keys:
            while True:
                self._draw()
                key = keys.read(None)
                if key in _LEAVE:
                    break
                self._note = ""
                if key == "/":
                    self._search(keys)
                else:
                    self._press(key)
        self._status("")  # what was on the screen stays above the prompt

    @property
    def _last_top(self) -> int:
        return max(0, len(self._lines) - self._page)

    def _press(self, key: str) -> None:
        steps = {
            "up": -1, "k": -1, "down": 1, "j": 1, "enter": 1,
            "page-up": 1 - self._page, "b": 1 - self._page,
            "page-down": self._page - 1, " ": self._page - 1, "f": self._page - 1,
            "home": -len(self._lines), "g": -len(self._lines),
            "end": len(self._lines), "G": len(self._lines),
        }  # fmt: skip
        if key in ("n", "N"):
            self._find(-1 if key == "N" else 1)
        elif key in steps:
            self.top = max(0, min(self._last_top, self.top + steps[key]))
        else:
            self._note = _HELP

    # -- searching, with no regard to case

    def _search(self, keys: Keys) -> None:
        typed = ""
        while True:
            self._status(f"/{typed[-self._columns + 2 :]}")
            key = keys.read(None)
            if key in ("escape", "interrupt", "eof"):
                return
            if key == "enter":
                break
            if key == "backspace":
                typed = typed[:-1]
            elif len(key) == 1 and key.isprintable():
                typed += key
        self._wanted = typed.lower() or self._wanted
        self._find(1, here=True)

    def _find(self, step: int, *, here: bool = False) -> None:
        """Go to the next line that has what is wanted; from the end on to the start."""
        if not self._wanted:
            self._note = "nothing to search for: / first"
            return
        count = len(self._lines)
        start = self.top if here else self.top + step
        for distance in range(count):
            number = (start + step * distance) % count
            if self._wanted in self._lines[number].lower():
                self.top = number
                return
        self._note = f"not found: {self._wanted}"

    # -- drawing

    def _draw(self) -> None:
        shown = self._lines[self.top : self.top + self._page]
        body = "".join(f"{self._marked(line)}\x1b[K\r\n" for line in shown)
        self._terminal.write(f"\x1b[H{body}\x1b[J")
        last = self.top + len(shown)
        keys = _HELP if self._columns >= _WIDE else _SHORT_HELP
        self._status(self._note or f"lines {self.top + 1}-{last} of {len(self._lines)}  {keys}")

    def _marked(self, line: str) -> str:
        """Return a line with the first place of what is wanted standing out."""
        at = line.lower().find(self._wanted) if self._wanted else -1
        end = at + len(self._wanted)
        found = self._terminal.bold(line[at:end]) if at >= 0 else ""
        return line[:at] + found + line[end:] if found else line

    def _status(self, text: str) -> None:
        line = self._terminal.encodable(text)[: self._columns]
        self._terminal.write(f"\r{line}\x1b[K")


def _wrapped(line: str, columns: int) -> list[str]:
    parts = []
    while (end := fitting(line, columns)) < len(line):
        parts.append(line[:end])
        line = line[end:]
    return [*parts, line]
