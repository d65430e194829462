"""What can be done about findings: fixes, one for all that are safe, a comment that allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lsprotocol import types

from kxsh.checker.allow import MARK, can_be_allowed, read_comments
from kxsh.checker.fixes import apply_fixes, fixed_together
from kxsh.diagnostics import Diagnostic
from kxsh.errors import Edit, Fix
from kxsh.lsp.analysis import Analysis
from kxsh.lsp.document import Document
from kxsh.source import Span

_FIX, _FIX_ALL = types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll


def actions(
    analysis: Analysis, document: Document, params: types.CodeActionParams
) -> Iterator[types.CodeAction]:
    """Yield what can be done about the findings in a range, and about all.

    Fixes that bring others to light are looked for only where fixing all is wanted by
    name, for an editor asks for whatever there is at every move of the cursor.
    """
    wanted = params.context.only
    if _asked(wanted, _FIX):
        found = list(_within(analysis, document, params.range))
        for cure in (_fixed, _allowed):
            for finding in found:
                yield from cure(finding, document, _shown(finding, document, params))
    if _asked(wanted, _FIX_ALL):
        edits = _all_edits(analysis) if not wanted else _all_rounds(analysis)
        if edits:
            title = "Fix all that kxsh can fix safely"
            yield types.CodeAction(title, kind=_FIX_ALL, edit=_workspace_edit(document, edits))


def _asked(wanted: Sequence[types.CodeActionKind | str] | None, kind: types.CodeActionKind) -> bool:
    """Tell whether a kind of action is wanted; ``source`` stands for ``source.fixAll`` too."""
    return not wanted or any(f"{kind.value}.".startswith(f"{_name(only)}.") for only in wanted)


def _name(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind


def _shown(
    finding: Diagnostic, document: Document, params: types.CodeActionParams
) -> types.Diagnostic | None:
    """Return a finding as the editor shows it."""
    place = document.range(finding.span) if finding.span else None
    for item in params.context.diagnostics:
        if item.code == finding.code and item.range == place:
            return item
    return None


def _within(analysis: Analysis, document: Document, place: types.Range) -> Iterator[Diagnostic]:
    first, last = document.offset(place.start), document.offset(place.end)
    for finding in analysis.findings:
        span = finding.span
        here = span is not None and span.source is document.source
        if span is not None and here and span.start <= last and first <= span.end:
            yield finding


# -- fixes


def _fixed(
    finding: Diagnostic, document: Document, shown: types.Diagnostic | None
) -> Iterator[types.CodeAction]:
    fix = finding.fix
    if fix is not None and all(edit.span.source is document.source for edit in fix.edits):
        yield types.CodeAction(
            _title(fix),
            kind=_FIX,
            diagnostics=[shown] if shown else None,
            is_preferred=fix.safe,
            edit=_workspace_edit(document, fix.edits),
        )


def _title(fix: Fix) -> str:
    title = fix.title[:1].upper() + fix.title[1:]
    return title if fix.safe else f"{title} (look at the result)"


def _all_edits(analysis: Analysis) -> list[Edit]:
    """Return the edits of the safe fixes that do not meet each other."""
    found = fixed_together(analysis.source, analysis.findings, False)
    return [edit for item in found if item.fix for edit in item.fix.edits]


def _all_rounds(analysis: Analysis) -> list[Edit]:
    """Return what `kxsh --check --fix` would change, as one edit."""
    source = analysis.source
    text = apply_fixes(source, analysis.check).source.text
    return [] if text == source.text else [Edit(Span(source, 0, len(source.text)), text)]


# -- comments


def _allowed(
    finding: Diagnostic, document: Document, shown: types.Diagnostic | None
) -> Iterator[types.CodeAction]:
    if finding.span is None or not can_be_allowed(finding.code):
        return
    yield types.CodeAction(
        f"Allow {finding.code} on this line (write the reason)",
        kind=_FIX,
        diagnostics=[shown] if shown else None,
        edit=_workspace_edit(document, [_comment(finding.code, finding.span)]),
    )


def _comment(code: str, span: Span) -> Edit:
    """Return the edit that lets a finding stand: another code in the comment that is there
    for its line, or a comment at the line's end; on a line above where that has one."""
    source, number = span.source, span.line
    for comment in read_comments(source):
        if comment.line == number and comment.codes:
            end = list(comment.codes.values())[-1].end
            return Edit(Span(source, end, end), f",{code}")
    text = source.text
    start = text.rfind("\n", 0, span.start) + 1
    end = text.find("\n", span.start)
    end = len(text) if end < 0 else end
    line = text[start:end]
    words = f"# {MARK} {code} (the reason)"
    if "#" not in line and not line.rstrip().endswith("\\"):
        return Edit(Span(source, start + len(line.rstrip()), end), f"  {words}")
    indent = line[: len(line) - len(line.lstrip())]
    return Edit(Span(source, start, start), f"{indent}{words}\n")


def _workspace_edit(document: Document, edits: Sequence[Edit]) -> types.WorkspaceEdit:
    changes = [
        types.TextEdit(document.range(edit.span), document.as_written(edit.text)) for edit in edits
    ]
    return types.WorkspaceEdit(changes={document.uri: changes})
