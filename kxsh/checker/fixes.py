"""The fixes of findings, applied to a text: round by round, until nothing is left to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.diagnostics import Diagnostic
from kxsh.errors import Fix
from kxsh.record import record
from kxsh.source import Source

# A fix may bring others to light (what is in a shell's `if`, once that is put right).
_ROUNDS = 30

Check = Callable[[Source], Sequence[Diagnostic]]


@record
class Fixed:
    """What became of a text: `done` are the findings that were fixed, in all rounds, and
    `left` those that are found in the new text."""

    source: Source
    done: tuple[Diagnostic, ...]
    left: tuple[Diagnostic, ...]


def apply_fixes(source: Source, check: Check, *, unsafe: bool = False) -> Fixed:
    """Return a source with the safe fixes of what `check` finds applied, or all fixes.

    Fixes that overlap are left for the next round; a round that finds what an earlier one
    has seen ends it, so that two fixes cannot undo each other for ever.
    """
    done: list[Diagnostic] = []
    seen = {source.text}
    found = list(check(source))
    for _ in range(_ROUNDS):
        text, applied = _round(source, found, unsafe)
        if not applied or text in seen:
            break
        seen.add(text)
        done += applied
        source = Source(source.name, text)
        found = list(check(source))
    return Fixed(source, tuple(done), tuple(found))


def _round(
    source: Source, found: Sequence[Diagnostic], unsafe: bool
) -> tuple[str, list[Diagnostic]]:
    """Return the text with every fix applied that touches no other, and what was fixed."""
    applied: list[Diagnostic] = []
    taken: list[tuple[int, int]] = []
    changes: list[tuple[int, int, str]] = []
    for item in sorted(found, key=lambda item: item.fix is not None and not item.fix.safe):
        fix = item.fix
        if fix is None or not (fix.safe or unsafe) or not _is_here(fix, source):
            continue
        places = [(edit.span.start, edit.span.end) for edit in fix.edits]
        if any(_touch(place, other) for place in places for other in taken):
            continue
        taken += places
        changes += [(edit.span.start, edit.span.end, edit.text) for edit in fix.edits]
        applied.append(item)
    text = source.text
    for start, end, new in sorted(changes, reverse=True):
        text = text[:start] + new + text[end:]
    return text, applied


def _is_here(fix: Fix, source: Source) -> bool:
    """Tell whether a fix changes this file; one of an import is applied in that file."""
    return all(edit.span.source is source for edit in fix.edits)


def _touch(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
