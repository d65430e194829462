"""prompt_toolkit's output for what takes the whole screen, on one that may be larger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prompt_toolkit.data_structures import Size
from prompt_toolkit.output.vt100 import Vt100_Output

if TYPE_CHECKING:
    from kxsh.console.terminal import Terminal


class WholeScreen(Vt100_Output):
    """Draws on the terminal's one screen: what stood there is scrolled away, not lost where
    the terminal keeps what scrolls, and no terminal is left on a screen that it has not.

    Of several consoles that show the same, the smallest gives the size; on the others the
    picture stands at the top. Nothing is ever asked of the terminal: a serial line may have
    nobody who answers.
    """

    def __init__(self, terminal: Terminal) -> None:
        def size() -> Size:
            columns, rows = terminal.size()
            return Size(rows=rows, columns=columns)

        super().__init__(
            terminal.stream_out, size, term=terminal.term, enable_bell=False, enable_cpr=False
        )

    def enter_alternate_screen(self) -> None:
        """Go to the last line, wherever that is, scroll, and begin at the top."""
        self.write_raw("\x1b[999;1H" + "\n" * self.get_size().rows + "\x1b[H\x1b[J")

    def quit_alternate_screen(self) -> None:
        self.write_raw("\x1b[H\x1b[2J")
