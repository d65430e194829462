"""What a guest says on its serial line: read at once, kept, searched with a deadline."""

from __future__ import annotations

import codecs
import os
import re
import threading
import time
from collections.abc import Callable
from typing import IO

from kxsh.text import display

# ECMA-48 control sequences (CSI), operating system commands, and two-byte escapes.
_ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-Z\\^-~])")
_BEGUN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[ -/]*)$")
# More than this is no escape sequence in the making, but text after a stray ESC.
_LONGEST_ESCAPE = 256

Listener = Callable[[str], None]


def plain(text: str) -> str:
    """Return `text` without escape sequences and carriage returns."""
    return _ESCAPE.sub("", text).replace("\r", "")


class SerialLine:
    """Everything that comes from `stream`, read by a thread until its end.

    `raw` is all of it, `text` the same without escape sequences and carriage returns.
    """

    def __init__(self, stream: IO[bytes], listener: Listener | None = None) -> None:
        self.raw = ""
        self.text = ""
        self.closed = False
        self._seen = 0
        self._held = ""
        self._stream = stream
        self._listener = listener
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, name="serial", daemon=True)
        self._reader.start()

    def find(self, pattern: str, timeout: float) -> re.Match[str] | None:
        """Wait for a regular expression in the text after the last match.

        ``^`` and ``$`` match at lines. None when `timeout` seconds pass or the line
        closes first.
        """
        expression = re.compile(pattern, re.MULTILINE)
        deadline = time.monotonic() + timeout
        with self._news:
            while True:
                found = expression.search(self.text, self._seen)
                if found:
                    self._seen = found.end()
                    return found
                left = deadline - time.monotonic()
                if self.closed or left <= 0:
                    return None
                self._news.wait(left)

    def last_lines(self, count: int) -> list[str]:
        """Return the last `count` lines that are not blank, fit for a terminal."""
        lines = [line.strip() for line in self.text.split("\n")]
        return [display(line) for line in lines if line][-count:]

    def join(self) -> None:
        """Wait for the stream's end, and close it."""
        self._reader.join()
        self._stream.close()

    def _read(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while data := os.read(self._stream.fileno(), 65536):
            self._take(decoder.decode(data))
        self._take("", last=True)

    def _take(self, piece: str, last: bool = False) -> None:
        whole = self._held + piece
        begun = None if last else _BEGUN.search(whole, max(0, len(whole) - _LONGEST_ESCAPE))
        cut = begun.start() if begun else len(whole)
        fresh, self._held = plain(whole[:cut]), whole[cut:]
        if self._listener and fresh:  # first, so that what was found has been heard
            self._listener(fresh)
        with self._news:
            self.raw += piece
            self.text += fresh
            self.closed = last
            self._news.notify_all()
