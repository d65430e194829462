"""Calling commands and functions: find, bind, convert, run, and place what fails."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.commands import COMMANDS, Command
from kxsh.errors import Failure, FormatFailure, KxshError, NotFound, UsageError, internal_fault
from kxsh.interpreter.context import CallContext
from kxsh.interpreter.control import BreakLoop, ContinueLoop, ReturnValue
from kxsh.interpreter.convert import Converter
from kxsh.interpreter.scope import FunctionValue, Scope
from kxsh.machine.protocol import Ended
from kxsh.signature import Bound, Item, Parameter, Signature, bind, signature_of
from kxsh.syntax import ast
from kxsh.usage import bad_result, bad_spread, block_fault, outside, program_as_kernel
from kxsh.values import assignable, type_of

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import NoReturn

    from kxsh.interpreter.interpreter import Interpreter

DEPTH_LIMIT = 100


def call(interpreter: Interpreter, node: ast.Call, scope: Scope, block: ast.Block | None) -> object:
    """Run a call and return its value; `?` makes a not-found failure null."""
    function = scope.function(node.name)
    try:
        if function is not None:
            return _call_function(interpreter, node, function, scope, block)
        return _call_command(interpreter, node, scope, block)
    except NotFound as error:
        if node.optional and _is_own(error, node, function):
            return None
        raise error.at(node.span) from None


def _is_own(error: NotFound, node: ast.Call, function: FunctionValue | None) -> bool:
    """Tell whether a call itself failed, not its arguments or the block after it. What
    leaves a function's body is the function's failure."""
    if error.span is None or error.span == node.span:
        return True
    body = function.node.body.span if function else None
    return body is not None and (
        error.span.source is not node.span.source or body.start <= error.span.start < body.end
    )


def items_of(
    interpreter: Interpreter, arguments: Sequence[ast.Argument], scope: Scope
) -> list[Item]:
    """Evaluate a call's arguments."""
    items: list[Item] = []
    for argument in arguments:
        value = None if argument.value is None else interpreter.value(argument.value, scope)
        if argument.kind == "spread":
            if not isinstance(value, list):
                raise bad_spread(type_of(value), argument.span)
            words = tuple(Item("word", "", item, argument.span) for item in value)
            items.append(Item("spread", "", words, argument.span))
        else:
            items.append(Item(argument.kind, argument.name, value, argument.span))
    return items


# -- built-in commands


def _call_command(
    interpreter: Interpreter, node: ast.Call, scope: Scope, block: ast.Block | None
) -> object:
    command = COMMANDS.get(node.name)
    if command is None:
        _unknown(node, scope)
    return run_command(interpreter, command, node, scope, block)


def run_command(
    interpreter: Interpreter,
    command: Command,
    node: ast.Call,
    scope: Scope,
    block: ast.Block | None = None,
) -> object:
    """Bind and run a command, in the table of built-ins or not; return its value."""
    _check_block(command.signature, block, node)
    items = items_of(interpreter, node.arguments, scope)
    program = program_as_kernel(command.name, items)
    if program is not None:
        raise program
    bound = bind(command.signature, items, node.span)
    context = CallContext(interpreter, scope, block)
    return _run(interpreter, command, node, context, bound)


def _unknown(node: ast.Call, scope: Scope) -> NoReturn:
    from kxsh.commands.foreign import unknown_command  # only a mistake needs it, and `re`

    functions = [name for inner in scope.chain() for name in inner.functions]
    variables = {name for inner in scope.chain() for name in inner.variables}
    raise unknown_command(node.name, functions, node.name_span, variables)


def _check_block(signature: Signature, block: ast.Block | None, node: ast.Call) -> None:
    fault = block_fault(signature, block.span if block else None, node.span, node.name)
    if fault:
        raise fault


def _run(
    interpreter: Interpreter,
    command: Command,
    node: ast.Call,
    context: CallContext,
    bound: dict[str, Bound],
) -> object:
    """Convert the values and call the command's function; give its failures their place."""
    mark = interpreter.machine.log_mark() if "io" in command.raises else None
    interpreter.calling = node.span
    try:
        positional, options = _values(command.signature, bound, context)
        return command.function(context, *positional, **options)
    except Failure as error:
        if error.span is None and mark is not None and not error.log:
            error.log = interpreter.machine.log_since(mark)
        if error.span is None:
            error.command = node.name
            if isinstance(error, NotFound) and not node.optional:
                from kxsh.interpreter.relative import hint_for

                error.hint = hint_for(interpreter.machine, error, bound)
        raise error.at(node.span) from None
    except KxshError as error:
        raise error.at(node.span) from None
    except (BreakLoop, ContinueLoop, ReturnValue, KeyboardInterrupt, Ended, RecursionError):
        raise
    except Exception as error:
        raise internal_fault(error, node.name, node.span) from error


def _values(
    signature: Signature, bound: dict[str, Bound], context: CallContext
) -> tuple[list[object], dict[str, object]]:
    converter = Converter(context.find_device, context.mount_unseen)
    positional: list[object] = []
    options: dict[str, object] = {}
    for parameter in signature.parameters:
        given = bound.get(parameter.name)
        value = converter.bound(given) if given else _absent(parameter)
        if parameter.kind == "rest":
            positional += value if isinstance(value, list) else []
        elif parameter.kind == "positional":
            positional.append(value)
        else:
            options[parameter.key] = value
    return positional, options


def _absent(parameter: Parameter) -> object:
    return [] if parameter.many or parameter.kind == "rest" else parameter.default


# -- functions of the script


def _call_function(
    interpreter: Interpreter,
    node: ast.Call,
    function: FunctionValue,
    scope: Scope,
    block: ast.Block | None,
) -> object:
    signature = signature_of(function.node)
    _check_block(signature, block, node)
    bound = bind(signature, items_of(interpreter, node.arguments, scope), node.span)
    if interpreter.depth >= DEPTH_LIMIT:
        raise UsageError("functions call each other too deeply", code="KX110", span=node.span)
    interpreter.depth += 1
    try:
        with interpreter.block(function.scope, receiver=scope) as inner:
            _bind_variables(interpreter, function, signature, bound, inner, scope)
            interpreter.statements(function.node.body.statements, inner)
        result: object = None
    except ReturnValue as returned:
        result = returned.value
    except (BreakLoop, ContinueLoop) as jump:
        raise outside(jump.word, jump.where, jump.span) from None
    finally:
        interpreter.depth -= 1
    return _checked_result(signature, result, node)


def _bind_variables(
    interpreter: Interpreter,
    function: FunctionValue,
    signature: Signature,
    bound: dict[str, Bound],
    inner: Scope,
    caller: Scope,
) -> None:
    context = CallContext(interpreter, caller, None)
    converter = Converter(context.find_device, context.mount_unseen)
    for parameter, written in zip(signature.parameters, function.node.parameters, strict=True):
        given = bound.get(parameter.name)
        value: object
        if given:
            value = converter.bound(given)
        elif written.default is not None:
            value = interpreter.value(written.default, inner)
        else:
            value = _absent(parameter)
        inner.variables[parameter.key] = value


def _checked_result(signature: Signature, result: object, node: ast.Call) -> object:
    if signature.returns.name == "never":
        raise FormatFailure(f"`{node.name}` came back, though it promises never to", span=node.span)
    if not assignable(signature.returns, type_of(result)):
        raise bad_result(node.name, type_of(result), signature.returns, node.span)
    return result
