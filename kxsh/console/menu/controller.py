"""What each key does to the list, or what it asks for; without a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.commands.context import Choice
from kxsh.console.menu.help import HELP
from kxsh.console.menu.model import SAFE_GRAPHICS, SERIAL_CONSOLE, Model
from kxsh.console.menu.page import Action, Page

NOTHING = "no such key here; ? shows all keys"
OVER = "countdown is over; ? shows all keys"


class Controller:
    """`mode` is ``list``, ``page``, or ``filter`` and ``line``, in which text is typed;
    `help` is what ``?`` shows, `offered` the names that fit what is typed as a boot line, each
    with a title."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.mode = "list"
        self.page: Page | None = None
        self.height = 10
        self.help: Sequence[str] = HELP
        self.offered: Sequence[tuple[str, str]] = ()

    def show(self, page: Page) -> None:
        self.page, self.mode = page, "page"

    def press(self, key: str) -> Action | None:
        """Act on a key by its name or character; return what is left to be done."""
        if self.mode == "page":
            return self._on_page(key)
        model = self.model
        model.note = ""
        if self.mode == "filter":
            return self._on_filter(key)
        if key == "interrupt":
            return Action("stop")
        if (choice := model.hot.get(key)) is not None:
            model.show(choice)
            return self._start(choice, f"the key {key}")
        if key.isdecimal() and key.isascii():
            model.type_digit(key)
            return None
        model.digits = ""
        if key in ("up", "down", "page-up", "page-down", "home", "end"):
            self._move(key)
            return None
        return self.command(key)

    def command(self, key: str) -> Action | None:
        """Do what one of the menu's own keys means, whatever hot keys there are."""
        model, row, choice = self.model, self.model.row, self.model.choice
        if key == "enter":
            if choice is not None:
                return self._start(choice, "Enter")
            if row is not None:
                model.close() if row.open else model.open()
        elif key == "right":
            model.open()
        elif key == "left":
            model.close()
        elif key in ("escape", "backspace") and model.filter:
            model.set_filter("")
        elif key in ("escape", "backspace"):
            model.close()
        elif key == "/":
            self.mode = "filter"
            model.find()
        elif key == ":":
            self.mode = "line"
        elif key == "g":
            model.toggle(SAFE_GRAPHICS)
        elif key == "s":
            model.toggle(SERIAL_CONSOLE)
        elif key in ("?", "f1"):
            self.show(Page("Keys of the menu", self.help))
        else:
            return self._asked(key, choice)
        return None

    def type(self, text: str) -> None:
        """Take the text that is being typed."""
        self.offered = ()
        if self.mode == "filter":
            self.model.set_filter(text)
        elif self.mode == "line":
            self.model.note = ""

    # -- by mode

    def _on_page(self, key: str) -> Action | None:
        assert self.page is not None
        action = Action("close") if key == "interrupt" else self.page.press(key, self.height)
        if action is not None:
            self.page, self.mode = None, "list"
            return None if action.name == "close" else action
        return None

    def _on_filter(self, key: str) -> Action | None:
        if key == "enter":
            self.mode = "list"
            self.model.find()
        elif key in ("escape", "interrupt"):
            self.mode = "list"
            self.model.stop_finding()
        elif key in ("up", "down", "page-up", "page-down"):
            self._move(key)
        return None

    def _move(self, key: str) -> None:
        if key in ("home", "end"):
            self.model.jump(end=key == "end")
        else:
            page = max(1, self.height - 1)
            self.model.move({"up": -1, "down": 1, "page-up": -page, "page-down": page}[key])

    def _asked(self, key: str, choice: Choice | None) -> Action | None:
        """Return what is done outside of the list."""
        simple = {"c": "prompt", "m": "machine", "w": "why", "redraw": "redraw", "eof": "eof"}
        if key in simple:
            return Action(simple[key])
        names = {"e": "edit", "tab": "plan"}
        if key not in names:
            if len(key) == 1:
                self.model.note = NOTHING
            return None
        if choice is None:
            submenu = self.model.row is not None
            self.model.note = (
                "a submenu: Right or Enter opens it"
                if submenu
                else "no entry is marked; Esc shows all"
            )
            return None
        self.model.touched = True  # what is looked at stays marked
        return Action(names[key], choice)

    def _start(self, choice: Choice, by: str) -> Action | None:
        if choice.fault:
            self.model.note = f"cannot start: {choice.fault}"
            return None
        self.model.by = by
        return Action("start", choice)
