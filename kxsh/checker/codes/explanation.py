"""What a code's finding means, why it matters, and its cure, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.checker.codes import CODES
from kxsh.checker.codes.at_run import AT_RUN
from kxsh.checker.codes.code import Code
from kxsh.text import wrap

_FIXES = {"safe": "by --fix", "unsafe": "by --fix --unsafe"}


def explained(name: str, width: int = 80) -> list[str]:
    """Return the lines that explain the code of that name; none where there is no such code."""
    if name in CODES:
        return list(explanation(CODES[name], width))
    found = AT_RUN.get(name)
    if found is None:
        return []
    lines = wrap(f"{found.code}: {found.title}", width, "  ")
    for paragraph in found.text.split("\n\n"):
        lines += ["", *wrap(paragraph, width)]
    return lines


def explanation(code: Code, width: int = 80) -> Iterator[str]:
    """Yield the lines that explain a code; scripts are wider than `width` where they are."""
    yield from wrap(f"{code.code} ({code.severity}): {code.title}", width, "  ")
    for paragraph in code.text.strip().split("\n\n"):
        if paragraph.strip():
            yield ""
            yield from wrap(paragraph, width)
    if code.bad:
        yield from _script("Found in:", code.bad)
    if code.good:
        yield from _script("Better:", code.good)
    notes = list(_notes(code, width))
    if notes:
        yield ""
        yield from notes


def _script(heading: str, text: str) -> Iterator[str]:
    yield ""
    yield heading
    yield from (f"    {line}".rstrip() for line in text.rstrip("\n").split("\n"))


def _notes(code: Code, width: int) -> Iterator[str]:
    if code.facts:
        options = " or ".join(f"--{fact}" for fact in code.facts)
        yield from wrap(f"Checked only where {options} supplies the facts.", width)
    if code.fix:
        yield f"Cured {_FIXES[code.fix]}, where the cure is certain enough."
    yield from wrap(f"Silenced on one line by the comment: # kxs: allow {code.code} REASON", width)
