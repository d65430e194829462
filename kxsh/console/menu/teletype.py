"""The menu line by line, for terminals that cannot move their cursor: a teletype, a file that
somebody reads later, a screen that nothing else works on.

The list, the keys' meaning and the pages are those of the full screen. What stands on the
paper stays: nothing is overwritten, and the list is printed only when it has changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from kxsh.commands.context import Choice
from kxsh.console.keys import Keys
from kxsh.console.menu.controller import OVER, Controller
from kxsh.console.menu.help import LINES, LINES_HELP
from kxsh.console.menu.labels import Labels, split
from kxsh.console.menu.layout import offered_lines, row_line, row_texts
from kxsh.console.menu.page import Action, Page
from kxsh.console.menu.tree import Row, submenu_numbers
from kxsh.text import cells, cut, display, fold

if TYPE_CHECKING:
    from kxsh.console.terminal import Terminal

# How long a wait for a key takes before the disks are looked after, in seconds.
_LOOK = 0.3
_LONGEST = 1000
# A prompt leaves this many columns for what is typed.
_ROOM = 24
_ASKED = "; boot: "
# Lines of one character that do what the key does, and words for an entry that is named.
_KEYS = frozenset("gscmw?")
_ABOUT = {"e": "e", "p": "tab"}
_WORDS = {"edit": "e", "plan": "tab", "help": "?", "why": "w"}
_SUBMENU = re.compile(r"([+-])([0-9]{1,4})")


class Teletype:
    """Asks for a line after the other until one asks for something outside of the list."""

    def __init__(self, terminal: Terminal, controller: Controller) -> None:
        self._terminal = terminal
        self._controller = controller
        self._model = controller.model
        self._labels = Labels(controller.model, numbers_first=True)
        self._typed = ""
        self._stopped_by = ""
        self._listed: list[tuple[str, bool]] | None = None
        self._status = ""
        self._explained = False
        self._live = False
        self._news: list[Callable[[], None]] = []
        controller.help = LINES_HELP

    def begin(self, key: str) -> Action | None:
        """Take the key that stopped the countdown: a hot key, else the line's first."""
        if key in self._model.hot:
            return self._controller.press(key)
        if key:
            self._listed = self._seen()  # the countdown has printed it
        if len(key) == 1 and key.isprintable():
            self._typed = self._stopped_by = key
        return None

    def run(self, started: Callable[[], None] | None = None) -> Action:
        """Ask for lines; return what one asked for. `started` runs when lines are taken."""
        with Keys(self._terminal.stream_in) as keys:
            self._live = started is not None
            if started is not None:
                started()
            while True:
                page = self._controller.page
                action = self._at_page(keys, page) if page else self._at_list(keys)
                if action is not None:
                    return action

    def call(self, work: Callable[[], None]) -> None:
        """Do something between two lines, asked for by another thread."""
        self._news.append(work)

    # -- the list

    def _at_list(self, keys: Keys) -> Action | None:
        while self._news:
            self._news.pop(0)()
        self._tell()
        whole, text = self._read(keys, self._prompt(), labels=True)
        self._model.note = ""
        stopped_by, self._stopped_by = self._stopped_by, ""
        if text == "news" and not whole:
            return None
        if not whole:
            self._again(text in ("redraw", "page-up", "page-down"))
            return self._controller.press(text)
        known = text in _KEYS or self._labels.find(text) is not None
        if whole and text == stopped_by != "" and not known:
            self._model.note = OVER  # any key was asked for, and Enter is how lines are sent
            return None
        return self._obey(text.strip()) if text.strip() or not text else None

    def _obey(self, line: str) -> Action | None:
        """Do what a line says. One that is not understood does nothing but say so."""
        controller, model = self._controller, self._model
        if not line:
            return controller.press("enter")
        if line in model.hot:
            return controller.press(line)
        if line in _KEYS:
            return controller.command(line)
        if line in ("+", "-"):
            self._again(True)
            model.turn_page(controller.height if line == "+" else -controller.height)
        elif match := _SUBMENU.fullmatch(line):
            self._turn(int(match[2]), opening=match[1] == "+")
        elif line.startswith("/"):
            self._again(True)
            model.set_filter(line[1:].strip())
        elif line.startswith(":"):
            return self._labels.action(line[1:])
        else:
            return self._about(line)
        return None

    def _about(self, line: str) -> Action | None:
        """Do what a word and an entry say, else take the line for a boot line."""
        word, rest = split(line)
        key = _ABOUT.get(word) or ("" if self._labels.find(word) else _WORDS.get(word, ""))
        if not key:
            return self._labels.action(line)
        if rest and key in _ABOUT.values():
            choice = self._named(rest)
            if choice is None:
                return None
            self._model.show(choice)
        return self._controller.command(key)

    def _named(self, name: str) -> Choice | None:
        quoted, more = split(name)
        found = self._labels.find(name) or (None if more else self._labels.find(quoted))
        if found is None:
            self._labels.miss(name)
        return found

    def _turn(self, number: int, *, opening: bool) -> None:
        """Open or close the submenu of a number."""
        numbers = submenu_numbers(self._model.choices)
        for row in self._model.rows:
            if row.kind == "submenu" and numbers[row.key] == number:
                self._model.mark_row(row.key)
                if opening:
                    self._model.open()
                elif row.open:
                    self._model.close()
                return
        self._model.note = f"there is no submenu {number} in the list (/ lists all)"

    # -- pages

    def _at_page(self, keys: Keys, page: Page) -> Action | None:
        """Print a page, and ask what it asks."""
        columns = self._terminal.size()[0] - 1
        self._say("", cut(self._shown(page.title), columns))
        for line in page.lines:
            parts = fold(self._shown(line), columns - 1, page.hang)
            self._say(*(f" {part}".rstrip() for part in parts))
        if not page.items:
            self._say("")
            return self._controller.press("escape")
        if page.question:
            _, answer = self._read(keys, f" {self._shown(page.items[0].text)}: ")
            sure = answer.strip().lower() in ("y", "yes")
            return self._controller.press("y" if sure else "escape")
        for number, item in enumerate(page.items, 1):
            key = item.key or f"{number})"
            self._say(cut(f"  {key} {self._shown(item.text)}", columns))
        return self._picked(keys, page)

    def _picked(self, keys: Keys, page: Page) -> Action | None:
        """Return what is picked on a page; nothing typed goes back to the list."""
        by = "letter" if page.items[0].key else "number"
        whole, answer = self._read(keys, f"{by} (Enter alone: back): ")
        known = {item.key or str(at): item for at, item in enumerate(page.items, 1)}
        item = known.get(answer.strip()) if whole else None
        self._controller.press("escape")
        if item is None and whole and answer.strip():
            self._model.note = f"there is no {by} {answer.strip()} there: nothing was done"
        return item.action if item else None

    # -- typing

    def _read(self, keys: Keys, prompt: str, *, labels: bool = False) -> tuple[bool, str]:
        """Return a line and True, or the name of a key that is none of a line's and False;
        ``news`` where the disks have changed and nothing is typed yet."""
        typed, self._typed = self._typed, ""
        self._write(prompt + self._shown(typed))
        while True:
            key = keys.read(_LOOK if self._live else None)
            if key == "enter":
                self._write("\n")
                return True, typed
            if key in ("backspace", "\x15"):  # Ctrl-U takes all
                kept = typed[:-1] if key == "backspace" else ""
                self._write("\b \b" * cells(self._shown(typed[len(kept) :])))
                typed = kept
            elif key == "\t":
                typed = self._complete(typed, prompt) if labels else typed
            elif len(key) == 1 and key.isprintable() and len(typed) < _LONGEST:
                typed += key
                self._write(self._shown(key))
            elif key == "unknown":
                continue
            elif key == "eof" or (len(key) > 1 and not (typed and key == "escape")):
                self._write("\n")
                return False, key
            elif key == "escape":
                self._write(f"\n{prompt}")
                typed = ""
            elif not key and labels and self._news and not typed:
                self._write("\n")
                return False, "news"

    def _complete(self, typed: str, prompt: str) -> str:
        """Return a boot line completed, and print the names that it may become."""
        colon = ":" if typed.startswith(":") else ""
        line, offered = self._labels.complete(typed.removeprefix(colon))
        line = colon + line
        if offered:
            columns, rows = self._terminal.size()
            names = offered_lines(offered, columns - 1, self._shown)
            most = max(3, rows - 4)
            more = [f"  ... {len(names) - most} more"] if len(names) > most else []
            self._say("", *names[:most], *more)
            self._write(prompt + self._shown(line))
        elif line.startswith(typed):
            self._write(self._shown(line[len(typed) :]))
        else:
            self._write("\b \b" * cells(self._shown(typed)) + self._shown(line))
        return line

    # -- printing

    def _tell(self) -> None:
        """Print the list where it has changed, and what the last line came to."""
        columns = self._terminal.size()[0] - 1
        if self._listed != self._seen():
            self._listed = self._seen()
            self._list(columns)
        status = self._model.status
        if self._model.note or status != self._status:
            self._say(*fold(self._shown(status), columns))
        self._status = self._model.status
        if not self._explained:
            self._explained = True
            self._say(*fold(LINES, columns))

    def _list(self, columns: int) -> None:
        model = self._model
        height = max(3, self._terminal.size()[1] - 6)
        self._controller.height = height
        top = model.scroll(height)
        numbers = submenu_numbers(model.choices)
        width = len(str(max(len(model.choices), 1))) + bool(numbers)
        self._say(cut(self._shown(model.title), columns))
        if top:
            self._say(f"  ... {top} more above: - shows them")
        visible = list(enumerate(model.rows))[top : top + height]
        texts = row_texts(model, [row for _, row in visible], width, columns, self._shown)
        for (at, row), text in zip(visible, texts, strict=True):
            line = row_line(
                model, row, text, at == model.mark, width, columns, self._shown,
                number=_number(row, numbers),
            )  # fmt: skip
            self._say("".join(text for _, text in line).rstrip())
        if not model.rows:
            self._say(f"  nothing matches `{cut(self._shown(model.filter), columns - 22)}`")
        if (below := len(model.rows) - top - height) > 0:
            self._say(f"  ... {below} more below: + shows them")
        if model.filter:
            self._say("These match; / alone lists all.")

    def _prompt(self) -> str:
        """Return the question, which says what Enter alone does."""
        row, choice = self._model.row, self._model.choice
        if row is None:
            return "boot: "
        number = _number(row, submenu_numbers(self._model.choices))
        before, after = f"Enter starts {number} ", ""
        if choice is None:
            before = f"Enter {'closes' if row.open else 'opens'} {number} "
        elif choice.fault:
            before, after = f"{number} ", " cannot start"
        room = self._terminal.size()[0] - len(before) - len(after) - len(_ASKED) - _ROOM
        title = cut(self._shown(choice.leaf if choice else row.text), max(4, room))
        return f"{before}{title}{after}{_ASKED}"

    def _seen(self) -> list[tuple[str, bool]]:
        return [(row.key, row.open) for row in self._model.rows]

    def _again(self, wanted: bool) -> None:
        """Print the list before the next line is asked for, though it has not changed."""
        if wanted:
            self._listed = None

    def _shown(self, text: str) -> str:
        return self._terminal.encodable(display(text, 4000))

    def _say(self, *lines: str) -> None:
        self._write("".join(f"{line}\n" for line in lines))

    def _write(self, text: str) -> None:
        # What the watcher's thread says is muted, not this.
        self._terminal.draw(text)


def _number(row: Row, numbers: dict[str, int]) -> str:
    """Return what an entry or a submenu is called in a line."""
    if row.kind == "submenu":
        return f"{'-' if row.open else '+'}{numbers[row.key]}"
    return str(row.at + 1)
