"""What GRUB hands over to a kernel (grub-core/lib/cmdline.c)."""

from __future__ import annotations

from collections.abc import Sequence

_HEX = frozenset("0123456789abcdefABCDEF")


def quote(word: str) -> str:
    """Return one argument as it stands in a command line.

    Quotes and backslashes get a backslash, a word with a blank gets quotes around it.
    ``\\xNN`` stays as it is: systemd's units need it, and the GRUBs of Fedora and SUSE,
    where it is used, keep it.
    """
    if "\\" in word:
        word = "".join(_backslashes(word))
    if "'" in word:
        word = word.replace("'", "\\'")
    if '"' in word:
        word = word.replace('"', '\\"')
    return f'"{word}"' if " " in word else word


def join(words: Sequence[str]) -> str:
    """Return the command line of these arguments."""
    return " ".join([quote(word) for word in words])


def _backslashes(word: str) -> list[str]:
    found: list[str] = []
    for index, character in enumerate(word):
        found.append(character)
        if character == "\\" and not (
            word[index + 1 : index + 2] == "x"
            and len(word) > index + 3
            and word[index + 2] in _HEX
            and word[index + 3] in _HEX
        ):
            found.append("\\")
    return found
