"""Findings as SARIF 2.1.0 (OASIS), for code scanning and editors."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from kxsh import __version__
from kxsh.checker.codes import CODES
from kxsh.checker.codes.code import Code
from kxsh.diagnostics import Diagnostic
from kxsh.errors import Edit, Fix, Related
from kxsh.source import Span

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
Json = dict[str, object]


def sarif_log(findings: Sequence[Diagnostic]) -> Json:
    """Return one run of the checker; its rules are the codes that were found."""
    codes = sorted({item.code for item in findings})
    driver = {
        "name": "kxsh",
        "version": __version__,
        "semanticVersion": __version__,
        "rules": [_rule(CODES.get(code) or Code(code, "error", "error")) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(item, codes.index(item.code)) for item in findings],
    }
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: Code) -> Json:
    """A rule is a code's record (section 3.49)."""
    parts = [code.text.strip()] if code.text else [code.title]
    markdown = list(parts)
    for heading, script in (("Found in:", code.bad), ("Better:", code.good)):
        if script:
            lines = [f"    {line}".rstrip() for line in script.rstrip("\n").split("\n")]
            parts += [heading + "\n\n" + "\n".join(lines)]
            markdown += [heading + "\n\n```\n" + script.rstrip("\n") + "\n```"]
    return {
        "id": code.code,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": " ".join((code.text or code.title).split())},
        "help": {"text": "\n\n".join(parts), "markdown": "\n\n".join(markdown)},
        "defaultConfiguration": {"level": code.severity},
    }


def _result(item: Diagnostic, index: int) -> Json:
    message = f"{item.message}\n{item.help}" if item.help else item.message
    result: Json = {
        "ruleId": item.code,
        "ruleIndex": index,
        "level": item.severity,
        "message": {"text": message},
    }
    if item.span is not None:
        result["locations"] = [{"physicalLocation": _place(item.span)}]
    if item.related:
        result["relatedLocations"] = [
            _related(place, number) for number, place in enumerate(item.related, 1)
        ]
    if item.fix is not None:
        result["fixes"] = [_fix(item.fix)]
    return result


def _related(place: Related, number: int) -> Json:
    return {
        "id": number,
        "message": {"text": place.label or "see here"},
        "physicalLocation": _place(place.span),
    }


def _fix(fix: Fix) -> Json:
    """Safe and unsafe fixes: a viewer shows the description before it applies one."""
    by_file: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        by_file.setdefault(edit.span.source.name, []).append(edit)
    return {
        "description": {"text": fix.title if fix.safe else f"{fix.title} (unsafe)"},
        "artifactChanges": [
            {
                "artifactLocation": {"uri": _uri(name)},
                "replacements": [
                    {
                        "deletedRegion": _region(edit.span),
                        "insertedContent": {"text": edit.text},
                    }
                    for edit in edits
                ],
            }
            for name, edits in by_file.items()
        ],
    }


def _place(span: Span) -> Json:
    return {"artifactLocation": {"uri": _uri(span.source.name)}, "region": _region(span)}


def _region(span: Span) -> Json:
    """Lines and columns from 1; `endColumn` is the one after the last (section 3.30)."""
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _uri(name: str) -> str:
    """Return a path as a URI reference: relative as it was given, absolute as file:."""
    path = quote(name.encode("utf-8", "surrogateescape"))
    return f"file://{path}" if name.startswith("/") else path
