"""A text with faults: all of them, and what can be told of the rest without guessing."""

from __future__ import annotations

import re
from collections.abc import Callable

from kxsh.checker.insight import Insight
from kxsh.diagnostics import Diagnostic, from_error
from kxsh.errors import Edit, ParseError
from kxsh.record import replace
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.syntax.salvage import Reading

# What depends on statements that may be among those that could not be read: the order of
# things, what is null where, what menus have.
_DEPENDENT = ("KX104", "KX105", "KX110", "KX111", "KX3", "KX7", "KX8")
# What depends on one name, which may have been in there.
_NAMED = ("KX101", "KX102", "KX103", "KX201")
_NAME = re.compile(r"[A-Za-z_][\w-]*")


def check_faulty(
    reading: Reading,
    check: Callable[[ast.Script], list[Diagnostic]],
    insight: Insight,
    *,
    prompt: bool = False,
) -> list[Diagnostic]:
    """Return the faults of a text that was read, and of `check`'s findings those that stand
    by themselves; all with places of the text. At the `prompt`, what is not complete may
    become so."""
    source = reading.patched.original
    insight.place = reading.patched.span
    faults = [from_error(fault) for fault in reading.faults if not (prompt and _at_end(fault))]
    others = check(reading.script) if reading.statements else []
    kept = [_placed(item, reading) for item in others if _stands_alone(item, reading)]
    places = {(item.code, item.span and item.span.start) for item in faults}
    kept = [item for item in kept if (item.code, item.span and item.span.start) not in places]
    return sorted(
        [*faults, *kept],
        key=lambda item: (
            item.span is not None and item.span.source is not source,
            item.span.start if item.span else 0,
        ),
    )


def _at_end(fault: ParseError) -> bool:
    """Tell whether it is only the end of the text that comes too early."""
    span = fault.span
    return fault.incomplete or (span is not None and span.start >= len(span.source.text.rstrip()))


def _stands_alone(finding: Diagnostic, reading: Reading) -> bool:
    """Tell whether a finding cannot be a mere consequence of a fault."""
    span = finding.span
    if span is None or span.source.name != reading.patched.original.name:
        return True
    if reading.patched.invented(span) or finding.code.startswith(_DEPENDENT):
        return False
    if finding.code == "KX012":
        return "kxs" not in reading.unread
    return not (finding.code in _NAMED and set(_NAME.findall(span.text)) & reading.unread)


def _placed(finding: Diagnostic, reading: Reading) -> Diagnostic:
    patched = reading.patched
    if finding.code == "KX012" and finding.fix is not None:
        return _first_line(finding, patched.original)
    return replace(
        finding,
        span=finding.span and patched.span(finding.span),
        related=patched.related(finding.related),
        fix=patched.fix(finding.fix),
    )


def _first_line(finding: Diagnostic, original: Source) -> Diagnostic:
    """The edition belongs above all there is, also above what was left out of the text."""
    assert finding.fix is not None
    edits = tuple(
        Edit(Span(original, edit.span.start, edit.span.start), edit.text)
        for edit in finding.fix.edits
    )
    start = len(original.text) - len(original.text.lstrip())
    return replace(
        finding, span=Span(original, start, start), fix=replace(finding.fix, edits=edits)
    )
