"""`?`, `else` and results: KX206, KX207, KX311, KX315."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.checker.report import Report
from kxsh.checker.resolved import Called, Resolved
from kxsh.errors import Edit, Fix
from kxsh.source import Span
from kxsh.syntax import ast
from kxsh.values import NAMED

Handlers = Sequence[ast.BlockHandler | ast.CallHandler]

# Types of parameters whose words may name a device that is not there.
_SEARCHED = frozenset(("device", "path", "kernel", "spec"))
# Results that are shown, or that say nothing.
_SHOWN = frozenset(("null", "never", "plan"))


def check_handlers(report: Report, nodes: Sequence[ast.Node], resolved: Resolved) -> None:
    """Report, among a script's nodes, handlers that can do nothing, or that hide everything."""
    for node in nodes:
        if isinstance(node, ast.CallStatement):
            _handlers(report, resolved, node.call, node.handlers, node.block)
            _result(report, resolved, node)
        elif isinstance(node, ast.Handled):
            if isinstance(node.value, ast.Call):
                _handlers(report, resolved, node.value, node.handlers, None)
        elif isinstance(node, ast.Try):
            _empty(report, node.handler)
        elif isinstance(node, ast.Call):
            _optional(report, resolved, node)


def _handlers(
    report: Report,
    resolved: Resolved,
    call: ast.Call,
    handlers: Handlers,
    block: ast.Block | None,
) -> None:
    before = call
    for handler in handlers:
        if isinstance(handler, ast.BlockHandler):
            _empty(report, handler.body)
            _opened_for_nothing(report, resolved, handler.body)
            continue
        if handler.call == before:
            report.add(
                "KX315",
                "the fallback is the same call again, and fails as the first one did",
                handler.call.span,
                "fall back on something else; `retry 3 { ... }` tries again",
            )
        before = handler.call
    called = resolved.of(call)
    if handlers and block is None and called and called.command and not _can_fail(call, called):
        first = handlers[0].body if isinstance(handlers[0], ast.BlockHandler) else handlers[0].call
        report.add(
            "KX207",
            f"`{call.name}` never fails here, so this `else` never runs"
            if call.name != "kxs"
            else "nothing stands before this `else` that it could handle",
            _start(first.span),
            "remove it"
            if call.name != "kxs"
            else "an `else` stands after what it handles: `mount LABEL=X else { ... }`",
        )


def _can_fail(call: ast.Call, called: Called) -> bool:
    """Tell whether a call of a command can fail, or one of its arguments."""
    assert called.command is not None
    if called.command.raises or _searches(called) or (not called.bound and call.arguments):
        return True
    risky = (ast.Call, ast.Index, ast.Field)
    return any(isinstance(node, risky) for node in ast.walk(call) if node is not call)


def _searches(called: Called) -> bool:
    return any(bound.parameter.type.name in _SEARCHED for bound in called.bound.values())


def _empty(report: Report, block: ast.Block) -> None:
    """An empty handler; a comment in it is a reason."""
    if not block.statements and "#" not in block.span.text:
        report.add(
            "KX311",
            "this swallows every failure, whatever it is",
            block.span,
            "tell it with `warn`; `?` accepts a not-found alone; a comment in here says why",
        )


def _opened_for_nothing(report: Report, resolved: Resolved, block: ast.Block) -> None:
    """`else { mount LABEL=B }`: what the block opens, its end closes."""
    only = block.statements[0] if len(block.statements) == 1 else None
    if not isinstance(only, ast.CallStatement) or only.handlers or only.block is not None:
        return
    command = resolved.command_of(only.call)
    kept = any(item.name == "keep" for item in only.call.arguments)
    if command is None or kept or not {"mounts", "opens"} & set(command.effects):
        return
    report.add(
        "KX206",
        f"what this `{command.name}` gives ends with its block, and the block gives null",
        only.call.span,
        f"without braces its result is taken: `else {only.call.span.text}`",
        fix=Fix("take the braces away", (Edit(block.span, only.call.span.text),), safe=False),
    )


def _optional(report: Report, resolved: Resolved, call: ast.Call) -> None:
    called = resolved.of(call)
    if called is None or called.command is None:
        return
    command = called.command
    if not call.optional:
        _glued(report, call, called)
    elif "not-found" not in command.raises and not _searches(called):
        can = f"it can fail with: {', '.join(command.raises)}" if command.raises else ""
        report.add(
            "KX207",
            f"`{call.name}` never fails with not-found, so `?` does nothing",
            Span(call.span.source, call.span.end - 1, call.span.end),
            f"remove it\n{can}" if can else "remove it",
        )


def _glued(report: Report, call: ast.Call, called: Called) -> None:
    """`findfs LABEL=X?`: the `?` is a part of the word."""
    last = call.arguments[-1] if call.arguments else None
    if last is None or last.kind != "word" or last.value is None:
        return
    if isinstance(last.value, ast.Call):  # `(findfs LABEL=X ?)`: the inner call's own sign
        return
    text = last.value.span.text
    if len(text) < 2 or not text.endswith("?") or text.endswith(("}?", "??")):
        return
    for bound in called.bound.values():
        parameter = bound.parameter
        if any(getattr(item.value, "node", None) is last.value for item in bound.items):
            if parameter.type.name in ("text", "url", "any") or parameter.name == "pattern":
                return
            break
    else:
        return
    assert called.command is not None
    if "not-found" in called.command.raises:
        end = last.value.span.end
        mark = Span(last.value.span.source, end - 1, end)
        report.add(
            "KX207",
            "this `?` belongs to the word before it",
            mark,
            "a blank before it makes it the sign for `null if not found`",
            fix=Fix("put a blank before the `?`", (Edit(mark, " ?"),)),
        )


def _result(report: Report, resolved: Resolved, node: ast.CallStatement) -> None:
    """A command that only finds something out, whose result nobody gets."""
    called = resolved.of(node.call)
    command = called.command if called else None
    if command is None or node.handlers or node.block is not None or command.name == "run":
        return
    returns = command.signature.returns
    if returns.name in _SHOWN or set(command.effects) - {"reads"}:
        return
    what = f"a {returns.solid()}" if returns.name in NAMED and returns.name != "any" else "a value"
    wait = "; `wait` waits for a device" if returns.name == "device" else ""
    report.add(
        "KX206",
        f"`{command.name}` gives {what}, and nothing takes it",
        node.call.span,
        f"`let x = {command.name} ...` keeps it{wait}",
    )


def _start(span: Span) -> Span:
    line, newline, _ = span.text.partition("\n")
    return Span(span.source, span.start, span.start + len(line)) if newline else span
