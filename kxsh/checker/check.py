"""The way in: a source or a tree to its findings."""

from __future__ import annotations

from contextlib import suppress

from kxsh.checker import edition, names
from kxsh.checker.characters import check_characters
from kxsh.checker.flow.check import check_flow
from kxsh.checker.foreign import check_foreign, with_menus, without_consequences
from kxsh.checker.handlers import check_handlers
from kxsh.checker.insight import Insight
from kxsh.checker.report import Full, Report
from kxsh.checker.resolved import only_makes_names
from kxsh.checker.scope import FunctionName, Known, ModuleName, Scope, Variable
from kxsh.checker.walk import FindImport, Walker
from kxsh.diagnostics import Diagnostic
from kxsh.errors import UsageError
from kxsh.signature import signature_of
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.syntax.salvage import read

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.facts import Facts

# What every comment that allows a finding has in it; kxsh.checker.allow reads them.
ALLOWING = ("kxs:", "KXS:")
# Each walk widens at least one variable that the walk before took for narrower; in the last
# one any variable may hold anything, so that nothing is told that is not so.
_WALKS = 5


def check_source(
    source: Source,
    *,
    find_import: FindImport | None = None,
    prompt: bool = False,
    known: Known | None = None,
    facts: Facts | None = None,
    insight: Insight | None = None,
) -> list[Diagnostic]:
    """Return the findings of a script in the order of its text; it never raises.

    `find_import` as the interpreter's (None: imports are taken as they come). At the
    `prompt` nothing is unused and no edition missing, what is `known` is there already, and
    a text that more lines could complete lacks nothing.
    `facts` are what is known of the world; without, what asks for them is silent.
    `insight` takes what was seen on the way.
    """
    insight = insight or Insight()

    def check(script: ast.Script) -> list[Diagnostic]:
        return check_script(
            script,
            find_import=find_import,
            prompt=prompt,
            known=known,
            facts=facts,
            insight=insight,
        )

    reading = read(source, prompt=prompt)
    complete = not reading.faults
    if complete:
        found = check(reading.script)
    else:
        from kxsh.checker.faulty import check_faulty

        found = check_faulty(reading, check, insight, prompt=prompt)
    found = with_menus(found, source)
    sources = {source, *(item.span.source for item in found if item.span)}
    if prompt or not any(mark in one.text for one in sources for mark in ALLOWING):
        return found
    from kxsh.checker.allow import settle

    return settle(found, source, complete=complete, has_facts=bool(facts))


def check_script(
    script: ast.Script,
    *,
    find_import: FindImport | None = None,
    prompt: bool = False,
    known: Known | None = None,
    facts: Facts | None = None,
    insight: Insight | None = None,
) -> list[Diagnostic]:
    """Return the findings of a script that was parsed; see `check_source`."""
    insight = insight or Insight()
    insight.script = script
    try:
        return _findings(script, find_import, prompt, known or Known(), facts, insight)
    except RecursionError:
        place = Span(script.span.source, 0, 0)
        return [Diagnostic("KX000", "error", "an expression is nested too deeply", place)]


def _findings(
    script: ast.Script,
    find_import: FindImport | None,
    prompt: bool,
    known: Known,
    facts: Facts | None,
    insight: Insight,
) -> list[Diagnostic]:
    report = Report()
    try:
        _check_all(report, script, find_import, prompt, known, facts, insight)
    except Full:
        report.note_full(script.span.source)
    return without_consequences(report.findings())


def _check_all(
    report: Report,
    script: ast.Script,
    find_import: FindImport | None,
    prompt: bool,
    known: Known,
    facts: Facts | None,
    insight: Insight,
) -> None:
    widened: set[tuple[str, int]] = set()
    for turn in range(_WALKS):
        report.clear()
        if turn == _WALKS - 1:
            widened = _Everything()
        walker = Walker(report, widened, find_import, prompt=prompt, facts=facts)
        _walk(walker, script, prompt, known)
        if not walker.changed:
            break
    insight.resolved = walker.resolved
    check_characters(report, script.span.source)
    nodes = list(ast.walk(script))
    check_foreign(report, script, nodes)
    if not prompt:
        check_flow(report, script, nodes, walker.resolved)
        check_handlers(report, nodes, walker.resolved)
        edition.check_first_lines(report, script)


class _Everything(set[tuple[str, int]]):
    """All variables there may be."""

    def __contains__(self, _: object) -> bool:
        return True


def _walk(walker: Walker, script: ast.Script, prompt: bool, known: Known) -> None:
    around = walker.globals
    around.variables |= {
        name: Variable(name, kind, script.span) for name, kind in known.variables.items()
    }
    for name, node in known.functions.items():
        with suppress(UsageError):  # a header that cannot be: told when it was made
            around.functions[name] = FunctionName(node, signature_of(node))
    around.modules |= {name: ModuleName(None, script.span) for name in known.modules}
    scope = Scope(around, function=prompt)  # there, a name may be made again
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
