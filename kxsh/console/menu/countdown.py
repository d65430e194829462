"""The menu before a person is there: the countdown, as plain lines on any terminal.

It is drawn in place where the cursor can be moved, and printed once where it cannot. A key
leads to the full screen (`kxsh.console.menu.app`) or to lines (`.teletype`); only where
neither works, numbers can be typed here.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from kxsh.boot.installer import installer
from kxsh.commands.context import Choice, Chosen, Kept, Offer
from kxsh.console.keys import Keys, Unechoed
from kxsh.console.menu.hot_keys import hot_keys, key_of
from kxsh.console.menu.titles import cut_title, cut_titles
from kxsh.errors import Interrupted, KxshError, TimedOut
from kxsh.text import cells, cut, duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from kxsh.console.menu.controller import Controller
    from kxsh.console.menu.dialogs import Face
    from kxsh.console.terminal import Terminal

# A countdown's title of fewer columns has the words before it left out.
_TITLE = 16
# On a narrower terminal what a key does stands above the countdown, which has no room for it.
_NARROW = 52


class Menu:
    """A menu being shown: `at` is the position of the marked choice."""

    def __init__(self, terminal: Terminal, offer: Offer) -> None:
        self._terminal = terminal
        self._title = terminal.shown(offer.title)
        self._take(offer)
        self._key = ""
        self._digits = ""
        self._note = ""
        # What went wrong when the menu was made again; it stands below the list.
        self._trouble = ""
        # What was asked about: an installer may erase disks, so it is chosen twice; and so is
        # what the script wants to be.
        self._asked = -1
        self._drawn = 0
        self._status_width = 0
        self._counting = False

    def _take(self, offer: Offer) -> None:
        """Show this offer, with its default marked."""
        self._offer = offer
        self._choices = choices = list(offer.choices)
        self._hot = hot_keys(choices)
        self._open = [index for index, choice in enumerate(choices) if not choice.fault]
        chosen = [index for index in self._open if choices[index].id == offer.default]
        self._default = chosen[0] if chosen else None
        self.at = chosen[0] if chosen else (self._open or [0])[0]
        kept = offer.kept.identity if offer.kept else ""
        self.at = next((at for at in self._open if choices[at].identity == kept), self.at)

    def run(self) -> Chosen:
        """Return what was chosen. Without a key, the default after the offer's timeout.

        Raises `Interrupted` for Ctrl-C and `TimedOut` where nobody can choose and there
        is no default.
        """
        timeout = self._offer.timeout
        self._tell_log(timeout)
        if timeout is not None and self._default is not None and timeout <= 0:
            return self._take_default()
        if not self._terminal.stream_in.isatty():
            return self._unattended(timeout)
        with Unechoed(self._terminal.stream_in) as mode:  # between the others, too
            return self._attended(timeout, mode)

    def _attended(self, timeout: float | None, mode: Unechoed) -> Chosen:
        key = ""
        if timeout is not None and self._default is not None:
            with Keys(self._terminal.stream_in) as keys:
                key = self._count_down(keys, timeout)
                self._counting = False
                if not key:
                    self._terminal.log.add(f"nobody pressed a key in {duration(timeout)}")
                    return self._take_default()
                self._terminal.log.add(f"the countdown was stopped by the key {self._shown(key)}")
                if key in ("enter", "interrupt"):
                    return self._converse(keys, key)
        return self._with_person(key, mode)

    def _tell_log(self, timeout: float | None) -> None:
        """Keep which menu came up, and what it would start."""
        told = f"menu {self._title}, {len(self._choices)} entries"
        if self._default is None:
            told += "; nothing starts by itself"
        else:
            told += f"; default: {self._choices[self._default].title}"
            told += f", starts in {duration(timeout)}" if timeout is not None else ""
        self._terminal.log.add(told)

    # -- without a person

    def _take_default(self) -> Chosen:
        if self._default is None:
            raise nobody_chose()
        return self._chosen(self._default, by_person=False)

    def _chosen(self, index: int, *, by_person: bool) -> Chosen:
        choice = self._choices[index]
        self._finish("Starting {}.", choice)
        by = "a key" if by_person else "itself: nobody chose"
        self._terminal.log.add(f"Starting {choice.title}, by {by}")
        kept = Kept(choice.identity, (), {}) if by_person else None
        return Chosen(choice.id, by_person=by_person, kept=kept)

    def _unattended(self, timeout: float | None) -> Chosen:
        if timeout and self._default is not None:
            time.sleep(timeout)
        return self._take_default()

    def _count_down(self, keys: Keys, timeout: float) -> str:
        """Show the menu; return the first key, or nothing when the time is over."""
        self._counting = True
        self._draw()
        deadline = time.monotonic() + timeout
        said = -1
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                key = keys.read(0)  # pressed while disks were read: the time is not over then
                return "" if key == "eof" else key
            whole = int(left) + (left > int(left))
            if whole != said:
                self._say_left(whole, first=said < 0)
                said = whole
            key = keys.read(left - (whole - 1))
            if key:
                return "" if key == "eof" else key
            if self._renew(keys):
                said = -1

    def _say_left(self, whole: int, *, first: bool) -> None:
        """Say how many seconds are left. Where nothing can be overwritten, only the number
        follows the line, and of many seconds only some."""
        if first or self._terminal.moves_cursor:
            choice, line = None, f"The default is gone: {whole} s - any key stops"
            if self._default is not None:
                choice = self._choices[self._default]
                line = f"Starting {{}} in {whole} s - any key stops"
            if self._terminal.size()[0] < _NARROW:
                line = line.partition(" - ")[0]
            if self._terminal.moves_cursor:
                self._status(line, choice)
            else:
                self._finish(line, choice)
        elif whole <= 10 or whole % (10 if whole <= 100 else 100) == 0:
            self._terminal.write(f"{whole} ")
            self._status_width += 1

    def _renew(self, keys: Keys) -> bool:
        """Make the menu again where disks have come or gone, and it wants that; return whether
        they have."""
        interpreter = self._terminal.interpreter
        if self._offer.renew is None or interpreter is None:
            return False
        machine = interpreter.machine
        try:
            if not machine.wait_for_change(machine.now()):
                return False
            with keys.as_signals():  # a disk may not answer for minutes
                self._status("the disks changed: reading them...")  # from here on Ctrl-C ends it
                machine.devices()  # this change has been seen, whatever the menu looks at
                offer = self._offer.renew()
        except (Interrupted, KeyboardInterrupt):
            raise self._left() from None
        except Exception as error:  # the menu as it was can still be used
            self._trouble = not_made_again(error)
        else:
            self._trouble = ""
            self._take(offer)
        self._draw()
        return True

    def _left(self) -> Interrupted:
        self._finish("")
        return Interrupted("the menu was left with Ctrl-C")

    # -- with a person

    def _with_person(self, key: str, mode: Unechoed) -> Chosen:
        """Open the full screen; where it cannot be, go on in lines, and where those fail, by
        mere numbers. `key` stopped the countdown (empty: none)."""
        self._key = key
        chosen = None
        if self._status_width and not self._terminal.moves_cursor:
            self._finish("")
        if self._terminal.moves_cursor:
            if key:
                self._status("opening the menu...")
            chosen = self._on(_full_screen, mode, "no full screen here, lines instead: {}")
        chosen = chosen or self._on(_lines, mode, "no lines here either, mere numbers instead: {}")
        if chosen is not None:
            return chosen
        self._draw()
        self._status(self._prompt())
        with Keys(self._terminal.stream_in) as keys:
            return self._converse(keys, keys.read(None))

    def _on(
        self,
        face: Callable[[], Callable[[Terminal, Controller], Face]],
        mode: Unechoed,
        failing: str,
    ) -> Chosen | None:
        """Show the menu by a face until something is chosen; None where that cannot be."""
        dialogs = None
        try:
            from kxsh.console.menu.dialogs import Dialogs

            dialogs = Dialogs(self._terminal, self._offer, mode, face())
            if self._terminal.moves_cursor:
                self._status("")  # some keys say something at once
                self._terminal.write("\r")
            key, self._key = self._key, ""
            return dialogs.run(key)
        except KeyboardInterrupt:
            if self._status_width:  # what it leads to begins a line of its own
                self._terminal.write("\n")
            raise
        except KxshError:
            raise
        except Exception as error:  # what is broken there must not cost the menu
            self._finish(failing.replace("{}", self._shown(str(error))))
        if dialogs is not None:
            self._take(dialogs.offer)
        return None

    def _converse(self, keys: Keys, key: str) -> Chosen:
        """Let a number be typed."""
        while True:
            if key == "eof":
                return self._take_default()
            if key == "interrupt":
                raise self._left()
            chosen = self._press(key)
            if chosen is not None and self._may(self._choices[chosen]):
                return self._chosen(chosen, by_person=True)
            self._status(self._prompt())
            key = keys.read(None)

    def _may(self, choice: Choice) -> bool:
        """Ask for a password where one is due, before it says that something starts."""
        if self._terminal.access.mode == "open":
            return True
        self._finish("")
        self._drawn = 0  # what is asked stands below the list
        if self._terminal.allows("boot", choice.entry, free=self._offer.frees(choice)):
            return True
        self._note = "that is not allowed here"
        return False

    def _press(self, key: str) -> int | None:
        """Act on a key; return the position that was chosen by it."""
        if key == "unknown":
            return None
        self._note = ""
        if key != "enter":
            self._asked = -1
        if (hot := self._hot.get(key)) is not None:
            return self._allowed(self._choices.index(hot))
        if len(key) == 1 and key.isprintable() and key != " ":
            self._digits = (self._digits + key)[:8]
        elif key == "enter":
            number, self._digits = self._digits, ""
            if number and not (number.isdecimal() and number.isascii()):
                self._note = f"`{self._shown(number)}` is no number here; Enter: {self.at + 1}"
                return None
            return self._allowed(int(number) - 1 if number else self.at)
        else:
            self._digits = self._digits[:-1] if key == "backspace" else ""
        return None

    def _allowed(self, index: int) -> int | None:
        """Return the position when it can be chosen, else say why it cannot."""
        if index in self._open:
            why = installer(self._choices[index].entry)
            if (why or self._choices[index].confirm) and self._asked != index:
                self._asked = self.at = index
                self._note = "the script asks once more before this starts: Enter starts it"
                if why:
                    self._note = f"it looks like an installer: {self._shown(why)}; Enter starts it"
                return None
            return index
        if 0 <= index < len(self._choices):
            choice = self._choices[index]
            self._note = f"cannot start: {self._shown(choice.fault)}"
        else:
            self._note = f"there is no number {index + 1}, only 1 to {len(self._choices)}"
        return None

    # -- drawing

    def _shown(self, text: str) -> str:
        """Return untrusted text as it will stand on this terminal."""
        return self._terminal.shown(text)

    def _prompt(self) -> str:
        if self._note:
            return self._note
        if not self._open:
            return "None of these can start. Ctrl-C opens the prompt."
        return f"Number, Enter: {self._shown(self._digits) or self.at + 1}"

    def _draw(self) -> None:
        columns, rows = self._terminal.size()
        head = [self._terminal.bold(cut(self._title, columns - 1))] if self._title else []
        foot = [cut(self._shown(self._trouble), columns - 1)] if self._trouble else []
        if self._counting and columns < _NARROW:
            foot.append(cut("any key stops the countdown", columns - 1))
        room = max(1, rows - len(head) - len(foot) - 2)
        lines = head + window(self._lines(columns - 1), room) + foot
        back = "\n" if self._status_width else ""
        if self._terminal.moves_cursor:
            back = "\r" + (f"\x1b[{self._drawn}A" if self._drawn else "") + "\x1b[J"
        self._terminal.write(back + "\n".join(lines) + "\n")
        self._drawn = len(lines)
        self._status_width = 0

    def _lines(self, columns: int) -> list[tuple[str, bool]]:
        """Return every line of the list, and whether it is the marked one."""
        lines: list[tuple[str, bool]] = []
        heading = ""
        beside = [self._beside(index, choice) for index, choice in enumerate(self._choices)]
        titles = [
            (choice.title, choice.leaf, columns - cells(head + tail))
            for choice, (head, tail, _) in zip(self._choices, beside, strict=True)
        ]
        texts = cut_titles(titles, self._shown)
        for index, choice in enumerate(self._choices):
            if choice.heading != heading:
                heading = choice.heading
                lines.append((cut(self._shown(heading), columns), False))
            head, tail, fault = beside[index]
            line = cut(head + texts[index] + tail + fault, columns)
            bold = index == self.at and not choice.fault
            lines.append((self._terminal.bold(line) if bold else line, index == self.at))
        return lines

    def _beside(self, index: int, choice: Choice) -> tuple[str, str, str]:
        """Return what stands before a choice's title, after it, and why it cannot start."""
        width = len(str(len(self._choices)))
        marked = index == self.at and not choice.fault
        number = str(index + 1) if not choice.fault else "-"
        hot = key_of(choice, self._hot)
        key = f" [{self._shown(hot)}]" if hot else ""
        fault = f" ({self._shown(choice.fault)})" if choice.fault else ""
        default = " (default)" if index == self._default else ""
        needs = self._terminal.access.before_start(choice.entry, free=self._offer.frees(choice))
        tail = f"{key}{default}{f' ({needs})' if needs and not choice.fault else ''}"
        head = f"{'>' if marked else ' '} {number:>{width}} "
        return head, tail, fault

    def _status(self, line: str, choice: Choice | None = None) -> None:
        """Write the line below the list, in its place where that can be; the choice's title
        goes where it says ``{}`` and is what gets shorter in a narrow window."""
        room = self._terminal.size()[0] - 1
        if choice is not None:
            left = room - cells(line) + 2
            if left < _TITLE:
                line = line.removeprefix("Starting ")
                left = max(8, room - cells(line) + 2)
            title = cut_title(choice.title, choice.leaf, left, self._shown)
            line = line.replace("{}", title)
        line = cut(line, room)
        if self._terminal.moves_cursor:
            padding = " " * max(0, self._status_width - cells(line))
            self._terminal.write(f"\r{line}{padding}")
        else:  # nothing is written over anything
            self._terminal.write(("\n" if self._status_width else "") + line)
        self._status_width = cells(line)

    def _finish(self, line: str, choice: Choice | None = None) -> None:
        self._status(line, choice)
        self._terminal.write("\n")
        self._status_width = 0


def nobody_chose() -> TimedOut:
    """Return the failure of a menu that nobody answers and that cannot decide by itself."""
    return TimedOut(
        "nobody chose an entry, and the menu has no default that can start",
        hint="`menu --default ID` names one; an installer only starts by itself if it is named so",
    )


def not_made_again(error: Exception) -> str:
    """Return what is said where a menu stays as it was though disks came or went."""
    why = error.message if isinstance(error, KxshError) else f"{type(error).__name__}: {error}"
    return f"the disks changed, but {why}"


def _full_screen() -> Callable[[Terminal, Controller], Face]:
    from kxsh.console.menu.app import MenuApp

    return MenuApp


def _lines() -> Callable[[Terminal, Controller], Face]:
    from kxsh.console.menu.teletype import Teletype

    return Teletype


def window(lines: list[tuple[str, bool]], rows: int) -> list[str]:
    """Return at most `rows` of the lines around the marked one, and what is left out."""
    if len(lines) <= rows:
        return [line for line, _ in lines]
    marked = next((index for index, (_, mark) in enumerate(lines) if mark), 0)
    inner = max(1, rows - 2)
    first = max(0, min(marked - inner // 2, len(lines) - inner))
    shown = [line for line, _ in lines[first : first + inner]]
    if rows < 3:
        return shown
    below = len(lines) - first - inner
    return [
        f"  ... {first} more above" if first else "",
        *shown,
        f"  ... {below} more below" if below else "",
    ]
