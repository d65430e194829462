"""The boot line, as LILO has it: a label, then more words for the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.boot.cmdline import Cmdline
from kxsh.boot.parameters import classify
from kxsh.commands.context import Choice
from kxsh.console.menu.model import Model
from kxsh.console.menu.page import Action
from kxsh.console.words.parameter_words import NO_NAME, NO_VALUE, complete_word
from kxsh.errors import KxshError
from kxsh.text import names_in_a_row, nearest

LABELS, PARAMETERS = "Labels and titles that begin so", "Kernel parameters that begin so"


class Labels:
    """The names by which a menu's choices can be typed: the label of their own loader, the
    id that the script gave, the title, the number. One with blanks is typed in quotes.
    `numbers_first`: a number is the list's, whatever labels look like one."""

    def __init__(self, model: Model, *, numbers_first: bool = False) -> None:
        self._model = model
        self._numbers_first = numbers_first
        self.offers = LABELS

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
        try:
            Cmdline.parse(rest)
        except KxshError as error:
            self._model.note = error.message
            return None
        self._model.by = f"the boot line `{line.strip()}`"
        return Action("start", choice, rest)

    def find(self, name: str) -> Choice | None:
        """Return the choice with a label, an id, a title, the title that it alone has in its
        submenu, or a number, in this order."""
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
        inside = self._inside(name)
        return inside[0] if len(inside) == 1 else numbered

    def _inside(self, name: str) -> Sequence[Choice]:
        """Return the choices that have this title in their submenus."""
        return [one for one in self._model.choices if one.leaf.casefold() == name.casefold()]

    def miss(self, name: str) -> None:
        """Say that nothing is called so."""
        choices, inside = self._model.choices, self._inside(name)
        if name.isdecimal():
            self._model.note = f"there is no number {name}, only 1 to {len(choices)}"
        elif inside:
            places = names_in_a_row([one.parents[-1] for one in inside if one.parents])
            self._model.note = f"{len(inside)} entries have that title, in {places}: type a number"
        elif any(one.leaf.startswith(f"{name} ") for one in choices):
            self._model.note = f"no entry has the label {name}; a title stands in quotes (Tab)"
        elif near := nearest(name, [one.leaf for one in choices]):
            self._model.note = f"no entry has that title; did you mean {near}?"
        else:
            self._model.note = f"no entry has the label {name} (Tab completes)"

    def complete(self, line: str) -> tuple[str, Sequence[tuple[str, str]]]:
        """Return the line with its label or title completed, and where several would fit,
        each with the title of its entry; behind a label, the same of a kernel parameter. The
        model says where nothing fits, and `offers` what it is that is offered."""
        typed = line.lstrip()
        quoted = typed.startswith('"')
        if '"' in typed[1:] or (" " in typed and not quoted):
            return self._complete_word(line)
        start = typed[quoted:]
        found = self._beginning(start, str) or self._beginning(start, str.casefold)
        self.offers = LABELS
        if not found:
            self._model.note = "no label or title begins so"
            return line, []
        names = list(found)
        if len(names) == 1:
            return f"{_quoted(names[0])} ", []
        shortest, longest = min(names), max(names)
        same = [a == b for a, b in zip(shortest, longest, strict=False)]
        common = shortest[: same.index(False) if False in same else len(same)]
        common = common if len(common) > len(start) else start
        return ('"' if quoted or " " in common else "") + common, list(found.items())

    def _complete_word(self, line: str) -> tuple[str, Sequence[tuple[str, str]]]:
        name, rest = split(line.strip())
        if self.find(name) is None:
            self.miss(name)
            return line, []
        word = "" if line.endswith(" ") else rest.rpartition(" ")[2]
        more, fitting = complete_word(word)
        self.offers = PARAMETERS
        if not fitting:
            nothing = NO_VALUE if "=" in word else NO_NAME
            self._model.note = nothing if word else "type how a kernel parameter begins"
        if len(fitting) == 1 and not more.endswith("="):
            more += " "
        return line + more, [(one, _meaning(word, one)) for one in fitting if len(fitting) > 1]

    def _beginning(self, start: str, fold: Callable[[str], str]) -> dict[str, str]:
        """Return the labels, and titles of other entries, that begin so, with the titles."""
        found: dict[str, str] = {}
        for choice in self._model.choices:
            for name in (_label(choice), choice.title, choice.leaf):
                if '"' not in name and fold(name).startswith(fold(start)):
                    found.setdefault(name, choice.title)
                    break
        return found


def _meaning(typed: str, word: str) -> str:
    """Return what one of several words that would fit means; itself where that is not known."""
    key, mark, _ = typed.partition("=")
    return classify(f"{key}={word}" if mark else word).meaning or word


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
