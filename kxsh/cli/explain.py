"""`kxsh --explain CODE`: what a finding means, why it matters, and its cure."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from kxsh.checker.codes import CODES
from kxsh.checker.codes.code import Code
from kxsh.text import display, nearest, wrap

WIDTH = 80
_FIXES = {"safe": "by --fix", "unsafe": "by --fix --unsafe"}


def explain(words: Sequence[str]) -> int:
    """Print the codes asked for, or the list of all; return 2 where one is not known."""
    if not words:
        print("\n".join(_listing()))
        return 0
    faults = 0
    shown: list[str] = []
    for word in words:
        code = CODES.get(_spelled(word))
        if code is None:
            print(f"kxsh: {_unknown(word)}", file=sys.stderr)
            faults += 1
        else:
            shown.append("\n".join(explanation(code)))
    if shown:
        print("\n\n".join(shown))
    return 2 if faults else 0


def explanation(code: Code) -> Iterator[str]:
    """Yield the lines that explain a code, at most 80 columns wide."""
    yield from wrap(f"{code.code} ({code.severity}): {code.title}", WIDTH, "  ")
    for paragraph in code.text.strip().split("\n\n"):
        if paragraph.strip():
            yield ""
            yield from wrap(paragraph, WIDTH)
    if code.bad:
        yield from _script("Found in:", code.bad)
    if code.good:
        yield from _script("Better:", code.good)
    notes = list(_notes(code))
    if notes:
        yield ""
        yield from notes


def _script(heading: str, text: str) -> Iterator[str]:
    yield ""
    yield heading
    yield from (f"    {line}".rstrip() for line in text.rstrip("\n").split("\n"))


def _notes(code: Code) -> Iterator[str]:
    if code.facts:
        options = " or ".join(f"--{fact}" for fact in code.facts)
        yield from wrap(f"Checked only where {options} supplies the facts.", WIDTH)
    if code.fix:
        yield f"Cured {_FIXES[code.fix]}, where the cure is certain enough."
    yield from wrap(f"Silenced on one line by the comment: # kxs: allow {code.code} REASON", WIDTH)


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
