"""Findings as GitHub's workflow commands, which annotate the lines of a change."""

from __future__ import annotations

from kxsh.diagnostics import Diagnostic
from kxsh.text import display


def annotation(item: Diagnostic) -> str:
    """Return the one line that GitHub Actions reads."""
    properties = {"title": f"kxsh {item.code}"}
    span = item.span
    if span is not None:
        properties |= {"file": span.source.name, "line": str(span.line)}
        properties["endLine"] = str(span.end_line)
        if span.end_line == span.line:  # columns count within one line only
            properties |= {
                "col": str(span.column),
                "endColumn": str(max(span.column, span.end_column)),
            }
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    lines = [item.message, *item.help.splitlines()]
    lines += [f"{place.span}: {place.label}" for place in item.related]
    return f"::{item.severity} {listed}::{_data(chr(10).join(display(line) for line in lines))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
