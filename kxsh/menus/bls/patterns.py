"""The patterns of loader.conf's ``default``: ``*``, ``?`` and ``[a-z]``, as systemd-boot
matches them (loader.conf(5); there is no ``[!...]``). Time is the product of the lengths.
"""

from __future__ import annotations

# The ranges of characters that one place of a pattern takes.
_Place = list[tuple[str, str]]
_ANY: _Place = [("\0", "\U0010ffff")]


def matches(pattern: str, name: str) -> bool:
    """Return whether the whole of `name` fits the pattern. Case counts."""
    pieces = _pieces(pattern)
    if pieces is None:
        return False
    first, *others = pieces
    if not others:
        return len(first) == len(name) and _fits(first, name, 0)
    if not _fits(first, name, 0):
        return False
    at = len(first)
    for piece in others[:-1]:
        while at + len(piece) <= len(name) and not _fits(piece, name, at):
            at += 1
        at += len(piece)
    last = others[-1]
    end = len(name) - len(last)
    return end >= at and _fits(last, name, end)


def _fits(piece: list[_Place], name: str, at: int) -> bool:
    part = name[at : at + len(piece)]
    return len(part) == len(piece) and all(
        any(low <= character <= high for low, high in place)
        for place, character in zip(piece, part, strict=True)
    )


def _pieces(pattern: str) -> list[list[_Place]] | None:
    """Return what stands between the stars; None: a bracket or escape is not closed."""
    pieces: list[list[_Place]] = [[]]
    at = 0
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "*":
            pieces.append([])
        elif character == "?":
            pieces[-1].append(_ANY)
        elif character == "[":
            place, at = _bracket(pattern, at)
            if at < 0:
                return None
            pieces[-1].append(place)
        elif character == "\\" and at == len(pattern):
            return None
        else:
            if character == "\\":
                character, at = pattern[at], at + 1
            pieces[-1].append([(character, character)])
    return pieces


def _bracket(pattern: str, at: int) -> tuple[_Place, int]:
    """Return the ranges of a bracket that was opened before `at`, and where it ends (-1)."""
    place: _Place = []
    start = at
    while at < len(pattern):
        character = pattern[at]
        at += 1
        if character == "]" and at - 1 > start:
            return place, at
        if character == "-" and place and pattern[at : at + 1] not in ("]", ""):
            high, at = _one(pattern, at)
            place[-1:] = [(place[-1][0], high)]
        elif character == "\\":
            character, at = _one(pattern, at - 1)
            place.append((character, character))
        else:
            place.append((character, character))
    return place, -1


def _one(pattern: str, at: int) -> tuple[str, int]:
    if pattern[at] == "\\" and at + 1 < len(pattern):
        at += 1
    return pattern[at], at + 1
