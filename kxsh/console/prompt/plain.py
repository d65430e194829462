"""The plain prompt: lines as the terminal's own driver edits them."""

from __future__ import annotations

from kxsh.console.interrupts import heard
from kxsh.console.prompt.session import is_incomplete
from kxsh.console.terminal import Terminal
from kxsh.text import display

PROMPT = "kxsh> "
CONTINUATION = " ...> "


class PlainReader:
    """Reads lines where prompt_toolkit cannot: dumb terminals, pipes, or after its death."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def read(self) -> str:
        """Return a statement, asking for more lines while it is incomplete; `EOFError`."""
        with heard():
            text = self._line(PROMPT)
            while is_incomplete(text):
                more = self._line(CONTINUATION)
                if not more.strip() and not text.strip():
                    break
                text += "\n" + more
            return text

    def edit(self, text: str) -> str:
        """Return what is typed instead of a text; nothing typed keeps it. `EOFError`."""
        self._terminal.say(f"now: {display(text, 4000)}")
        with heard():
            return self._line("new (Enter keeps it): ") or text

    def _line(self, prompt: str) -> str:
        if self._terminal.stream_in.isatty():
            self._terminal.write(prompt)
        line = self._terminal.stream_in.readline()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")
