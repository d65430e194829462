"""Which of two version strings is newer: as the Boot Loader Specification orders them,
and as RPM does, whose way GRUB's blscfg took.

A version becomes a key that sorts the older first: a tuple of its separators and segments.
Sources: UAPI.10 Version Format Specification; rpm-version(7) and GRUB's blscfg module.
"""

from __future__ import annotations

Key = tuple[tuple[int | str, ...], ...]

_LENGTH = 256  # what is beyond does not count
_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_END = ""
# What may follow, the oldest first; then come letters, then digits. The usual order, and
# those right after a separator: the specification's steps look for the others before they
# look whether a string has ended.
_USUAL = ("~", _END, "-", "^", ".")
_AFTER = {
    "~": (_END, "-", "^", ".", "~"),
    "-": ("^", ".", "~", _END, "-"),
    "^": (".", "~", _END, "-", "^"),
}


def key(version: str) -> Key:
    """Return the key by which the specification's versions sort, the older first."""
    text = version[:_LENGTH]
    found: list[tuple[int | str, ...]] = []
    at, order = 0, _USUAL
    while at < len(text):
        character = text[at]
        if character in order:
            found.append((order.index(character),))
            order = _AFTER.get(character, _USUAL)
            at += 1
        elif character in _DIGITS or character in _LETTERS:
            token, at = _segment(text, at)
            found.append(token)
            order = _USUAL
        else:  # not a version's character: it only ends a segment
            at += 1
    return (*found, (order.index(_END),))


def key_rpm(version: str) -> Key:
    """Return the key by which RPM's versions sort: separators count for nothing."""
    text = version[:_LENGTH]
    found: list[tuple[int | str, ...]] = []
    at = 0
    while at < len(text):
        if text[at] in _DIGITS or text[at] in _LETTERS:
            token, at = _segment(text, at)
            found.append(token)
        else:
            if text[at] == "~":
                found.append((0,))
            at += 1
    return (*found, (1,))


def key_package(name: str) -> tuple[Key, Key, Key]:
    """Return the key of a ``name-version-release`` name, as GRUB's blscfg sorts them.

    It splits at the last two dashes; with fewer, the first parts are there.
    """
    parts = name.rsplit("-", 2)
    first, second, third = [*parts, "", ""][:3]
    return key_rpm(first), key_rpm(second), key_rpm(third)


def _segment(text: str, at: int) -> tuple[tuple[int | str, ...], int]:
    """Return the token of the digits or letters at a place, and where they end."""
    kind = _DIGITS if text[at] in _DIGITS else _LETTERS
    end = at
    while end < len(text) and text[end] in kind:
        end += 1
    if kind is _LETTERS:
        return (len(_USUAL), 0, text[at:end]), end
    digits = text[at:end].lstrip("0")
    return (len(_USUAL) + 1, len(digits), digits), end
