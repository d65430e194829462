"""A script's first lines: its edition, and what follows a failure."""

from __future__ import annotations

from kxsh.checker.report import Report
from kxsh.commands.control import EDITION, wrong_edition
from kxsh.errors import Edit, Fix
from kxsh.source import Span
from kxsh.syntax import ast

_FIRST = ("kxs", "on-failure")


def check_first_lines(report: Report, script: ast.Script) -> None:
    """`kxs N` comes first, then `on-failure`, then the rest."""
    first = script.statements[0] if script.statements else None
    if _name(first) != "kxs":
        start = first.span if first is not None else script.span
        text = start.source.text
        # A `#!` line is read by the system, which looks at the first two bytes.
        place = (text + "\n").find("\n") + 1 if text.startswith("#!") else 0
        written = f"kxs {EDITION}\n" if place <= len(text) else f"\nkxs {EDITION}\n"
        place = min(place, len(text))
        report.add(
            "KX012",
            "the first line does not name the language's edition",
            Span(start.source, start.start, start.start),
            f"write `kxs {EDITION}` above it",
            fix=Fix(
                f"write `kxs {EDITION}`",
                (Edit(Span(start.source, place, place), written),),
            ),
        )
    begun = False
    for place, statement in enumerate(script.statements):
        name = _name(statement)
        if name == "kxs":
            _check_edition(report, statement, place)
        elif name == "on-failure" and begun:
            report.add(
                "KX013",
                "failures above this line do not follow it",
                statement.span,
                "write `on-failure` among the first lines",
            )
        begun = begun or not (name in _FIRST or isinstance(statement, ast.Function | ast.Import))


def _name(statement: ast.Statement | None) -> str:
    return statement.call.name if isinstance(statement, ast.CallStatement) else ""


def _check_edition(report: Report, statement: ast.Statement, place: int) -> None:
    assert isinstance(statement, ast.CallStatement)
    words = statement.call.arguments
    value = words[0].value if words else None
    written = value.value if isinstance(value, ast.Literal) else None
    if isinstance(written, str) and written.isdecimal() and int(written) != EDITION:
        report.add_error(wrong_edition(int(written)), statement.span)
    elif place > 0:
        report.add("KX012", "`kxs` belongs on the first line", statement.span)
