"""Names that hide each other, and names that nothing uses."""

from __future__ import annotations

from kxsh.checker.report import Report
from kxsh.checker.scope import Scope
from kxsh.commands import COMMANDS
from kxsh.source import Span
from kxsh.syntax import ast


def check_hiding(report: Report, node: ast.Let, scope: Scope) -> None:
    """Warn of a `let` that hides a variable: mostly a `set` was meant."""
    hidden = scope.hidden_by(node.name)
    if hidden is None:
        return
    made = f"of line {hidden.span.line}" if hidden.span else "that kxsh sets"
    help = f"`set {node.name} = ...` changes it; for another value take another name"
    if hidden.span is None:
        help = f"`${node.name}` stays what it is: take another name"
    report.add("KX103", f"this hides the `${node.name}` {made}", node.name_span, help)


def check_function(report: Report, node: ast.Function, scope: Scope) -> None:
    """Warn of a function that hides a command or another function."""
    if node.name in scope.functions:
        line = scope.functions[node.name].node.name_span.line
        report.add("KX103", f"`{node.name}` is defined on line {line} already", node.name_span)
    elif node.name in COMMANDS:
        report.add("KX103", f"this hides the command `{node.name}`", node.name_span)


def is_glued_text(node: ast.Set, scope: Scope) -> bool:
    """Tell whether a value is a text as other languages write it, `set lang=en_US`: it would
    be a call of what does not exist, or exists elsewhere."""
    value = node.value
    if not isinstance(value, ast.Call) or value.arguments or value.name in COMMANDS:
        return False
    before = node.span.source.text[value.span.start - 1 : value.span.start]
    return before == "=" and scope.function_named(value.name) is None


def report_unused(report: Report, scope: Scope, *, exported: bool = False) -> None:
    """Warn of what a scope made and nothing used; what is `exported` may be used outside."""
    for name, variable in scope.variables.items():
        if variable.watched and not variable.used and variable.span and not exported:
            _unused(report, f"`${name}`", name, variable.span)
    for name, function in scope.functions.items():
        if not function.used and not exported:
            _unused(report, f"the function `{name}`", name, function.node.name_span)
    for name, module in scope.modules.items():
        if not module.used:
            _unused(report, f"the import `{name}`", name, module.span)


def _unused(report: Report, what: str, name: str, span: Span) -> None:
    if not name.startswith("_"):
        report.add("KX102", f"{what} is never used", span, f"remove it, or name it `_{name}`")
