"""`kxsh --explain CODE`: what a finding means, why it matters, and its cure."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from kxsh.checker.codes import CODES
from kxsh.checker.codes.explanation import explained
from kxsh.text import display, nearest, wrap

WIDTH = 80


def explain(words: Sequence[str]) -> int:
    """Print the codes asked for, or the list of all; return 2 where one is not known."""
    if not words:
        print("\n".join(_listing()))
        return 0
    faults = 0
    shown: list[str] = []
    for word in words:
        lines = explained(_spelled(word))
        if lines:
            shown.append("\n".join(lines))
        else:
            print(f"kxsh: {_unknown(word)}", file=sys.stderr)
            faults += 1
    if shown:
        print("\n\n".join(shown))
    return 2 if faults else 0


def _listing() -> Iterator[str]:
    for code in CODES.values():
        yield from wrap(f"{code.code}  {code.severity:7}  {code.title}", WIDTH, " " * 16)
    yield ""
    yield "kxsh --explain CODE explains one."


def _spelled(word: str) -> str:
    """Return ``KX301`` for any of ``kx301``, ``301``, ``[KX301]``, ``error[KX301]``."""
    bare = word.rpartition("[")[2].rstrip("]:").upper()
    return bare if bare.startswith("KX") else f"KX{bare}"


def _unknown(word: str) -> str:
    near = nearest(_spelled(word), CODES)
    hint = f"did you mean {near}?" if near else "kxsh --explain lists all codes"
    return f"there is no code {display(word)}: {hint}"
