"""The way in: a script to its findings along the paths."""

from __future__ import annotations

from kxsh.checker.flow import kernel
from kxsh.checker.flow.program import Program, TooMuch
from kxsh.checker.report import Report
from kxsh.checker.resolved import Resolved
from kxsh.syntax import ast


def check_flow(report: Report, script: ast.Script, resolved: Resolved) -> None:
    """Report what goes wrong on some way through a script.

    A script that has too many ways to be followed in reasonable time gets no such
    finding.
    """
    program = Program(script, resolved)
    try:
        program.run()
    except TooMuch:
        return
    for summary in (program.main, *program.summaries.values()):
        summary.evidence.report(report)
    kernel.report_replaced(report, program)
