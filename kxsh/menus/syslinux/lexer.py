"""Lines and words as SYSLINUX's own parser cuts them (com32's readconfig.c).

A blank is any character up to and including the space, a line ends at its first
carriage return or NUL, a keyword must be followed by a blank or the line's end and
is compared without regard to case. There are no comments: ``#`` is just no keyword.
"""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.menus import limits

BLANKS = "".join(map(chr, range(33)))


def decode(data: bytes) -> str:
    """Return a configuration's text: UTF-8 (a mark is dropped), else Latin-1."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield (number from 1, line without its end and leading blanks)."""
    for number, line in enumerate(text.split("\n"), 1):
        for end in "\r\0":
            if end in line:
                line = line[: line.index(end)]
        yield number, line[: limits.LINE].lstrip(BLANKS)


def cut(text: str) -> tuple[str, str]:
    """Return the first word of `text` and the rest without its leading blanks."""
    text = text.lstrip(BLANKS)
    for index, character in enumerate(text):
        if character <= " ":
            return text[:index], text[index:].lstrip(BLANKS)
    return text, ""


def words(text: str) -> list[str]:
    """Return the words of `text`."""
    found = []
    word, rest = cut(text)
    while word:
        found.append(word)
        word, rest = cut(rest)
    return found


def number(text: str) -> int:
    """Return the number that `text` begins with, as atoi(3) does: 0 without one."""
    digits = ""
    for character in text.lstrip(BLANKS)[:12]:
        if character not in "0123456789" and not (character in "+-" and not digits):
            break
        digits += character
    return int(digits) if digits.strip("+-") else 0
