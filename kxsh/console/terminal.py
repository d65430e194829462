"""One terminal: lines out, choices in. On the way to every boot, so it imports little."""

from __future__ import annotations

import os

from kxsh.commands.context import Chosen, Offer
from kxsh.console.access import Access
from kxsh.console.log import Log
from kxsh.errors import Interrupted
from kxsh.text import display

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

    from kxsh.boot.entry import Entry, Menu
    from kxsh.errors import RecoveryRequest
    from kxsh.interpreter.interpreter import Interpreter

# A serial line often reports 0x0: then this is assumed, as every terminal can show it.
_COLUMNS, _ROWS = 80, 24
_YELLOW, _BOLD, _OFF = "\x1b[33m", "\x1b[1m", "\x1b[0m"
# Terminals that cannot move their cursor as ECMA-48 says.
_PLAIN = ("", "dumb", "unknown")
# How long, in seconds, keys are not looked at after one that means nothing.
_PAUSE = 0.2
_COLORLESS = (*_PLAIN, "vt52", "vt100", "vt102")


def has_color(term: str) -> bool:
    """Tell whether a terminal of this TERM shows colours."""
    return term not in _COLORLESS and not term.endswith("-m")


class Terminal:
    """The console of `kxsh.commands.context.Console` on two streams.

    `serial`: only ASCII is sent, and never a sequence that asks for an answer. `term`
    is the terminal's type, from TERM unless given. `access` decides what may be
    done here, `log` keeps what was said.
    """

    def __init__(
        self,
        stream_in: TextIO,
        stream_out: TextIO,
        *,
        color: bool,
        serial: bool,
        term: str | None = None,
    ) -> None:
        self.stream_in = stream_in
        self.stream_out = stream_out
        self.serial = serial
        self.term = os.environ.get("TERM", "") if term is None else term
        self.color = color and has_color(self.term)
        self.access = Access(self)
        self.log = Log()
        # While a full screen is drawn by other means, nothing else may be written on it.
        self.muted = False
        # The title of a menu that somebody left with Ctrl-C.
        self._left: str | None = None
        # What a menu's screen can do beyond choosing, where it is known.
        self.interpreter: Interpreter | None = None

    # -- out

    def say(self, text: str, *, logged: str | None = None) -> None:
        """Say a text; `logged` is what the log keeps of it: its lines before they were broken
        for this screen."""
        self.log.add(text if logged is None else logged)
        self.write(text + "\n")

    def warn(self, text: str) -> None:
        self.say(f"{_YELLOW}{text}{_OFF}" if self.color else text)

    def tell(self, text: str, *, warning: bool = False) -> None:
        """Say a sentence, broken between words where this screen is narrower."""
        shown = f"{_YELLOW}{text}{_OFF}" if warning and self.color else text
        columns = self.size()[0] - 1
        if len(text) > columns:
            from kxsh.console.tables import sentences

            shown = sentences(shown, columns)
        self.say(shown, logged=text)

    def bold(self, text: str) -> str:
        """Return text as it stands out here; the words alone must carry the meaning."""
        return f"{_BOLD}{text}{_OFF}" if self.color else text

    def write(self, text: str) -> None:
        """Write text as this terminal can show it. A terminal that went away is no
        reason to stop a boot: what cannot be written is dropped."""
        if not self.muted:
            self.draw(text)

    def draw(self, text: str) -> None:
        """Write text also where others are muted: for what draws there by its own means."""
        try:
            self.stream_out.write(self.encodable(text))
            self.stream_out.flush()
        except (OSError, ValueError):
            return

    def shown(self, text: str) -> str:
        """Return untrusted text as it will stand on this terminal."""
        return self.encodable(display(text))

    def encodable(self, text: str) -> str:
        """Return `text` with what this terminal cannot show as escapes."""
        if text.isascii():
            return text
        encoding = "ascii" if self.serial else getattr(self.stream_out, "encoding", None) or "utf-8"
        return text.encode(encoding, "backslashreplace").decode(encoding)

    # -- what it is

    @property
    def moves_cursor(self) -> bool:
        """Whether the cursor can be moved up and lines erased."""
        return self.term not in _PLAIN and self.stream_out.isatty()

    def size(self) -> tuple[int, int]:
        """Return columns and rows."""
        try:
            columns, rows = os.get_terminal_size(self.stream_out.fileno())
        except (OSError, ValueError):
            columns, rows = 0, 0
        return columns or _COLUMNS, rows or _ROWS

    # -- in

    def ask(self, question: str) -> bool:
        """Ask for yes or no; anything but yes, and an end of input, is no."""
        self.write(f"{question} [y/N] ")
        try:
            return self.stream_in.readline().strip().lower() in ("y", "yes")
        except KeyboardInterrupt:
            self.write("\n")
            return False

    def ask_secret(self, question: str, timeout: float | None) -> str:
        """Ask for a passphrase without showing it; see `kxsh.console.secret`."""
        from kxsh.console.secret import read_secret

        try:
            return read_secret(self.stream_in, lambda: self.write(question), timeout)
        finally:
            self.write("\n")

    @property
    def locked(self) -> bool:
        return self.access.mode != "open"

    def allows(self, action: str, entry: Entry | None = None, *, free: bool = False) -> bool:
        return self.access.allows(action, entry, free=free)

    def asks(self, entry: Entry | None, *, free: bool = False) -> bool:
        return bool(self.access.before_start(entry, free=free))

    def restrict(
        self, mode: str, hashes: Iterable[str], delay: float, menu: Menu | None = None
    ) -> None:
        self.access.restrict(mode, hashes, delay, menu=menu)

    def choose(self, offer: Offer) -> Chosen:
        """Show a menu and return what was chosen; see `kxsh.console.menu.countdown`."""
        from kxsh.console.menu.countdown import Menu

        if offer.title == self._left:  # somebody is there
            offer.timeout = None
        try:
            chosen = Menu(self, offer).run()
        except Interrupted:
            self._left = offer.title
            raise
        self._left = None
        return chosen

    def visit_prompt(self, request: RecoveryRequest) -> bool:
        if self.interpreter is None or not self.stream_in.isatty():
            return False
        if self.access.is_closed("prompt"):  # who has no password does not get to the prompt
            self.tell(display(request.message, 4000))
        if self.allows("prompt"):
            from kxsh.console.menu.desk import Desk

            Desk(self.interpreter, self).open_prompt(request)
        return True

    def key_within(self, seconds: float, text: str, *, closed: bool = False) -> bool:
        """Count down in place, showing `text` with ``{left}`` as the time that is left;
        return whether a key was pressed, which takes the line away. Ctrl-C is a key. Without
        a terminal: False. `closed`: no key means anything."""
        import time

        from kxsh.console.keys import Keys
        from kxsh.text import duration

        if not self.stream_in.isatty():
            time.sleep(seconds)
            return False
        deadline = time.monotonic() + seconds
        room, shown = self.size()[0] - 1, ""
        with Keys(self.stream_in) as keys:
            while (left := deadline - time.monotonic()) > 0:
                whole = int(left) + (left > int(left))
                line = text.replace("{left}", duration(whole))
                if line != shown:
                    self.write("\r" + line[:room].ljust(room))
                    shown = line
                key = keys.read(left - (whole - 1))
                if key and closed:
                    time.sleep(max(0.0, min(_PAUSE, deadline - time.monotonic())))
                elif key:
                    break
            else:
                key = ""
        pressed = key not in ("", "eof")
        self.write("\r" + " " * room + "\r" if pressed else "\n")
        return pressed


class Voice:
    """Where the machine writes what it waits for or fetches: said as all else is on this
    terminal, so it is in the log, and no full screen is written over."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def write(self, text: str) -> None:
        self._terminal.log.add(text)
        self._terminal.write(text)

    def flush(self) -> None:
        self._terminal.stream_out.flush()
