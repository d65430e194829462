"""The fixes of findings, applied to a text: round by round, until nothing is left to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kxsh.diagnostics import Diagnostic
from kxsh.errors import Fix, ParseError
from kxsh.record import record
from kxsh.source import Source
from kxsh.syntax.parser import parse_script

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
        applied = fixed_together(source, found, unsafe)
        changed = _changed(source, applied)
        if parses(source) and not parses(changed):
            # Never make kxs of what is none: take only the fixes that go well alone.
            applied = [item for item in applied if parses(_changed(source, [item]))]
            changed = _changed(source, applied)
            if not parses(changed):
                applied, changed = applied[:1], _changed(source, applied[:1])
        if not applied or changed.text in seen:
            break
        seen.add(changed.text)
        done += applied
        source = changed
        found = list(check(source))
    return Fixed(source, tuple(done), tuple(found))


def parses(source: Source) -> bool:
    """Tell whether a text is kxs."""
    try:
        parse_script(source)
    except ParseError:
        return False
    return True


def summary(fixed: Fixed, *, unsafe: bool) -> str:
    """Return what was fixed and what is left, in one line."""
    counts: dict[str, int] = {}
    for item in fixed.done:
        counts[item.code] = counts.get(item.code, 0) + 1
    codes = ", ".join(
        code if count == 1 else f"{code} x{count}" for code, count in sorted(counts.items())
    )
    told = f"{len(fixed.done)} fixed ({codes})" if codes else "nothing fixed"
    told += f", {len(fixed.left)} left" if fixed.left else ", nothing left"
    more = sum(item.fix is not None and not item.fix.safe for item in fixed.left)
    if more and not unsafe:
        told += f", {more} of them by --unsafe"
    return told


def fixed_together(source: Source, found: Sequence[Diagnostic], unsafe: bool) -> list[Diagnostic]:
    """Return the findings whose fixes touch no other, safe ones first."""
    applied: list[Diagnostic] = []
    taken: list[tuple[int, int]] = []
    for item in sorted(found, key=lambda item: item.fix is not None and not item.fix.safe):
        fix = item.fix
        if fix is None or not (fix.safe or unsafe) or not _is_here(fix, source):
            continue
        places = [(edit.span.start, edit.span.end) for edit in fix.edits]
        if any(_touch(place, other) for place in places for other in taken):
            # What rewrites several lines has them as they are when its turn comes.
            if any("\n" in edit.span.text for edit in fix.edits):
                taken += places
            continue
        taken += places
        applied.append(item)
    return applied


def _changed(source: Source, fixed: Sequence[Diagnostic]) -> Source:
    edits = [edit for item in fixed if item.fix for edit in item.fix.edits]
    text = source.text
    for edit in sorted(edits, key=lambda edit: edit.span.start, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return Source(source.name, text)


def _is_here(fix: Fix, source: Source) -> bool:
    """Tell whether a fix changes this file; one of an import is applied in that file."""
    return all(edit.span.source is source for edit in fix.edits)


def _touch(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] <= other[1] and other[0] <= one[1]
