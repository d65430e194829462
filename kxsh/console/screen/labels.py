"""The boot line, as LILO has it: a label, then more words for the command line."""

from __future__ import annotations

from kxsh.commands.context import Choice
from kxsh.console.screen.model import Model
from kxsh.console.screen.page import Action


class Labels:
    """The names by which a menu's choices can be typed: the label of their own loader, the
    id that the script gave, the title, the number. One with blanks is typed in quotes.
    `numbers_first`: a number is the list's, whatever labels look like one."""

    def __init__(self, model: Model, *, numbers_first: bool = False) -> None:
        self._model = model
        self._numbers_first = numbers_first

    def action(self, line: str) -> Action | None:
        """Return what a boot line asks for; where it names nothing, the model says so."""
        name, rest = split(line.strip())
        if not name:
            return None
        choice = self.find(name)
        if choice is None:
            self.miss(name)
            return None
        self._model.show(choice)
        if choice.fault:
            self._model.note = f"cannot start: {choice.fault}"
            return None
        return Action("start", choice, rest)

    def find(self, name: str) -> Choice | None:
        """Return the choice with a label, an id, a title, or a number, in this order."""
        choices = self._model.choices
        number = int(name) - 1 if name.isdecimal() and name.isascii() and len(name) < 6 else -1
        numbered = choices[number] if 0 <= number < len(choices) else None
        if numbered is not None and self._numbers_first:
            return numbered
        for of in (_label, lambda choice: choice.id, lambda choice: choice.title):
            for fold in (str, str.casefold):
                for choice in choices:
                    if fold(of(choice)) == fold(name):
                        return choice
        return numbered

    def miss(self, name: str) -> None:
        """Say that nothing is called so."""
        missing = f"no entry has the label {name} (Tab completes)"
        none = f"there is no number {name}, only 1 to {len(self._model.choices)}"
        self._model.note = none if name.isdecimal() else missing

    def complete(self, line: str) -> tuple[str, list[str]]:
        """Return what can be added to the line, and the labels where there are several."""
        typed = line.lstrip()
        if typed.startswith('"'):
            if '"' in typed[1:]:
                return "", []
        elif " " in typed:
            return "", []
        found = [
            label
            for label in dict.fromkeys(_quoted(_label(choice)) for choice in self._model.choices)
            if label.startswith(typed)
        ]
        if not found:
            return "", []
        if len(found) == 1:
            return f"{found[0]} "[len(typed) :], []
        shortest, longest = min(found), max(found)
        same = [a == b for a, b in zip(shortest, longest, strict=False)]
        common = same.index(False) if False in same else len(same)
        return shortest[len(typed) : common], found


def _label(choice: Choice) -> str:
    return choice.entry.id if choice.entry and choice.entry.id else choice.id


def _quoted(label: str) -> str:
    return f'"{label}"' if " " in label or not label else label


def split(line: str) -> tuple[str, str]:
    """Return a boot line's label, without quotes, and the rest."""
    if line.startswith('"'):
        name, _, rest = line[1:].partition('"')
        return name, rest.strip()
    name, _, rest = line.partition(" ")
    return name, rest.strip()
