"""Calls: is there such a command, and does it take these arguments?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kxsh.checker import arguments, menus
from kxsh.checker.conflicts import conflict
from kxsh.checker.operator_words import operator_among
from kxsh.checker.resolved import Called
from kxsh.checker.scope import FunctionName, Scope
from kxsh.checker.types import infer, word
from kxsh.commands import COMMANDS, Command
from kxsh.errors import UsageError
from kxsh.signature import Bound, Item, Parameter, Signature, bind
from kxsh.syntax import ast
from kxsh.usage import bad_spread, block_fault, misfit, program_as_kernel, word_error
from kxsh.values import ANY, Type, accepts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.walk import Walker


class Given:
    """An argument's value before the script runs: its node and its type."""

    __slots__ = ("node", "type")

    def __init__(self, node: ast.Expression, type: Type) -> None:
        self.node = node
        self.type = type


def check_call(walker: Walker, node: ast.Call, block: ast.Block | None, scope: Scope) -> Type:
    """Check a call and its block; return the type of its result."""
    signature = _signature(walker, node, scope)
    items = _items(walker, node.arguments, scope)
    if signature is None:
        walker.resolved.unknown = True
        if block is not None:
            walker.block(block, scope)
        return ANY
    bound = _bind(walker, signature, node, block, items)
    arguments.check(walker, signature, node, bound, scope)
    command = COMMANDS.get(signature.name)
    if command is not None and command.signature is not signature:
        command = None
    function = None if command else _function(node, scope)
    walker.resolved.calls[id(node)] = Called(command, function, bound)
    clash = conflict(command.name, bound) if command else None
    if clash is not None:
        walker.report.add_error(clash, node.span)
    if command is not None:
        menus.check(walker, node, block, bound, scope)
    elif block is not None:
        walker.block(block, scope)
    kind = _returned(command, bound) if command else signature.returns
    return kind.or_null() if node.optional and kind.name not in ("any", "null") else kind


def _returned(command: Command, bound: Mapping[str, Bound]) -> Type:
    """Return what a command gives for these arguments, as far as they are constants."""
    name, results = command.results
    if not results:
        return command.signature.returns
    given = bound.get(name)
    value: object = False
    if given is not None:
        node = given.items[0].value if given.items else None
        literal = node.node if isinstance(node, Given) else None
        value = literal.value if isinstance(literal, ast.Literal) else None
        value = True if given.parameter.kind == "flag" else value
    return results.get(value, command.signature.returns)


def _function(node: ast.Call, scope: Scope) -> FunctionName | None:
    """Return the function of a script that a call's name stands for."""
    module_name, _, inner = node.name.rpartition(".")
    module = scope.module_named(module_name) if module_name else None
    if module is not None:
        return (module.functions or {}).get(inner)
    return scope.function_named(node.name)


def _signature(walker: Walker, node: ast.Call, scope: Scope) -> Signature | None:
    """Return what the called name declares; None where that cannot be known."""
    module_name, _, inner = node.name.rpartition(".")
    if module_name:
        module = scope.module_named(module_name)
        if module is not None:
            module.used = True
            if module.functions is None:
                return None
            return _declared(walker, node, module.functions.get(inner), scope)
    return _declared(walker, node, scope.function_named(node.name), scope)


def _declared(
    walker: Walker, node: ast.Call, function: FunctionName | None, scope: Scope
) -> Signature | None:
    if function is not None:
        function.used = True
        return function.signature
    command = COMMANDS.get(node.name)
    if command is None:
        _report_unknown(walker, node, scope)
        return None
    return command.signature


def _report_unknown(walker: Walker, node: ast.Call, scope: Scope) -> None:
    head, _, inner = node.name.partition(".")
    modules = scope.modules_in_reach()
    if inner and any(module.functions is None for module in modules.values()):
        return  # it may be what the import that failed would have brought
    variable = scope.find(head)
    if variable is not None:
        variable.used = True
    known = scope.function_names()
    for name, module in modules.items():
        known += [f"{name}.{function}" for function in module.functions or ()]
    from kxsh.commands.foreign import unknown_command  # a mistake is the exception

    walker.report.add_error(unknown_command(node.name, known, node.name_span, scope.names()))


def _items(walker: Walker, arguments: Sequence[ast.Argument], scope: Scope) -> list[Item]:
    items: list[Item] = []
    for argument in arguments:
        given = None
        if argument.value is not None:
            given = Given(argument.value, infer(walker, argument.value, scope))
        if argument.kind == "spread" and given and given.type.name not in ("list", "any"):
            walker.report.add_error(bad_spread(given.type, argument.span))
        items.append(Item(argument.kind, argument.name, given, argument.span))
    return items


def _bind(
    walker: Walker,
    signature: Signature,
    node: ast.Call,
    block: ast.Block | None,
    items: Sequence[Item],
) -> dict[str, Bound]:
    """Return what belongs to which parameter; nothing where the call cannot work."""
    fault = block_fault(signature, block.span if block else None, node.span, node.name)
    if fault:
        walker.report.add_error(fault)
    try:
        program = program_as_kernel(signature.name, items)
        if program is not None:
            raise program
        bound = bind(signature, items, node.span)
    except UsageError as error:
        operator = operator_among(node.arguments) if error.code == "KX203" else None
        walker.report.add_error(operator or error, node.span)
        return {}
    if not any(parameter.raw for parameter in signature.parameters):
        _note_operator(walker, node)
    for given in bound.values():
        if given.parameter.kind != "flag":
            for item in given.items:
                _check_item(walker, given.parameter, item)
    return bound


def _note_operator(walker: Walker, node: ast.Call) -> None:
    """Warn of an operator that the call takes as a word."""
    error = operator_among(node.arguments)
    if error is not None and error.span is not None:
        walker.report.add("KX213", error.message, error.span, error.hint, fix=error.fix)


def _check_item(walker: Walker, parameter: Parameter, item: Item) -> None:
    given = item.value
    if not isinstance(given, Given) or item.kind == "spread":
        return
    if item.kind == "option":  # an option among raw words
        word(walker, given.type, item.span)
        return
    if not accepts(parameter.type, given.type):
        walker.report.add_error(_misfit(parameter, given.type, item))
    elif isinstance(given.node, ast.Literal) and isinstance(given.node.value, str):
        error = word_error(parameter, given.node.value, item.span)
        if error:
            walker.report.add_error(error)


def _misfit(parameter: Parameter, actual: Type, item: Item) -> UsageError:
    """Null is the trouble only where the value would do without it."""
    fits = actual.optional and accepts(parameter.type, actual.solid())
    return misfit(parameter, actual if fits or not actual.optional else actual.solid(), item)
