"""The checker's findings as an editor takes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from lsprotocol import types

from kxsh import resources
from kxsh.checker.codes import CODES
from kxsh.diagnostics import Diagnostic
from kxsh.lsp.analysis import Analysis
from kxsh.lsp.document import Document
from kxsh.source import Source, Span

# A source that is not the document's -> its address, or None where it has none.
Address = Callable[[Source], str | None]

_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
}
# Codes of what could as well not be there, which editors show faded; of what will go, struck.
_UNNECESSARY = frozenset(("KX102", "KX302"))
_DEPRECATED = frozenset(code for code, about in CODES.items() if "deprecated" in about.title)
_START = types.Range(types.Position(0, 0), types.Position(0, 0))


def as_diagnostics(
    analysis: Analysis, document: Document, address: Address
) -> list[types.Diagnostic]:
    """Return a document's findings; those in imported files stand at its beginning."""
    return [_as_diagnostic(finding, document, address) for finding in analysis.findings]


def _as_diagnostic(finding: Diagnostic, document: Document, address: Address) -> types.Diagnostic:
    span = finding.span
    own = span is None or span.source is document.source
    message = finding.message
    related = [*_related(finding, document, address)]
    if span is not None and not own:
        message = f"{span}: {message}"
        uri = address(span.source)
        if uri is not None:
            place = types.Location(uri, _foreign_range(span))
            related.insert(0, types.DiagnosticRelatedInformation(place, finding.message))
    if finding.label:
        message += f" ({finding.label})"
    if finding.help:
        message += f"\nhelp: {finding.help}"
    tags = [types.DiagnosticTag.Unnecessary] if finding.code in _UNNECESSARY else []
    tags += [types.DiagnosticTag.Deprecated] if finding.code in _DEPRECATED else []
    return types.Diagnostic(
        range=document.range(span) if span is not None and own else _START,
        message=message,
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        code_description=_description(finding.code),
        source="kxsh",
        tags=tags or None,
        related_information=related or None,
    )


def _related(
    finding: Diagnostic, document: Document, address: Address
) -> Iterator[types.DiagnosticRelatedInformation]:
    for other in finding.related:
        own = other.span.source is document.source
        uri = document.uri if own else address(other.span.source)
        if uri is not None:
            place = document.range(other.span) if own else _foreign_range(other.span)
            yield types.DiagnosticRelatedInformation(types.Location(uri, place), other.label)


def _foreign_range(span: Span) -> types.Range:
    document = Document("", span.source.name, 0, span.source.text)
    return document.range(span)


def _description(code: str) -> types.CodeDescription | None:
    """The page about the code, where the installation has it: a checkout."""
    page = os.path.join(resources.root(), "docs", "checks.md")
    if code not in CODES or not os.path.isfile(page):
        return None
    return types.CodeDescription(f"file://{page}#{code.lower()}")
