"""The way in: a script to its findings along the paths."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.checker.flow import kernel, opened
from kxsh.checker.flow.evidence import Evidence
from kxsh.checker.flow.program import Program, TooMuch
from kxsh.checker.flow.reach import check_reach
from kxsh.checker.flow.recursion import check_recursion
from kxsh.checker.flow.repeats import check_repeats
from kxsh.checker.report import Report
from kxsh.checker.resolved import Resolved
from kxsh.syntax import ast


def check_flow(
    report: Report, script: ast.Script, nodes: Sequence[ast.Node], resolved: Resolved
) -> None:
    """Report what goes wrong on some way through a script, which has these nodes.

    A script that has too many ways to be followed in reasonable time, or is nested too
    deeply for that, gets no such finding.
    """
    program = Program(script, nodes, resolved)
    check_repeats(report, program)
    try:
        program.run()
    except (TooMuch, RecursionError):
        return
    program.main.evidence.report(report)
    functions: dict[int, Evidence] = {}
    for summary in program.summaries.values():
        functions.setdefault(id(summary.function), Evidence()).absorb(summary.evidence)
    for evidence in functions.values():
        evidence.report(report)
    kernel.report_replaced(report, program)
    opened.report_unused(report, program)
    check_reach(report, program)
    check_recursion(report, program)
