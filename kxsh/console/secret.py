"""Lines that are typed and not shown (termios(3))."""

from __future__ import annotations

import os
import select
import termios
from collections.abc import Callable

from kxsh.console.modes import Modes
from kxsh.errors import IoFailure, TimedOut
from kxsh.text import duration

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any, TextIO

    from kxsh.console.keys import Keys
    from kxsh.console.terminal import Terminal

_LONGEST = 4096  # of a line, as the kernel edits them


def read_secret(stream: TextIO, ask: Callable[[], None], timeout: float | None) -> str:
    """Return a line, without its end. What was typed before `ask` asks for it is dropped.

    Raises `TimedOut`, `IoFailure` without a terminal or at the end of input, and lets
    Ctrl-C through.
    """
    try:
        terminal = stream.fileno()
        termios.tcgetattr(terminal)
    except (OSError, ValueError, termios.error) as error:
        raise IoFailure(
            "there is no terminal to ask for a passphrase on",
            hint="give it with --passphrase or --key-file",
        ) from error
    with Modes(terminal, _hidden, termios.TCSAFLUSH):
        ask()  # only now: who answers at once is not shown either
        if not select.select([terminal], [], [], timeout)[0]:
            raise TimedOut(f"nothing was typed within {duration(timeout or 0)}")
        line = os.read(terminal, _LONGEST)
    if not line:
        raise IoFailure("the passphrase was not given: the input ended")
    return line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")


def _hidden(mode: list[Any]) -> None:
    mode[3] = (mode[3] | termios.ICANON | termios.ISIG) & ~termios.ECHO
    mode[0] |= termios.ICRNL


def read_password(terminal: Terminal, keys: Keys, question: str, timeout: float) -> str:
    """Return a line that was typed key by key, so that none of them can be a signal.

    Empty: Enter alone, Esc, Ctrl-C, an end of input, or `timeout` seconds without a key.
    What was typed before the question is dropped. Where nothing was given the question goes
    away again, so that keys alone fill no screen.
    """
    termios.tcflush(terminal.stream_in, termios.TCIFLUSH)
    terminal.write(question)
    typed = given = ""
    try:
        while (key := keys.read(timeout)) not in ("", "eof", "interrupt", "escape"):
            if key == "enter":
                given = typed
                return given
            if key == "backspace":
                typed = typed[:-1]
            elif key == "\x15":  # Ctrl-U, as the kernel's own line editing has it
                typed = ""
            elif len(key) == 1 and key.isprintable():
                typed = (typed + key)[:_LONGEST]
        return ""
    finally:
        terminal.write("\n" if given else f"\r{' ' * len(question)}\r")
