"""Words to arguments: variables, splitting, wildcards (grub-core/script/execute.c).

While a word is put together, a backslash stands before each ``*``, ``?`` and backslash
that is only itself; so what came from quotes is never a wildcard.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.menus.grub2.tree import QUOTED, QUOTED_VARIABLE, TEXT, VARIABLE, Part, Word

# Variables of fewer characters cost nothing more to expand than the command itself.
_SMALL = 64
_POSITIONAL = frozenset("0123456789#*@")


class Expander:
    """Expands words with the variables of `lookup`, a function's `arguments` (None:
    outside of any) and `glob`, which returns the files that a pattern matches. `spend` is
    told of what grows, and may raise."""

    __slots__ = ("arguments", "glob", "lookup", "spend")

    def __init__(
        self,
        lookup: Callable[[str], str | None],
        arguments: Sequence[str] | None,
        glob: Callable[[str], list[str]],
        spend: Callable[[int], None],
    ) -> None:
        self.lookup = lookup
        self.spend = spend
        self.arguments = arguments
        self.glob = glob

    def expand(self, words: Sequence[Word]) -> list[str]:
        """Return the arguments that `words` become."""
        found: list[str] = []
        for word in words:
            if type(word) is str:
                found.append(word)
            elif word:
                found += self._word(word)  # type: ignore[arg-type]
        return found

    def _word(self, parts: tuple[Part, ...]) -> list[str]:
        patterns = _Arguments()
        for kind, text in parts:
            if kind == TEXT:
                patterns.append(text)
            elif kind == QUOTED:
                patterns.append(protect(text))
            elif kind == VARIABLE:
                self._split(text, patterns)
            elif kind == QUOTED_VARIABLE:
                self._whole(text, patterns)
            else:
                patterns.append(protect(self._translated(text)))
        found: list[str] = []
        for pattern in patterns.finish():
            files = self.glob(pattern) if "*" in pattern or "?" in pattern else []
            found += files or [unprotect(pattern)]
        return found

    def _split(self, name: str, patterns: _Arguments) -> None:
        if name[0] not in _POSITIONAL:
            value = self.lookup(name) or ""
            if len(value) > _SMALL:
                self.spend(len(value) // 16)
            patterns.split(value)
            return
        if self.arguments is None:
            return
        for index, value in enumerate(self._positional(name)):
            if index:
                patterns.next()
            patterns.split(value)

    def _whole(self, name: str, patterns: _Arguments) -> None:
        if name[0] not in _POSITIONAL:
            value = self.lookup(name)
            if value:
                if len(value) > _SMALL:
                    self.spend(len(value) // 64)
                patterns.append(protect(value))
            return
        if self.arguments is None:
            return
        values = self._positional(name)
        if name == "*":
            patterns.append(protect(" ".join(values)))
            return
        for index, value in enumerate(values):
            if index:
                patterns.next()
            patterns.append(protect(value))

    def _positional(self, name: str) -> Sequence[str]:
        arguments = self.arguments or ()
        if name == "#":
            return [str(len(arguments))]
        if name in "*@":
            self.spend(len(arguments) // 2 + sum(map(len, arguments)) // 64)
            return arguments
        number = int(name[:9])
        return [arguments[number - 1]] if 0 < number <= len(arguments) else []

    def _translated(self, text: str) -> str:
        """Return the text of ``$"..."`` with its variables; nothing is translated here."""
        found: list[str] = []
        index = 0
        while index < len(text):
            character = text[index]
            if character == "\\" and text[index + 1 : index + 2] in ("\\", "$"):
                found.append(text[index + 1])
                index += 2
            elif character == "$":
                name, index = _name(text, index + 1)
                found.append(self._text(name) if name else "$")
            else:
                found.append(character)
                index += 1
        return "".join(found)

    def _text(self, name: str) -> str:
        if name[0] in _POSITIONAL:
            return "".join(self._positional(name)[:1]) if name == "#" else ""
        return self.lookup(name) or ""


class _Arguments:
    """Patterns being put together; one exists as soon as anything, even "", is in it."""

    __slots__ = ("_current", "_found")

    def __init__(self) -> None:
        self._found: list[str] = []
        self._current: str | None = None

    def append(self, text: str) -> None:
        self._current = text if self._current is None else self._current + text

    def next(self) -> None:
        if self._current is not None:
            self._found.append(self._current)
            self._current = None

    def split(self, value: str) -> None:
        """Add the words of `value`; its blanks at the ends part nothing."""
        for index, word in enumerate(value.split()):
            if index:
                self.next()
            self.append(_from_variable(word))

    def finish(self) -> list[str]:
        self.next()
        return self._found


def _name(text: str, index: int) -> tuple[str, int]:
    """Return the variable's name at `index` of a translated text, and where it ends."""
    if text[index : index + 1] == "{":
        end = text.find("}", index)
        return (text[index + 1 : end], end + 1) if end >= 0 else ("", len(text))
    end = index
    if text[end : end + 1] in ("?", "#"):
        return text[end], end + 1
    digits = text[end : end + 1].isdigit()
    while end < len(text) and (
        text[end].isdigit() if digits else text[end].isalnum() or text[end] == "_"
    ):
        end += 1
    return text[index:end], end


def protect(text: str) -> str:
    """Return the pattern that only `text` matches."""
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "*" in text:
        text = text.replace("*", "\\*")
    return text.replace("?", "\\?") if "?" in text else text


def _from_variable(text: str) -> str:
    """As `protect`, but a wildcard in a variable outside of quotes is one."""
    if "\\" not in text:
        return text
    found: list[str] = []
    for index, character in enumerate(text):
        if character == "\\":
            found.append("\\\\\\" if text[index + 1 : index + 2] in ("?", "*") else "\\\\")
        else:
            found.append(character)
    return "".join(found)


def unprotect(pattern: str) -> str:
    """Return the text that a pattern without wildcards stands for."""
    if "\\" not in pattern:
        return pattern
    found: list[str] = []
    characters = iter(pattern)
    for character in characters:
        found.append(next(characters, "") if character == "\\" else character)
    return "".join(found)
