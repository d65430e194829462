"""The walk through a script: statement by statement, as it would run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from kxsh.checker import calls, constants, names, types
from kxsh.checker.names import is_glued_text
from kxsh.checker.report import Report
from kxsh.checker.resolved import Resolved
from kxsh.checker.scope import FunctionName, Scope, Variable
from kxsh.checker.surroundings import Surroundings
from kxsh.errors import Edit, Fix, UsageError
from kxsh.record import record, replace
from kxsh.signature import Signature, resolve_type, signature_of
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.usage import (
    bad_result,
    bad_value,
    fixed_field,
    fixed_variable,
    outside,
    unknown_variable,
)
from kxsh.values import (
    ANY,
    DEVICE,
    ENTRY,
    ERROR,
    FIELDS,
    INT,
    LIST,
    STR,
    Type,
    accepts,
    assignable,
    not_walkable,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.boot.cmdline import Word
    from kxsh.checker.facts import Facts

FindImport = Callable[[str], Source]


@record
class Place:
    """What stands around a statement; `menu` None: a function may be called from one."""

    loop: bool = False
    menu: bool | None = False
    function: Signature | None = None


class Walker:
    """Checks one file. `widened` are the variables (by where they are made) that hold
    values of several types; `changed` is set when the walk finds another one."""

    def __init__(
        self,
        report: Report,
        widened: set[tuple[str, int]],
        find_import: FindImport | None = None,
        importing: tuple[str, ...] = (),
        *,
        prompt: bool = False,
        facts: Facts | None = None,
    ) -> None:
        self.report = report
        self.find_import = find_import
        self.importing = importing
        self.place = Place()
        self.widened = widened
        self.changed = False
        self.over: list[Scope] = []
        self.prompt = prompt
        self.facts = facts
        # Command lines that were checked, and their words: a variable may be used often.
        self.checked_lines: set[tuple[str, int, str]] = set()
        self.words: dict[str, list[Word]] = {}
        self._around: Surroundings | None = None
        self.resolved = Resolved()
        self.globals = Scope(None)
        self.globals.variables["esp"] = Variable("esp", DEVICE, None)

    # -- scopes and places

    @contextmanager
    def inside(self, *, loop: bool | None = None, menu: bool | None = None) -> Iterator[None]:
        """Stand in a loop or menu for a while; None leaves it as it is."""
        before = self.place
        self.place = replace(
            before,
            loop=before.loop if loop is None else loop,
            menu=before.menu if menu is None else menu,
        )
        try:
            yield
        finally:
            self.place = before

    @property
    def around(self) -> Surroundings:
        """What else the script does, as far as a check may ask."""
        assert self._around is not None
        return self._around

    def block(
        self,
        block: ast.Block,
        parent: Scope,
        variables: Mapping[str, Type] | None = None,
        value: object = constants.UNKNOWN,
    ) -> None:
        """Check a block in a scope of its own, with these variables in it.

        `value` is what is known of a single one.
        """
        scope = Scope(parent)
        for name, kind in (variables or {}).items():
            self.make(scope, name, kind, block.span, value=value)
        self.statements(block.statements, scope)
        self.end(scope)

    def end(self, scope: Scope) -> None:
        """Leave a scope: it may have unused names; remember its variables' names."""
        self.over.append(scope)
        if scope.parent is not None and not scope.function:
            made = {name: [item] for name, item in scope.variables.items() if item.span}
            for ended in (scope.ended, made):
                for name, variables in ended.items():
                    scope.parent.ended.setdefault(name, []).extend(variables)

    def make(
        self,
        scope: Scope,
        name: str,
        kind: Type,
        span: Span,
        *,
        watched: bool = False,
        value: object = constants.UNKNOWN,
    ) -> None:
        """Put a new variable into a scope, with what is known of its value."""
        if (span.source.name, span.start) in self.widened:
            kind = ANY
        variable = scope.variables[name] = Variable(name, kind, span, watched)
        self.resolved.variables[span.source.name, span.start, name] = variable
        if name not in self.around.changed:
            variable.value = value

    def statements(self, statements: Sequence[ast.Statement], scope: Scope) -> None:
        """Check statements; bodies of functions last, when all names around are known."""
        if self._around is None:
            self._around = Surroundings(statements)
        functions = [item for item in statements if isinstance(item, ast.Function)]
        for function in functions:
            self._declare(function, scope)
        for statement in statements:
            _STATEMENTS[type(statement)](self, statement, scope)
        for function in functions:
            self._body(function, scope)

    # -- functions

    def _declare(self, node: ast.Function, scope: Scope) -> None:
        names.check_function(self.report, node, scope)
        try:
            signature = signature_of(node)
        except UsageError as error:
            self.report.add_error(error)
            return
        scope.functions[node.name] = FunctionName(node, signature)

    def _body(self, node: ast.Function, scope: Scope) -> None:
        function = scope.functions.get(node.name)
        if function is None or function.node is not node:
            return
        inner = Scope(scope, function=True)
        for parameter, written in zip(function.signature.parameters, node.parameters, strict=True):
            kind = LIST if written.kind == "rest" else parameter.type
            if written.default is not None:
                self._default(written, kind, inner)
            self.make(inner, parameter.key, kind, written.span)
        before, self.place = self.place, Place(menu=None, function=function.signature)
        self.statements(node.body.statements, inner)
        self.place = before
        self.end(inner)

    def _default(self, written: ast.Parameter, kind: Type, scope: Scope) -> None:
        assert written.default is not None
        actual = types.infer(self, written.default, scope)
        if not accepts(kind, actual):
            self.report.add_error(bad_value(written.name, actual, kind, written.default.span))

    # -- statements

    def call(self, node: ast.Call, block: ast.Block | None, scope: Scope) -> Type:
        return calls.check_call(self, node, block, scope)

    def _let(self, node: ast.Let, scope: Scope) -> None:
        actual = types.infer(self, node.value, scope)
        kind = actual
        if node.type is not None:
            kind = self._written(node.type)
            if not assignable(kind, actual):
                error = bad_value(node.name, actual, kind, node.value.span)
                self.report.add_error(error)
        names.check_hiding(self.report, node, scope)
        value = constants.evaluate(self, node.value, scope)
        self.make(scope, node.name, kind, node.name_span, watched=True, value=value)

    def _written(self, written: ast.TypeName) -> Type:
        try:
            return resolve_type(written)
        except UsageError as error:
            self.report.add_error(error)
            return ANY

    def _set(self, node: ast.Set, scope: Scope) -> None:
        for step in node.steps:
            if not isinstance(step, str):
                types.infer(self, step, scope)
        variable = scope.find(node.name)
        text = node.value.span if variable is None and is_glued_text(node, scope) else None
        actual = types.infer(self, node.value, scope) if text is None else STR
        if variable is None:
            error = unknown_variable(node.name, scope.names(), node.name_span)
            if not node.steps and error.hint.startswith("`let"):
                word = Span(node.span.source, node.span.start, node.span.start + len("set"))
                quoted = [] if text is None else [Edit(text, f'"{text.text}"')]
                error.fix = Fix("write `let`", (Edit(word, "let"), *quoted), safe=False)
            self.report.add_error(error)
        elif variable.span is None:
            self.report.add_error(fixed_variable(node.name, node.name_span))
        elif node.steps:
            if variable.type.name == "state":
                variable.used = True  # what is missing is `save`: KX308
            if len(node.steps) == 1 and variable.type.name in FIELDS:
                self.report.add_error(fixed_field(variable.type, node.span))
        elif not assignable(variable.type, actual):
            self.widened.add((variable.span.source.name, variable.span.start))
            self.changed = True

    def _if(self, node: ast.If, scope: Scope) -> None:
        for test, body in node.branches:
            inner = Scope(scope)
            self._condition(test, inner)
            self.statements(body.statements, inner)
            self.end(inner)
        if node.otherwise is not None:
            self.block(node.otherwise, scope)

    def _condition(self, test: ast.Condition, scope: Scope) -> None:
        if isinstance(test, ast.LetCondition):
            kind = types.infer(self, test.value, scope)
            solid = ANY if kind.name == "null" else kind.solid()
            value = constants.evaluate(self, test.value, scope)
            types.settle(test.value, scope)
            self.make(scope, test.name, solid, test.name_span, value=value)
        else:
            types.condition(self, test, scope)

    def _while(self, node: ast.While, scope: Scope) -> None:
        inner = Scope(scope)
        self._condition(node.condition, inner)
        with self.inside(loop=True):
            self.statements(node.body.statements, inner)
        self.end(inner)

    def _for(self, node: ast.For, scope: Scope) -> None:
        kind = types.infer(self, node.value, scope)
        key, item = self._walked(kind, node)
        if len(node.names) == 2:
            variables = {node.names[0]: key, node.names[1]: item}
        else:
            variables = {node.names[0]: key if kind.name in ("map", "state") else item}
        several = len(node.names) > 1
        walked = constants.UNKNOWN if several else constants.evaluate(self, node.value, scope)
        value = constants.each(walked)
        with self.inside(loop=True):
            self.block(node.body, scope, variables, value)

    def _walked(self, kind: Type, node: ast.For) -> tuple[Type, Type]:
        """Return the types of key and item of what `for` walks over."""
        if kind.name == "null" or kind.optional or kind.name not in _WALKED:
            self.report.add_error(not_walkable(kind, node.value.span))
            return ANY, ANY
        key, item = _WALKED[kind.name]
        return key, kind.item or item

    def _match(self, node: ast.Match, scope: Scope) -> None:
        types.compare_arms(self, node, types.infer(self, node.value, scope), scope)
        for arm in node.arms:
            self.block(arm.body, scope)

    def _try(self, node: ast.Try, scope: Scope) -> None:
        self.block(node.body, scope)
        self.block(node.handler, scope, {node.name: ERROR} if node.name else {})

    def _function(self, node: ast.Function, scope: Scope) -> None:
        """Nothing is left to do: `statements` declares it and checks its body."""

    def _return(self, node: ast.Return, scope: Scope) -> None:
        actual = types.infer(self, node.value, scope) if node.value is not None else None
        function = self.place.function
        if function is None:
            self.report.add_error(outside("return", "function", node.span))
        elif actual is not None and not assignable(function.returns, actual):
            promised = function.returns
            self.report.add_error(bad_result(function.name, actual, promised, node.span))

    def _break(self, node: ast.Break, scope: Scope) -> None:
        if not self.place.loop:
            self.report.add_error(outside("break", "loop", node.span))

    def _continue(self, node: ast.Continue, scope: Scope) -> None:
        if not self.place.loop:
            self.report.add_error(outside("continue", "loop", node.span))

    def _import(self, node: ast.Import, scope: Scope) -> None:
        from kxsh.checker.imports import check_import

        scope.modules[node.name] = check_import(self, node)

    def _call_statement(self, node: ast.CallStatement, scope: Scope) -> None:
        self.call(node.call, node.block, scope)
        for handler in node.handlers:
            types.handler_type(self, handler, scope)

    def _expression_statement(self, node: ast.ExpressionStatement, scope: Scope) -> None:
        types.infer(self, node.value, scope)


# type name -> the types of key and item that `for` gives
_WALKED = {
    "any": (ANY, ANY),
    "never": (ANY, ANY),
    "list": (INT, ANY),
    "map": (STR, ANY),
    "state": (STR, ANY),
    "menu": (INT, ENTRY),
}

_STATEMENTS: dict[type, Callable[..., None]] = {
    ast.Let: Walker._let,
    ast.Set: Walker._set,
    ast.If: Walker._if,
    ast.While: Walker._while,
    ast.For: Walker._for,
    ast.Match: Walker._match,
    ast.Try: Walker._try,
    ast.Function: Walker._function,
    ast.Return: Walker._return,
    ast.Break: Walker._break,
    ast.Continue: Walker._continue,
    ast.Import: Walker._import,
    ast.CallStatement: Walker._call_statement,
    ast.ExpressionStatement: Walker._expression_statement,
}
