"""The way in: a source or a tree to its findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from kxsh.checker import edition, names
from kxsh.checker.allow import settle
from kxsh.checker.characters import check_characters
from kxsh.checker.faulty import check_faulty
from kxsh.checker.flow.check import check_flow
from kxsh.checker.foreign import check_foreign, without_consequences
from kxsh.checker.handlers import check_handlers
from kxsh.checker.insight import Insight
from kxsh.checker.report import Report
from kxsh.checker.resolved import only_makes_names
from kxsh.checker.scope import Scope, Variable
from kxsh.checker.walk import FindImport, Walker
from kxsh.diagnostics import Diagnostic
from kxsh.errors import ParseError
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_line, parse_script
from kxsh.values import Type

if TYPE_CHECKING:
    from kxsh.checker.facts import Facts

# Each walk widens at least one variable that the walk before took for narrower.
_WALKS = 20


def check_source(
    source: Source,
    *,
    find_import: FindImport | None = None,
    prompt: bool = False,
    variables: Mapping[str, Type] | None = None,
    facts: Facts | None = None,
    insight: Insight | None = None,
) -> list[Diagnostic]:
    """Return the findings of a script in the order of its text; it never raises.

    `find_import` as the interpreter's (None: imports are taken as they come). At the
    `prompt` nothing is unused and no edition missing, and `variables` are there already.
    `facts` are what is known of the world; without, what asks for them is silent.
    `insight` takes what was seen on the way.
    """
    insight = insight or Insight()

    def check(script: ast.Script) -> list[Diagnostic]:
        return check_script(
            script,
            find_import=find_import,
            prompt=prompt,
            variables=variables,
            facts=facts,
            insight=insight,
        )

    try:
        script = parse_line(source) if prompt else parse_script(source)
    except ParseError:
        found, complete = check_faulty(source, prompt, check, insight), False
    else:
        found, complete = check(script), True
    return found if prompt else settle(found, source, complete=complete, has_facts=bool(facts))


def check_script(
    script: ast.Script,
    *,
    find_import: FindImport | None = None,
    prompt: bool = False,
    variables: Mapping[str, Type] | None = None,
    facts: Facts | None = None,
    insight: Insight | None = None,
) -> list[Diagnostic]:
    """Return the findings of a script that was parsed; see `check_source`."""
    insight = insight or Insight()
    insight.script = script
    try:
        return _findings(script, find_import, prompt, variables or {}, facts, insight)
    except RecursionError:
        place = Span(script.span.source, 0, 0)
        return [Diagnostic("KX000", "error", "an expression is nested too deeply", place)]


def _findings(
    script: ast.Script,
    find_import: FindImport | None,
    prompt: bool,
    variables: Mapping[str, Type],
    facts: Facts | None,
    insight: Insight,
) -> list[Diagnostic]:
    widened: set[tuple[str, int]] = set()
    for _ in range(_WALKS):
        report = Report()
        walker = Walker(report, widened, find_import, prompt=prompt, facts=facts)
        _walk(walker, script, prompt, variables)
        if not walker.changed:
            break
    insight.resolved = walker.resolved
    check_characters(report, script.span.source)
    check_foreign(report, script)
    if not prompt:
        check_flow(report, script, walker.resolved)
        check_handlers(report, script, walker.resolved)
        edition.check_first_lines(report, script)
    return without_consequences(report.findings())


def _walk(walker: Walker, script: ast.Script, prompt: bool, variables: Mapping[str, Type]) -> None:
    scope = Scope(walker.globals)
    for name, kind in variables.items():
        walker.globals.variables[name] = Variable(name, kind, script.span)
    walker.statements(script.statements, scope)
    for over in walker.over:
        names.report_unused(walker.report, over)
    if not prompt:
        names.report_unused(walker.report, scope, exported=_is_library(script))


def _is_library(script: ast.Script) -> bool:
    """Tell whether a file only makes names, for others to import."""
    return only_makes_names(script) and any(
        isinstance(item, ast.Function) for item in script.statements
    )
