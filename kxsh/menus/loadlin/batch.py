"""Lines that start LOADLIN: in a batch file, or by ``shell=`` in CONFIG.SYS with its menu."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.menus import limits
from kxsh.menus.reading import Reading, number
from kxsh.record import record


@record
class Call:
    """One call of LOADLIN: its arguments as written, and where it stands.

    `title` is what the menu calls it, `upper` says that DOS made capitals of all.
    """

    words: tuple[str, ...]
    line: int
    title: str
    upper: bool = False
    preferred: bool = False


def calls(reading: Reading, text: str) -> Iterator[Call]:
    """Yield the calls in a file; a file that is neither batch nor CONFIG.SYS is a
    parameter file and the call ``@itself``."""
    name = reading.source.rpartition("/")[2]
    lower = name.lower()
    if lower.endswith(".sys"):
        yield from _of_config_sys(text)
    elif lower.endswith(".bat"):
        for line, words in _lines(text):
            if words and _is_loadlin(words[0]):
                yield Call(tuple(words[1:]), line, name)
    else:
        yield Call((f"@{reading.source}",), 0, name)


def timeout(text: str) -> float:
    """Return the seconds that the menu of CONFIG.SYS waits; a batch file starts at once."""
    for _, words in _lines(text):
        key, equals, value = " ".join(words).partition("=")
        if equals and key.strip().lower() == "menudefault":
            return float(number(value.partition(",")[2].strip()) or 0)
    return 0.0


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (number, words) of a file's lines but for remarks and labels."""
    for line, content in enumerate(text.replace("\x1a", "\n").split("\n"), 1):
        words = content[: limits.LINE].strip(" \t\r@").split()
        if words and words[0].lower() in ("call", "lh", "loadhigh"):
            words = words[1:]
        first = words[0].lower() if words else ""
        if first and first not in ("rem", "echo") and not first.startswith((":", ";")):
            yield line, words


def _of_config_sys(text: str) -> Iterator[Call]:
    titles: dict[str, str] = {}
    preferred = block = ""
    for line, words in _lines(text):
        key, equals, value = " ".join(words).partition("=")
        key, value = key.strip().lower(), value.strip()
        if key.startswith("[") and key.endswith("]"):
            block = key[1:-1]
        elif key == "menuitem" and len(titles) < limits.ENTRIES:
            name, _, shown = value.partition(",")
            titles[name.strip().lower()] = shown.strip() or name.strip()
        elif key == "menudefault":
            preferred = value.partition(",")[0].strip().lower()
        elif equals and key in ("shell", "install"):
            program, *rest = value.split()
            if _is_loadlin(program):
                shown = titles.get(block, block or "CONFIG.SYS")
                yield Call(tuple(rest), line, shown, True, bool(block) and block == preferred)


def _is_loadlin(word: str) -> bool:
    return word.lower().replace("\\", "/").rpartition("/")[2] in ("loadlin", "loadlin.exe")
