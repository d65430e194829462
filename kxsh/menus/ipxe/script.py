"""A script's lines and words, as iPXE cuts them (image/script.c, core/exec.c, getopt.c)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kxsh.menus import limits
from kxsh.record import fresh, mutable, record

_MAGIC = ("#!ipxe", "#!gpxe")
_LINES = 20_000
_WORDS = 400


@record
class Line:
    """One command line with its number; `label` is the ``:label`` before it."""

    number: int
    label: str
    words: tuple[str, ...]


@mutable
class Script:
    """A script: where it lies, its lines, where its labels are."""

    path: str
    lines: list[Line] = fresh(default_factory=list)
    labels: dict[str, int] = fresh(default_factory=dict)
    cut_off: bool = False


def is_script(text: str) -> bool:
    """Return whether a file begins as iPXE wants it."""
    return text[:6] in _MAGIC and (not text[6:] or text[6].isspace())


def parse(path: str, text: str) -> Script:
    """Return a script's lines; a backslash before a line's end joins it with the next."""
    script = Script(path)
    for number, content in _joined(text):
        if len(script.lines) >= _LINES:
            script.cut_off = True
            break
        content = content.strip()
        label = ""
        if content.startswith(":"):
            label, content = (*content[1:].split(None, 1), "", "")[:2]
            script.labels.setdefault(label, len(script.lines))
        words = tuple(content.split(None, _WORDS)[:_WORDS])
        if words or label:
            script.lines.append(Line(number, label, words))
    return script


def _joined(text: str) -> Iterator[tuple[int, str]]:
    held, first = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        first = first or number
        held += line[: limits.LINE].removesuffix("\r")
        if held.endswith("\\") and len(held) < limits.LINE:
            held = held[:-1]
            continue
        yield first, held
        held, first = "", 0
    if held:
        yield first, held


def segments(words: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return (operator before it, words) of the commands that a line joins with ``&&``
    and ``||``; a word that begins with ``#`` begins a comment."""
    found: list[tuple[str, list[str]]] = [("", [])]
    for word in words:
        if word.startswith("#"):
            break
        if word in ("&&", "||"):
            found.append((word, []))
        else:
            found[-1][1].append(word)
    return found


@record
class Arguments:
    """A command's options and what follows them."""

    options: Mapping[str, str]
    rest: tuple[str, ...]

    def has(self, name: str) -> bool:
        return name in self.options

    def text(self, start: int = 0) -> str:
        return " ".join(self.rest[start:])


def arguments(words: Sequence[str], known: str) -> Arguments:
    """Cut a command's words; `known` names its options, with ``=`` after those that take
    a value: ``name= timeout= autofree replace``. The short form is the first letter."""
    takes = {word.rstrip("="): word.endswith("=") for word in known.split()}
    short = {name[0]: name for name in reversed(takes)}
    options: dict[str, str] = {}
    at = 0
    while at < len(words) and words[at].startswith("-") and words[at] != "-":
        word = words[at]
        at += 1
        if word == "--":
            break
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            names = [name]
        else:
            equals = value = ""
            names = [short.get(letter, letter) for letter in word[1:]]
        for name in names:
            if takes.get(name) and not equals:
                value = words[at] if at < len(words) else ""
                at += 1
            options[name] = value
    return Arguments(options, tuple(words[at:]))
