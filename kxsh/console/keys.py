"""Single keys from a terminal, with nothing but termios and select.

Sequences are those of ECMA-48 terminals (xterm, linux, vt220).
"""

from __future__ import annotations

import os
import select
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from kxsh.console.modes import Modes, without_stops

# What follows ESC [ or ESC O. Del is as Backspace: whoever reads these keys has nothing behind
# the cursor.
_SEQUENCES = {
    "A": "up", "B": "down", "C": "right", "D": "left", "H": "home", "F": "end",
    "1~": "home", "4~": "end", "5~": "page-up", "6~": "page-down", "7~": "home", "8~": "end",
    "3~": "backspace", "P": "f1", "11~": "f1", "[A": "f1",
}  # fmt: skip
_CONTROLS = {
    b"\r": "enter", b"\n": "enter", b"\x7f": "backspace", b"\x08": "backspace",
    b"\x03": "interrupt", b"\x04": "escape", b"\x10": "up", b"\x0e": "down", b"\x0c": "redraw",
}  # fmt: skip
# How long the rest of a sequence may take; a slow serial line needs some.
_SEQUENCE_TIME = 0.1
_LONGEST = 32  # of a sequence, in bytes


class Keys:
    """A terminal whose keys arrive one by one, unechoed, while this context is open.

    Ctrl-C arrives as the key ``interrupt``: no signal interrupts a half-drawn menu.
    """

    def __init__(self, stream: TextIO) -> None:
        self._descriptor = stream.fileno()
        self._modes = Modes(self._descriptor, _key_by_key)

    def __enter__(self) -> Keys:
        self._modes.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._modes.lift()

    def as_signals(self) -> Modes:
        """Return a context in which Ctrl-C is a signal, which breaks off what may last;
        other keys are kept."""
        return Modes(self._descriptor, _with_signals)

    def read(self, timeout: float | None) -> str:
        """Return a key's name or its character; empty after `timeout` seconds. A key that has
        no name here is ``unknown``: it does nothing, but somebody is there.

        An end of input, or a terminal that went away, is the key ``eof``.
        """
        if not self._ready(timeout):
            return ""
        first = self._byte()
        if not first:
            return "eof"
        if first == b"\x1b":
            return self._sequence()
        if first in _CONTROLS:
            return _CONTROLS[first]
        return self._character(first)

    def _ready(self, timeout: float | None) -> bool:
        wait = None if timeout is None else max(0.0, timeout)
        return bool(select.select([self._descriptor], [], [], wait)[0])

    def _byte(self) -> bytes:
        try:
            return os.read(self._descriptor, 1)
        except OSError:
            return b""

    def _sequence(self) -> str:
        """Return the key of what follows ESC: Esc where nothing does, ``unknown`` for what is
        no key of ours, which is swallowed whole. Ctrl-C counts inside of one, too."""
        body = ""
        while len(body) < _LONGEST and self._ready(_SEQUENCE_TIME):
            byte = self._byte()
            if not byte or byte == b"\x03":
                return _CONTROLS.get(byte, "eof")
            if byte == b"\x1b":  # another one begins; Alt sends an ESC before a key's own
                body = ""
                continue
            if not body and byte not in (b"[", b"O"):
                self._character(byte)
                return "unknown"
            body += byte.decode("latin-1")
            if len(body) > 1 and "@" <= body[-1] <= "~" and body != "[[":  # Linux: F1 is ESC [ [ A
                break
        return _SEQUENCES.get(body[1:], "unknown") if body else "escape"

    def _character(self, first: bytes) -> str:
        """Return a character of one to four UTF-8 bytes."""
        data = first
        length = 1 if first < b"\xc0" else 2 if first < b"\xe0" else 3 if first < b"\xf0" else 4
        while len(data) < length and self._ready(_SEQUENCE_TIME):
            data += self._byte() or b"?"
        return data.decode("utf-8", "replace")


class Unechoed:
    """A terminal that shows nothing of what is typed while this context is open, and keeps
    it for who reads next: between two screens. Ctrl-C is a signal; Ctrl-Z and Ctrl-\\ are not,
    and Ctrl-S does not hold the output: the next screen takes no Ctrl-Q that would go on.
    """

    def __init__(self, stream: TextIO) -> None:
        self._modes = Modes(stream.fileno(), _unechoed)

    def __enter__(self) -> Unechoed:
        self._modes.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._modes.lift()

    @contextmanager
    def lifted(self) -> Iterator[None]:
        """Give the terminal as it was before to something that asks for lines."""
        self._modes.lift()
        try:
            yield
        finally:
            self._modes.again()


def _key_by_key(mode: list[Any]) -> None:
    mode[0] &= ~(termios.ICRNL | termios.IXON)
    mode[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG | termios.IEXTEN)
    mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0


def _unechoed(mode: list[Any]) -> None:
    mode[0] &= ~termios.IXON
    mode[3] &= ~(termios.ICANON | termios.ECHO | termios.IEXTEN)
    mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
    _with_signals(mode)


def _with_signals(mode: list[Any]) -> None:
    mode[3] |= termios.ISIG
    without_stops(mode)
