"""A line that is typed and not shown (termios(3))."""

from __future__ import annotations

import os
import select
import termios
from collections.abc import Callable

from kxsh.errors import IoFailure, TimedOut
from kxsh.text import duration

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import TextIO

_LONGEST = 4096  # of a line, as the kernel edits them


def read_secret(stream: TextIO, ask: Callable[[], None], timeout: float | None) -> str:
    """Return a line, without its end. What was typed before `ask` asks for it is dropped.

    Raises `TimedOut`, `IoFailure` without a terminal or at the end of input, and lets
    Ctrl-C through.
    """
    try:
        terminal = stream.fileno()
        before = termios.tcgetattr(terminal)
    except (OSError, ValueError, termios.error) as error:
        raise IoFailure(
            "there is no terminal to ask for a passphrase on",
            hint="give it with --passphrase or --key-file",
        ) from error
    hidden = list(before)
    hidden[3] = (hidden[3] | termios.ICANON | termios.ISIG) & ~termios.ECHO
    hidden[0] |= termios.ICRNL
    termios.tcsetattr(terminal, termios.TCSAFLUSH, hidden)
    try:
        ask()  # only now: who answers at once is not shown either
        if not select.select([terminal], [], [], timeout)[0]:
            raise TimedOut(f"nothing was typed within {duration(timeout or 0)}")
        line = os.read(terminal, _LONGEST)
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)
    if not line:
        raise IoFailure("the passphrase was not given: the input ended")
    return line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
