"""Whether the end of a block can be reached at all."""

from __future__ import annotations

from kxsh.checker.scope import FunctionName, Scope
from kxsh.commands import COMMANDS
from kxsh.syntax import ast


def leaves(block: ast.Block, scope: Scope) -> bool:
    """Tell whether a block never comes to its end: it jumps, returns or fails."""
    return any(_statement_leaves(statement, scope) for statement in block.statements)


def _statement_leaves(statement: ast.Statement, scope: Scope) -> bool:
    match statement:
        case ast.Return() | ast.Break() | ast.Continue():
            return True
        case ast.CallStatement():
            return call_leaves(statement.call, scope) and all(
                handler_leaves(handler, scope) for handler in statement.handlers
            )
        case ast.If():
            return statement.otherwise is not None and all(
                leaves(body, scope)
                for body in (*(body for _, body in statement.branches), statement.otherwise)
            )
        case ast.Match():
            return any(arm.patterns is None for arm in statement.arms) and all(
                leaves(arm.body, scope) for arm in statement.arms
            )
        case ast.Try():
            return leaves(statement.body, scope) and leaves(statement.handler, scope)
        case ast.While():
            return _endless(statement)
        case _:
            return False


def handler_leaves(handler: ast.BlockHandler | ast.CallHandler, scope: Scope) -> bool:
    """Tell whether an `else` never gives a value."""
    if isinstance(handler, ast.BlockHandler):
        return leaves(handler.body, scope)
    return call_leaves(handler.call, scope)


def call_leaves(call: ast.Call, scope: Scope) -> bool:
    """Tell whether a call does not come back: its result's type is never, or its body has
    no end that can be reached."""
    if stays(call):
        return False
    function = scope.function_named(call.name)
    if function is not None:
        return function.signature.returns.name == "never" or _never_ends(function, scope)
    command = COMMANDS.get(call.name)
    return command is not None and command.signature.returns.name == "never"


def _never_ends(function: FunctionName, scope: Scope) -> bool:
    """Tell whether a function's body neither returns nor ends. One that calls itself ends
    where its other paths do."""
    if function.leaves is None:
        function.leaves = True
        body = function.node.body
        function.leaves = leaves(body, scope) and not any(
            isinstance(node, ast.Return) for node in ast.walk(body)
        )
    return function.leaves


def stays(call: ast.Call) -> bool:
    """Tell whether a call only shows what it would do."""
    return any(argument.name == "dry-run" for argument in call.arguments)


def _endless(loop: ast.While) -> bool:
    condition = loop.condition
    always = isinstance(condition, ast.Literal) and condition.value is True
    return always and not any(isinstance(node, ast.Break) for node in ast.walk(loop.body))
