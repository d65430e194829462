"""What covers the list for a while: a text to read, a question, things to pick from."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.commands.context import Choice
from kxsh.record import mutable, record


@record
class Action:
    """What is to be done outside of the list: `name`, with which choice (None: none), with
    which text (a word list, a number of the firmware's)."""

    name: str
    choice: Choice | None = None
    text: str = ""


@record
class Item:
    """A line to pick: `key` picks it at once (empty: none)."""

    key: str
    text: str
    action: Action


@mutable
class Page:
    """`lines` are to be read, in paragraphs; below them stand the `items`.

    `question`: y does `items[0].action`, everything else closes the page. What a long line
    goes on with is indented by `hang`; 0: as its beginning, or to its second column.
    """

    title: str
    lines: Sequence[str] = ()
    items: Sequence[Item] = ()
    question: bool = False
    hang: int = 0
    top: int = 0
    mark: int = 0

    def press(self, key: str, height: int) -> Action | None:
        """Act on a key; ``close`` closes the page. `height`: its lines on the screen."""
        if self.question:
            return self.items[0].action if key in ("y", "Y") else Action("close")
        for item in self.items:
            if item.key and item.key == key:
                return item.action
        if self.items:
            if key in ("up", "down"):
                step = -1 if key == "up" else 1
                self.mark = max(0, min(len(self.items) - 1, self.mark + step))
                return None
            if key == "enter":
                return self.items[self.mark].action
        steps = {"up": -1, "down": 1, "page-up": -height, "page-down": height, " ": height}
        if key in steps:
            self.top = max(0, self.top + steps[key])
        elif key in ("home", "end"):
            self.top = 0 if key == "home" else 10**6
        elif key in ("escape", "q", "enter", "left", "tab"):
            return Action("close")
        return None
