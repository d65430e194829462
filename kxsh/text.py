"""What a person sees: untrusted text made harmless, sizes, durations, near names.

Everything that came from a disk, a kernel or a user goes through `display` before
it reaches a terminal: control characters, escape sequences, C1 controls and
bidirectional overrides, and heaps of marks on one letter, are shown as escapes, never sent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB

# Cc controls, Cf format characters (bidi overrides, zero-width), Cs surrogates,
# Co private use, Cn unassigned, Zl and Zp line breaks: none may reach a terminal raw.
_UNSAFE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
# Marks that stand on the letter before them, and how many a letter of any script carries.
_MARKS = ("Mn", "Me")
_MOST_MARKS = 4


def display(text: str, limit: int = 400) -> str:
    """Return `text` as printable characters only, at most `limit` of them."""
    if text.isascii() and text.isprintable():
        return text if len(text) <= limit else text[: limit - 3] + "..."
    shown: list[str] = []
    length = marks = 0
    for character in text:
        category = unicodedata.category(character)
        marks = marks + 1 if category in _MARKS else 0
        if category in _UNSAFE or marks > _MOST_MARKS:
            character = _escape(ord(character))
        length += len(character)
        if length > limit:
            return "".join(shown)[: limit - 3] + "..."
        shown.append(character)
    return "".join(shown)


def _escape(code: int) -> str:
    if code == 0x0A:
        return "\\n"
    if code == 0x09:
        return "\\t"
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was not UTF-8 (surrogateescape)
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def cells(text: str) -> int:
    """Return how many columns of a terminal a printable text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.category(character) in _MARKS:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def cut(text: str, columns: int) -> str:
    """Return the text in at most `columns` columns; ``...`` stands for what is cut off."""
    if cells(text) <= columns:
        return text
    kept = ""
    room = columns - 3
    for character in text:
        room -= _cells(character)
        if room < 0:
            break
        kept += character
    return kept + "..."


def fitting(text: str, columns: int) -> int:
    """Return how many characters of a printable text fit into `columns`, at least one."""
    if text[:columns].isascii():
        return min(len(text), columns)
    room = columns
    for at, character in enumerate(text):
        room -= _cells(character)
        if room < 0:
            return max(1, at)
    return len(text)


def fold(text: str, columns: int, hang: int = 0) -> list[str]:
    """Return a text as lines of at most `columns`, cut at a blank where one is near; what
    goes on is indented by `hang`, else as the text is, or stands in its second column."""
    lines: list[str] = []
    indent = " " * min(hang or second_column(text), columns // 2)
    while (end := fitting(text, columns)) < len(text):
        blank = text.rfind(" ", len(indent) + 1, end + 1)
        if blank > end - 30 and blank > len(indent):
            end = blank
        lines.append(text[:end].rstrip())
        text = indent + text[end:].lstrip()
    return [*lines, text]


def second_column(text: str) -> int:
    """Return where a text's second column begins, behind a word or two and wide blanks; else
    where the text does."""
    left = len(text) - len(text.lstrip())
    gap = text.find("  ", left, left + 20)
    return left if gap < 0 else gap + len(text[gap:]) - len(text[gap:].lstrip())


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Return a text as lines of at most `width` columns, all but the first indented.

    Blanks between words become one; a longer word stands alone on its line.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and cells(line) + 1 + cells(word) > width:
            lines.append(line)
            line = indent + word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line] if line else lines


def size(count: int) -> str:
    """Return a number of bytes as people write it: ``512 B``, ``1.5 MiB``."""
    if count < KIB:
        return f"{count} B"
    for unit, name in ((GIB, "GiB"), (MIB, "MiB")):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count / KIB:.1f} KiB"


def duration(seconds: float) -> str:
    """Return seconds as a kxs literal: ``500ms``, ``10s``, ``2m``."""
    if seconds < 1 or seconds != int(seconds):
        return f"{round(seconds * 1000)}ms" if seconds < 10 else f"{seconds:.1f}s"
    whole = int(seconds)
    for unit, name in ((3600, "h"), (60, "m")):
        if whole % unit == 0 and whole:
            return f"{whole // unit}{name}"
    return f"{whole}s"


def stamped(seconds: float, text: str) -> str:
    """Return a line about what goes on, with the seconds since the machine started."""
    return f"[{seconds:.1f} s] {text}"


# Among more names than these somebody's misspelt one is near to many.
_MANY = 500
# So many names are listed for one that is none of them.
_LISTED = 12


def nearest(name: str, known: Iterable[str], *, most: int = _MANY) -> str | None:
    """Return the one of `known` that `name` was probably meant to be; None where there is
    none, or where more than `most` are about as long."""
    limit = 0 if len(name) < 2 else 1 if len(name) < 4 else 2 if len(name) < 9 else 3
    best: tuple[int, str] | None = None
    tried = 0
    for candidate in known:
        if abs(len(candidate) - len(name)) > limit:
            continue
        tried += 1
        if tried > most:
            return None
        distance = _distance(name.lower(), candidate.lower(), limit)
        if distance <= limit and (best is None or (distance, candidate) < best):
            best = (distance, candidate)
    return best[1] if best else None


def as_word(name: str) -> str:
    """Return a name as it is typed: in quotes where it is no plain word."""
    if name and name.isascii() and all(sign.isalnum() or sign in "._-+:/@%" for sign in name):
        return name
    return f'"{name}"' if "'" in name else f"'{name}'"


def names_in_a_row(names: Sequence[str]) -> str:
    """Return names as a list of which each can be told from the next; of many the first."""
    more = [f"and {len(names) - _LISTED} more"] if len(names) > _LISTED else []
    return ", ".join([*(as_word(name) for name in names[:_LISTED]), *more]) or "none"


def _distance(a: str, b: str, limit: int) -> int:
    """Count the edits (insert, delete, replace, swap of neighbours) from `a` to `b`; where
    they are more than `limit`, some number above it."""
    if len(a) > 100:
        return limit + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[-1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > limit and min(last) > limit:
            return limit + 1
        before, last = last, row
    return last[-1]
