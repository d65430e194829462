"""KX302: statements that are never reached, told by the text alone.

A flag that is set to false at the top of a script is no reason to call what it guards
unreachable; so values play no part here.
"""

from __future__ import annotations

from kxsh.checker.flow.leaving import stays
from kxsh.checker.flow.state import quoted
from kxsh.checker.report import Report
from kxsh.errors import Related
from kxsh.source import Span
from kxsh.syntax import ast

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.flow.program import Program


class Reach:
    """Which statements never come to their end."""

    def __init__(self, program: Program) -> None:
        self._resolved = program.resolved
        self._comes_back: dict[int, bool] = {}
        for summary in program.summaries.values():
            function = id(summary.function)
            comes_back = bool(summary.exits) or self._comes_back.get(function, False)
            self._comes_back[function] = comes_back
        self._known: dict[int, bool] = {}

    def leaves(self, statement: ast.Statement) -> bool:
        """Tell whether what follows a statement is never reached by way of it."""
        found = self._known.get(id(statement))
        if found is None:
            found = self._known[id(statement)] = self._leaves(statement)
        return found

    def _leaves(self, statement: ast.Statement) -> bool:
        match statement:
            case ast.Return() | ast.Break() | ast.Continue():
                return True
            case ast.CallStatement():
                return self.never_returns(statement.call) and all(
                    self._handler(handler) for handler in statement.handlers
                )
            case ast.If():
                blocks = [body for _, body in statement.branches]
                return statement.otherwise is not None and all(
                    self._block(body) for body in (*blocks, statement.otherwise)
                )
            case ast.Match():
                return any(arm.patterns is None for arm in statement.arms) and all(
                    self._block(arm.body) for arm in statement.arms
                )
            case ast.Try():
                return self._block(statement.body) and self._block(statement.handler)
            case ast.While():
                return is_always(statement.condition) and not breaks(statement.body)
            case _:
                return False

    def _block(self, block: ast.Block) -> bool:
        return any(self.leaves(statement) for statement in block.statements)

    def _handler(self, handler: ast.BlockHandler | ast.CallHandler) -> bool:
        if isinstance(handler, ast.BlockHandler):
            return self._block(handler.body)
        return self.never_returns(handler.call)

    def never_returns(self, call: ast.Call) -> bool:
        """Tell whether a call does not come back, but by failing."""
        called = self._resolved.of(call)
        if called is None or stays(call) or call.optional:
            return False
        if called.command is not None:
            return called.command.signature.returns.name == "never"
        function = called.function
        if function is None:
            return False
        never = function.signature.returns.name == "never"
        return never or not self._comes_back.get(id(function.node), True)


def is_always(condition: ast.Condition) -> bool:
    return isinstance(condition, ast.Literal) and condition.value is True


def breaks(body: ast.Block) -> bool:
    """Tell whether a `break` in a loop's body leaves that loop."""
    waiting: list[ast.Node] = [body]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Break):
            return True
        if not isinstance(node, ast.For | ast.While | ast.Function):
            waiting += node.children()
    return False


def check_reach(report: Report, program: Program) -> None:
    """Report the first statement of each block that nothing leads to."""
    reach = Reach(program)
    for node in program.nodes:
        if isinstance(node, ast.Block | ast.Script):
            _check(report, reach, node.statements)


def _check(report: Report, reach: Reach, statements: tuple[ast.Statement, ...]) -> None:
    for place, statement in enumerate(statements):
        if not reach.leaves(statement):
            continue
        rest = [item for item in statements[place + 1 :] if not isinstance(item, ast.Function)]
        if rest:
            report.add(
                "KX302",
                f"this is never reached: {quoted(statement.span)} does not come to an end",
                _first_line(rest[0].span),
                "remove it; what shall run when a command fails stands in its `else`",
                related=[Related(_first_line(statement.span), "nothing goes on from here")],
            )
        return


def _first_line(span: Span) -> Span:
    line, newline, _ = span.text.partition("\n")
    return Span(span.source, span.start, span.start + len(line)) if newline else span
