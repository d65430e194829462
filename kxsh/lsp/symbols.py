"""The names of a script: where each is made, where it is used, where it can be seen.

Scopes are those of the interpreter: every `{ }` is one; a function's body is read when
all names around it are known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from kxsh.source import Span
from kxsh.syntax import ast

_WORD = re.compile(r"[A-Za-z_]\w*")


class Symbol:
    """A name: `kind` is ``variable``, ``parameter``, ``function`` or ``import``.

    `span` is the name where it is made, `whole` the statement, `scope` where it can be
    seen; `node` the function or import. `uses` are all places of the name, the first one
    included, and whether each is that of an option, `--name`. `made` is where the checker
    says that a variable was made.
    """

    __slots__ = ("kind", "made", "name", "node", "scope", "span", "uses", "whole")

    def __init__(
        self,
        kind: str,
        name: str,
        span: Span,
        whole: Span,
        scope: Span,
        made: int,
        node: ast.Function | ast.Import | ast.Parameter | None = None,
    ) -> None:
        self.kind = kind
        self.made = made
        self.name = name
        self.span = span
        self.whole = whole
        self.scope = scope
        self.node = node
        option = isinstance(node, ast.Parameter) and node.kind == "option"
        self.uses: list[tuple[Span, bool]] = [(span, option)]


class _Scope:
    __slots__ = ("functions", "modules", "parent", "span", "variables")

    def __init__(self, parent: _Scope | None, span: Span) -> None:
        self.parent = parent
        self.span = span
        self.variables: dict[str, Symbol] = {}
        self.functions: dict[str, Symbol] = {}
        self.modules: dict[str, Symbol] = {}

    def find(self, table: str, name: str) -> Symbol | None:
        scope: _Scope | None = self
        while scope is not None:
            found: Symbol | None = getattr(scope, table).get(name)
            if found is not None:
                return found
            scope = scope.parent
        return None


class Symbols:
    """All names of one script. `calls` are its calls, each with the symbol of a function
    of the script, if it is one. `place` translates spans (of a text that was patched)."""

    def __init__(self, script: ast.Script, place: Callable[[Span], Span]) -> None:
        self.all: list[Symbol] = []
        self.calls: list[tuple[ast.Call, Symbol | None]] = []
        self.place = place
        self._options: list[tuple[ast.Argument, Symbol]] = []
        self._statements(script.statements, _Scope(None, script.span))
        self._use_options()

    def at(self, offset: int) -> tuple[Symbol, Span] | None:
        """Return the name that stands at an offset, or ends there."""
        for symbol in self.all:
            for span, _ in symbol.uses:
                if span.start <= offset <= span.end:
                    return symbol, span
        return None

    def call_at(self, offset: int) -> tuple[ast.Call, Symbol | None] | None:
        """Return the innermost call around an offset."""
        found = None
        for call, symbol in self.calls:
            span = self.place(call.span)
            if span.start <= offset <= span.end:
                found = call, symbol
        return found

    def visible(self, offset: int) -> Iterator[Symbol]:
        """Yield the names that can be used at an offset, the nearest of each only."""
        seen: set[tuple[bool, str]] = set()
        for symbol in reversed(self.all):
            key = (symbol.kind in ("variable", "parameter"), symbol.name)
            made = symbol.kind != "variable" or symbol.span.end <= offset
            if made and key not in seen and symbol.scope.start <= offset <= symbol.scope.end:
                seen.add(key)
                yield symbol

    # -- making and using

    def _make(
        self,
        scope: _Scope,
        kind: str,
        name: str,
        span: Span,
        whole: Span,
        node: ast.Function | ast.Import | ast.Parameter | None = None,
        *,
        made: int | None = None,
    ) -> None:
        made = span.start if made is None else made
        place = self.place
        symbol = Symbol(kind, name, place(span), place(whole), place(scope.span), made, node)
        self.all.append(symbol)
        table = {"function": scope.functions, "import": scope.modules}.get(kind, scope.variables)
        table[name] = symbol

    def _use(self, symbol: Symbol | None, span: Span, *, option: bool = False) -> None:
        if symbol is not None:
            symbol.uses.append((self.place(span), option))

    # -- the walk

    def _statements(self, statements: Sequence[ast.Statement], scope: _Scope) -> None:
        functions = [item for item in statements if isinstance(item, ast.Function)]
        for function in functions:
            name = function.name_span
            self._make(scope, "function", function.name, name, function.span, function)
        for statement in statements:
            if not isinstance(statement, ast.Function):
                self._node(statement, scope)
        for function in functions:
            self._function(function, scope)

    def _function(self, node: ast.Function, scope: _Scope) -> None:
        inner = _Scope(scope, node.span)
        for parameter in node.parameters:
            if parameter.default is not None:
                self._node(parameter.default, scope)
            start = parameter.span.start + {"option": 2, "rest": 3}.get(parameter.kind, 0)
            name = Span(parameter.span.source, start, start + len(parameter.name))
            key = parameter.name.replace("-", "_")
            made = parameter.span.start
            self._make(inner, "parameter", key, name, parameter.span, parameter, made=made)
        self._statements(node.body.statements, inner)

    def _node(self, node: ast.Node, scope: _Scope) -> None:
        """Walk over a statement or value."""
        special = _SPECIAL.get(type(node))
        if special is not None:
            special(self, node, scope)
            return
        for child in node.children():
            self._node(child, scope)

    def _block(self, node: ast.Block, scope: _Scope, *made: tuple[str, Span]) -> None:
        inner = _Scope(scope, node.span)
        for name, span in made:
            self._make(inner, "variable", name, span, span, made=node.span.start)
        self._statements(node.statements, inner)

    def _let(self, node: ast.Let, scope: _Scope) -> None:
        self._node(node.value, scope)
        self._make(scope, "variable", node.name, node.name_span, node.span)

    def _set(self, node: ast.Set, scope: _Scope) -> None:
        self._use(scope.find("variables", node.name), node.name_span)
        for child in node.children():
            self._node(child, scope)

    def _variable(self, node: ast.Variable, scope: _Scope) -> None:
        end = node.span.end
        span = Span(node.span.source, end - len(node.name), end)
        self._use(scope.find("variables", node.name), span)

    def _call(self, node: ast.Call, scope: _Scope) -> None:
        function = scope.find("functions", node.name)
        self.calls.append((node, function))
        self._use(function, node.name_span)
        module, dot, _ = node.name.partition(".")
        if dot:
            start = node.name_span.start
            span = Span(node.name_span.source, start, start + len(module))
            self._use(scope.find("modules", module), span)
        for argument in node.arguments:
            if argument.kind == "option" and function is not None:
                self._options.append((argument, function))
            self._node(argument, scope)

    def _use_options(self) -> None:
        """An option's name in a call is a use of the function's parameter."""
        made = {id(symbol.node): symbol for symbol in self.all if symbol.node is not None}
        for argument, function in self._options:
            assert isinstance(function.node, ast.Function)
            for parameter in function.node.parameters:
                if parameter.kind == "option" and parameter.name == argument.name:
                    start = argument.span.start + 2
                    span = Span(argument.span.source, start, start + len(argument.name))
                    self._use(made.get(id(parameter)), span, option=True)

    def _condition(self, test: ast.Condition, body: ast.Block, scope: _Scope) -> None:
        inner = _Scope(scope, body.span)
        if isinstance(test, ast.LetCondition):
            self._node(test.value, scope)
            self._make(inner, "variable", test.name, test.name_span, test.span)
        else:
            self._node(test, scope)
        self._statements(body.statements, inner)

    def _if(self, node: ast.If, scope: _Scope) -> None:
        for test, body in node.branches:
            self._condition(test, body, scope)
        if node.otherwise is not None:
            self._block(node.otherwise, scope)

    def _while(self, node: ast.While, scope: _Scope) -> None:
        self._condition(node.condition, node.body, scope)

    def _for(self, node: ast.For, scope: _Scope) -> None:
        self._node(node.value, scope)
        head = Span(node.span.source, node.span.start + 3, node.value.span.start)
        self._block(node.body, scope, *_names(head, node.names))

    def _try(self, node: ast.Try, scope: _Scope) -> None:
        self._block(node.body, scope)
        head = Span(node.span.source, node.body.span.end, node.handler.span.start)
        self._block(node.handler, scope, *_caught(head, node.name))

    def _handler(self, node: ast.BlockHandler, scope: _Scope) -> None:
        head = Span(node.span.source, node.span.start, node.body.span.start)
        self._block(node.body, scope, *_caught(head, node.name))

    def _import(self, node: ast.Import, scope: _Scope) -> None:
        self._make(scope, "import", node.name, node.span, node.span, node)


def _names(head: Span, names: Sequence[str]) -> Iterator[tuple[str, Span]]:
    """Yield names that stand, in this order, in a part of the text."""
    at = head.start
    for match in _WORD.finditer(head.source.text, head.start, head.end):
        if names and match.group() == names[0] and match.start() >= at:
            yield names[0], Span(head.source, match.start(), match.end())
            names, at = names[1:], match.end()


def _caught(head: Span, name: str | None) -> Iterator[tuple[str, Span]]:
    """Yield the name of `else as NAME`: the last word before the brace."""
    if name is not None:
        found = [*_WORD.finditer(head.source.text, head.start, head.end)]
        if found:
            yield name, Span(head.source, found[-1].start(), found[-1].end())


_SPECIAL: dict[type[ast.Node], Callable[..., None]] = {
    ast.Block: Symbols._block,
    ast.Let: Symbols._let,
    ast.Set: Symbols._set,
    ast.Variable: Symbols._variable,
    ast.Call: Symbols._call,
    ast.If: Symbols._if,
    ast.While: Symbols._while,
    ast.For: Symbols._for,
    ast.Try: Symbols._try,
    ast.BlockHandler: Symbols._handler,
    ast.Import: Symbols._import,
}
