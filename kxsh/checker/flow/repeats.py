"""KX309, KX310: loops that never pause, and tries that always end the same way."""

from __future__ import annotations

from kxsh.checker.flow.calls import can_fail
from kxsh.checker.flow.reach import breaks, is_always
from kxsh.checker.report import Report
from kxsh.source import Span
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.program import Program
    from kxsh.checker.resolved import Called


def check_repeats(report: Report, program: Program) -> None:
    """Report the loops and retries of a script that cannot do what they are for."""
    for node in program.nodes:
        if isinstance(node, ast.While):
            _while(report, program, node)
        elif isinstance(node, ast.CallStatement) and node.call.name == "retry":
            called = program.resolved.of(node.call)
            if called is not None and called.command is not None and node.block is not None:
                _retry(report, program, node, called)


# -- endless loops


def _while(report: Report, program: Program, node: ast.While) -> None:
    if not is_always(node.condition) and not _never_changes(node):
        return
    if breaks(node.body) or _is_left(program, node.body, set()):
        return
    why = "" if is_always(node.condition) else " (its condition never changes)"
    report.add(
        "KX309",
        f"this loop never ends and never pauses{why}",
        Span(node.span.source, node.span.start, node.body.span.start),
        "leave it with `break`, or pause in each turn: `sleep 1s`, `wait`",
    )


def _never_changes(node: ast.While) -> bool:
    """Tell whether a condition reads variables only, and its loop sets none of them."""
    names = set()
    for part in ast.walk(node.condition):
        if isinstance(part, ast.Call | ast.Handled | ast.LetCondition | ast.Index):
            return False
        if isinstance(part, ast.Variable):
            names.add(part.name)
    if not names:
        return False
    return not any(
        isinstance(part, ast.Call) or (isinstance(part, ast.Set) and part.name in names)
        for part in ast.walk(node.body)
        if not isinstance(part, ast.Call) or not _is_plain(part)
    )


def _is_plain(node: ast.Call) -> bool:
    """Tell whether a call surely sets no variable of the script."""
    return node.name in ("say", "warn")


def _is_left(program: Program, body: ast.Block, seen: set[int]) -> bool:
    """Tell whether a turn may wait for something, or end the loop."""
    for node in ast.walk(body):
        if isinstance(node, ast.Return):
            return True
        if not isinstance(node, ast.Call):
            continue
        called = program.resolved.of(node)
        if called is None or called.command is None:
            function = called.function.node if called and called.function else None
            if function is None or id(function) in seen:
                return True
            if _is_left(program, function.body, seen | {id(function)}):
                return True
        elif _pauses(called):
            return True
    return False


def _pauses(called: Called) -> bool:
    command = called.command
    assert command is not None
    if command.signature.returns.name == "never" or command.name in ("run", "menu"):
        return True
    return "block" in command.effects or any(
        parameter.type.name == "duration" for parameter in command.signature.parameters
    )


# -- retry


def _retry(report: Report, program: Program, node: ast.CallStatement, called: Called) -> None:
    assert node.block is not None
    times = called.bound.get("times")
    number = getattr(times.items[0].value, "node", None) if times else None
    if isinstance(number, ast.Literal) and str(number.value) == "1":
        message = "one try is no second try"
        help = "write how often to try in all: `retry 3 { ... }`"
    elif _always_fails(program, node.block):
        message = "every try ends in `fail`"
        help = "`fail` in a branch; or leave with `return` where it has worked"
    elif not _may_fail(program, node.block):
        message = "nothing in this block can fail, so nothing is tried again"
        help = "`retry` is for commands that may work a moment later"
    else:
        return
    report.add("KX310", message, Span(node.span.source, node.span.start, node.call.span.end), help)


def _may_fail(program: Program, block: ast.Block) -> bool:
    for node in ast.walk(block):
        if isinstance(node, ast.Index | ast.Field):
            return True
        if isinstance(node, ast.Call):
            called = program.resolved.of(node)
            if called is None or called.command is None or can_fail(called.command):
                return True
    return False


def _always_fails(program: Program, block: ast.Block) -> bool:
    """Tell whether a block comes to a `fail`, whatever happens before."""
    last = block.statements[-1] if block.statements else None
    if not isinstance(last, ast.CallStatement) or last.call.name != "fail" or last.handlers:
        return False
    for node in ast.walk(block):
        if isinstance(node, ast.Return | ast.Break | ast.Continue):
            return False
        if isinstance(node, ast.Call) and node is not last.call:
            called = program.resolved.of(node)
            if called is None or called.command is None:
                return False
            if called.command.signature.returns.name == "never":
                return False
    return True
