"""KX110, KX315: functions that call themselves without an end, also when they fail."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.checker.flow.state import quoted
from kxsh.checker.report import Report
from kxsh.source import Span
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.program import Program, Summary


def check_recursion(report: Report, program: Program) -> None:
    """Report functions that never come to an end because they call themselves."""
    for summary in program.summaries.values():
        if summary.exits or summary.ends or summary.function is None:
            continue
        for called, span in summary.calls.values():
            if _leads_to(called, summary):
                report.add(
                    "KX110",
                    f"`{summary.function.name}` calls itself on every path, without an end",
                    span,
                    "return before this call where there is nothing left to do",
                )
                break
    _check_fallbacks(report, program)


def _leads_to(start: Summary, goal: Summary) -> bool:
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        summary = waiting.pop()
        if summary is goal:
            return True
        if id(summary) not in seen:
            seen.add(id(summary))
            waiting += [called for called, _ in summary.calls.values()]
    return False


# -- fallbacks


def _check_fallbacks(report: Report, program: Program) -> None:
    """Follow from function to function what is called where something failed."""
    places = {id(function): place for place, function in enumerate(program.functions)}
    edges: dict[int, list[tuple[int, Span]]] = {}
    for place, function in enumerate(program.functions):
        if not _chooses(function):
            edges[place] = [
                (places.get(id(called.function.node), -1), call.span)
                for call in _fallbacks(function)
                if (called := program.resolved.of(call)) is not None and called.function
            ]
    for start, followed in edges.items():
        for target, span in followed:
            if target == start or (target < start and _reaches(edges, target, start)):
                report.add(
                    "KX315",
                    f"the fallback {quoted(span)} leads back to where it is needed",
                    span,
                    "end the chain: `else { recovery }`",
                )


def _chooses(function: ast.Function) -> bool:
    """Tell whether a function may do something else when it is called again."""
    kinds = (ast.If, ast.Match, ast.While)
    return any(isinstance(node, kinds) for node in ast.walk(function.body))


def _fallbacks(function: ast.Function) -> Iterator[ast.Call]:
    """Yield the calls that a function surely makes when something in it fails."""
    for node in ast.walk(function.body):
        if isinstance(node, ast.CallHandler):
            yield node.call
        elif isinstance(node, ast.BlockHandler):
            for statement in node.body.statements:
                if isinstance(statement, ast.Return | ast.Break | ast.Continue):
                    break
                if isinstance(statement, ast.CallStatement):
                    yield statement.call


def _reaches(edges: dict[int, list[tuple[int, Span]]], start: int, goal: int) -> bool:
    seen: set[int] = set()
    waiting = [start]
    while waiting:
        place = waiting.pop()
        if place == goal:
            return True
        if place not in seen:
            seen.add(place)
            waiting += [target for target, _ in edges.get(place, ())]
    return False
