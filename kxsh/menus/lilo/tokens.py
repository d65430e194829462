"""Names and values of lilo.conf and the files that were made after it (LILO's cfg.c).

Blanks and line ends separate; ``#`` begins a comment; a value may stand in double
quotes, where a backslash protects a quote, a backslash and a line end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kxsh.record import record

_BLANKS = " \t\n\r"


@record
class Pair:
    """One setting: `value` None is a flag (``read-only``)."""

    line: int
    name: str
    value: str | None


def pairs(
    text: str, complain: Callable[[int, str], None], *, whole_lines: bool = False
) -> Iterator[Pair]:
    """Yield the settings of a file, in order.

    An unquoted value ends at a blank; with `whole_lines` at its line's end, as
    petitboot reads yaboot.conf.
    """
    scanner = _Scanner(text.replace("\0", " "), complain, whole_lines)
    while scanner.skip():
        line = scanner.line
        name = scanner.word(stop="=")
        if not name:
            complain(line, "a value without a name")
            scanner.end_line()
            continue
        yield Pair(line, name, scanner.value())


class _Scanner:
    def __init__(self, text: str, complain: Callable[[int, str], None], whole: bool) -> None:
        self._text = text
        self._complain = complain
        self._whole = whole
        self._at = 0
        self.line = 1

    def skip(self) -> bool:
        """Pass over blanks and comments; return whether something follows."""
        text = self._text
        while self._at < len(text):
            character = text[self._at]
            if character == "#":
                self.end_line()
            elif character in _BLANKS:
                self.line += character == "\n"
                self._at += 1
            else:
                return True
        return False

    def end_line(self) -> None:
        """Go to the line's end."""
        end = self._text.find("\n", self._at)
        self._at = end if end >= 0 else len(self._text)

    def value(self) -> str | None:
        """Return the value after ``=``, None where there is no ``=``."""
        at, line = self._at, self.line
        if not self.skip() or self._text[self._at] != "=" or (self._whole and self.line != line):
            self._at, self.line = at, line
            return None
        self._at += 1
        if self._whole:
            return self._rest()
        if not self.skip():
            self._complain(self.line, "a value is missing at the end of the file")
            return ""
        return self._quoted() if self._text[self._at] == '"' else self.word()

    def _rest(self) -> str:
        """Return what is left of the line, without quotes and a comment after blanks."""
        end = self._text.find("\n", self._at)
        line = self._text[self._at : end if end >= 0 else len(self._text)]
        stripped = line.lstrip(" \t\r")
        if stripped.startswith('"'):
            self._at += len(line) - len(stripped)
            return self._quoted()
        for mark in (" #", "\t#"):
            line = line.partition(mark)[0]
        self.end_line()
        return line.strip(" \t\r'\"")

    def word(self, stop: str = "") -> str:
        """Return the word here; a backslash protects the next character."""
        text, start, held = self._text, self._at, ""
        ends = _BLANKS + "#" + stop
        while self._at < len(text) and text[self._at] not in ends:
            if text[self._at] == "\\" and self._at + 1 < len(text):
                held += text[start : self._at]
                following = text[self._at + 1]
                self.line += following == "\n"
                held += "" if following == "\n" else " " if following == "\t" else following
                start = self._at = self._at + 2
            else:
                self._at += 1
        return held + text[start : self._at]

    def _quoted(self) -> str:
        text, line = self._text, self.line
        self._at += 1
        parts, start = [], self._at
        while self._at < len(text) and text[self._at] != '"':
            character = text[self._at]
            if character == "\\" and text[self._at + 1 : self._at + 2] in ('"', "\\", "\n"):
                parts.append(text[start : self._at])
                start = self._at = self._at + 1
                if text[self._at] == "\n":
                    self.line += 1
                    self._at += 1
                    while text[self._at : self._at + 1] in (" ", "\t"):
                        self._at += 1
                    parts.append(" ")
                    start = self._at
                    continue
            elif character == "\n":
                self._complain(line, "a quote that does not end on its line")
                return "".join(parts) + text[start : self._at].rstrip("\r")
            self._at += 1
        if self._at >= len(text):
            self._complain(line, "a quote that does not end")
        found = "".join(parts) + text[start : self._at]
        self._at += 1
        return found
