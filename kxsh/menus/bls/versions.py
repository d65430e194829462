"""Which of two version strings is newer: as the Boot Loader Specification orders them,
and as RPM does, whose way GRUB's blscfg took.

Sources: UAPI.10 Version Format Specification; rpm-version(7) and GRUB's blscfg module.
Both compare segment by segment, so the time is linear in the strings' length.
"""

from __future__ import annotations

# Older than nothing at all, release, patch, point: the order in which they are looked for.
_SEPARATORS = "-^."
_DIGITS = frozenset("0123456789")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_VALID = _DIGITS | _LETTERS | frozenset("~" + _SEPARATORS)
_RPM_VALID = _DIGITS | _LETTERS | frozenset("~")


def compare(a: str, b: str) -> int:
    """Return less than, equal to or more than 0: `a` is older, the same or newer."""
    i = j = 0
    while True:
        i, j = _skip(a, i, _VALID), _skip(b, j, _VALID)
        if "~" in (a[i : i + 1], b[j : j + 1]):
            if a[i : i + 1] != b[j : j + 1]:
                return -1 if a[i : i + 1] == "~" else 1
            i, j = i + 1, j + 1
        if i >= len(a) or j >= len(b):
            return (i < len(a)) - (j < len(b))
        for separator in _SEPARATORS:
            first, second = a[i : i + 1] == separator, b[j : j + 1] == separator
            if first != second:
                return -1 if first else 1
            i, j = i + first, j + second
        kind = _DIGITS if a[i : i + 1] in _DIGITS or b[j : j + 1] in _DIGITS else _LETTERS
        one, two = _segment(a, i, kind), _segment(b, j, kind)
        i, j = i + len(one), j + len(two)
        order = _numbers(one, two) if kind is _DIGITS else _order(one, two)
        if order:
            return order


def compare_rpm(a: str, b: str) -> int:
    """Compare as RPM does: separators count for nothing, a number is newer than letters."""
    i = j = 0
    while True:
        i, j = _skip(a, i, _RPM_VALID), _skip(b, j, _RPM_VALID)
        if "~" in (a[i : i + 1], b[j : j + 1]):
            if a[i : i + 1] != b[j : j + 1]:
                return -1 if a[i : i + 1] == "~" else 1
            i, j = i + 1, j + 1
            continue
        if i >= len(a) or j >= len(b):
            return (i < len(a)) - (j < len(b))
        kind = _DIGITS if a[i] in _DIGITS else _LETTERS
        one, two = _segment(a, i, kind), _segment(b, j, kind)
        if not two:
            return 1 if kind is _DIGITS else -1
        i, j = i + len(one), j + len(two)
        order = _numbers(one, two) if kind is _DIGITS else _order(one, two)
        if order:
            return order


def compare_packages(a: str, b: str) -> int:
    """Compare ``name-version-release`` names, part by part, as GRUB's blscfg does."""
    for one, two in zip(_package(a), _package(b), strict=True):
        order = compare_rpm(one, two)
        if order:
            return order
    return 0


def _package(name: str) -> tuple[str, str, str]:
    """Split at the last two dashes; with fewer, the first parts are there."""
    parts = name.rsplit("-", 2)
    first, second, third = [*parts, "", ""][:3]
    return first, second, third


def _skip(text: str, at: int, valid: frozenset[str]) -> int:
    while at < len(text) and text[at] not in valid:
        at += 1
    return at


def _segment(text: str, at: int, kind: frozenset[str]) -> str:
    end = at
    while end < len(text) and text[end] in kind:
        end += 1
    return text[at:end]


def _numbers(a: str, b: str) -> int:
    """Compare digits by value without making numbers of them; none is older than any."""
    if not a or not b:
        return bool(a) - bool(b)
    a, b = a.lstrip("0"), b.lstrip("0")
    return (len(a) > len(b)) - (len(a) < len(b)) or _order(a, b)


def _order(a: str, b: str) -> int:
    return (a > b) - (a < b)
