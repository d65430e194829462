"""From the parser's tree of rules to the syntax tree."""

from __future__ import annotations

from collections.abc import Callable

from kxsh import units
from kxsh.errors import ParseError
from kxsh.source import Source, Span
from kxsh.syntax import ast, limits
from kxsh.syntax.lalr import Token, Tree
from kxsh.syntax.words import WordSplitter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Transformer:
    """Turns the trees of one source into nodes; `base` shifts the offsets of an inner
    parse, whose text begins at `first`.

    With a list of `faults`, a statement that has one is left out and its error noted
    there, with the statement's place; without, the first error is raised.
    """

    def __init__(
        self,
        source: Source,
        parse_inner: Callable[[int, int], ast.Expression],
        base: int = 0,
        first: int = 0,
        faults: list[tuple[ParseError, Span]] | None = None,
    ) -> None:
        self._source = source
        self._base = base
        self._first = first
        self._depth = 0
        self._faults = faults
        self._words = WordSplitter(source, parse_inner)

    def script(self, tree: Tree) -> ast.Script:
        """Return the whole script; its span is the whole source."""
        span = Span(self._source, 0, len(self._source.text))
        return ast.Script(span, tuple(self.statements(tree.children)))

    def statements(self, trees: list[Any]) -> list[Any]:
        """Return the statements of a script's or block's trees."""
        if self._faults is None:
            return self._each(trees)
        nodes: list[Any] = []
        for tree in trees:
            try:
                nodes += self._each([tree])
            except ParseError as error:
                self._faults.append((error, self._span(tree)))
        return nodes

    def inner(self, tree: Tree) -> Any:
        """Return the value of an `inner` tree."""
        return self._node(tree.children[0])

    # -- plumbing

    def _node(self, tree: Any) -> Any:
        self._depth += 1
        if self._depth > limits.DEPTH:
            raise ParseError("nested too deeply", span=self._span(tree))
        try:
            method: Callable[[Span, list[Any]], Any] = getattr(self, "_on_" + tree.rule.rstrip("_"))
            return method(self._span(tree), tree.children)
        finally:
            self._depth -= 1

    def _each(self, trees: list[Any]) -> list[Any]:
        return [self._node(tree) for tree in trees if isinstance(tree, Tree)]

    def _optional(self, tree: Any) -> Any:
        return None if tree is None else self._node(tree)

    def _span(self, branch: Any) -> Span:
        start = branch.start or 0
        end = branch.end or start
        return Span(self._source, max(start + self._base, self._first), end + self._base)

    # -- statements

    def _on_let(self, span: Span, parts: list[Any]) -> ast.Let:
        name, kind, value = parts
        return ast.Let(span, str(name), self._span(name), self._optional(kind), self._node(value))

    def _on_set(self, span: Span, parts: list[Any]) -> ast.Set:
        name, *steps, value = parts
        path = tuple(
            str(step.children[0]) if step.rule == "field_step" else self._node(step.children[0])
            for step in steps
        )
        return ast.Set(span, str(name), self._span(name), path, self._node(value))

    def _on_if(self, span: Span, parts: list[Any]) -> ast.If:
        *pairs, otherwise = parts
        nodes = self._each(pairs)
        branches = tuple(zip(nodes[::2], nodes[1::2], strict=True))
        return ast.If(span, branches, self._optional(otherwise))

    def _on_else_block(self, _span: Span, parts: list[Any]) -> Any:
        return self._node(parts[0])

    def _on_cond(self, _span: Span, parts: list[Any]) -> Any:
        return self._node(parts[0])

    def _on_let_cond(self, span: Span, parts: list[Any]) -> ast.LetCondition:
        name, value = parts
        return ast.LetCondition(span, str(name), self._span(name), self._node(value))

    def _on_while(self, span: Span, parts: list[Any]) -> ast.While:
        return ast.While(span, *self._each(parts))

    def _on_for(self, span: Span, parts: list[Any]) -> ast.For:
        first, second, value, body = parts
        names = (str(first),) if second is None else (str(first), str(second))
        return ast.For(span, names, self._node(value), self._node(body))

    def _on_match(self, span: Span, parts: list[Any]) -> ast.Match:
        value, *arms = parts
        return ast.Match(span, self._node(value), tuple(self._each(arms)))

    def _on_arm(self, span: Span, parts: list[Any]) -> ast.Arm:
        *patterns, body = parts
        return ast.Arm(span, tuple(self._each(patterns)), self._node(body))

    def _on_else_arm(self, span: Span, parts: list[Any]) -> ast.Arm:
        return ast.Arm(span, None, self._node(parts[0]))

    def _on_pattern(self, span: Span, parts: list[Any]) -> ast.Literal:
        *sign, token = parts
        if token.type in ("NUMBER", "UNIT"):
            node = self._number(span, token)
            if sign and str(sign[0]) == "-":
                return ast.Literal(span, units.negated(node.value))
            return node
        if token.type == "STRING":
            node = self._on_string(span, [token])
            if not isinstance(node, ast.Literal):
                raise ParseError("a pattern is a constant, not a computed string", span=span)
            return node
        return ast.Literal(span, {"null": None, "true": True, "false": False}[str(token)])

    def _on_try(self, span: Span, parts: list[Any]) -> ast.Try:
        body, name, handler = parts
        return ast.Try(
            span, self._node(body), None if name is None else str(name), self._node(handler)
        )

    def _on_fn(self, span: Span, parts: list[Any]) -> ast.Function:
        name, *middle, returns, body = parts
        return ast.Function(
            span,
            str(name),
            self._span(name),
            tuple(self._each(middle)),
            self._optional(returns),
            self._node(body),
            self._help_above(span),
        )

    def _help_above(self, span: Span) -> str:
        """Return the `##` lines directly above a function that begins its line."""
        text = self._source.text
        end = text.rfind("\n", 0, span.start)  # of the line above
        found: list[str] = []
        if text[end + 1 : span.start].strip():
            return ""
        while end >= 0:
            start = text.rfind("\n", 0, end) + 1
            line = text[start:end].strip()
            if not line.startswith("##"):
                break
            found.append(line[2:].removeprefix(" "))  # examples in it are indented
            end = start - 1
        return "\n".join(reversed(found))

    def _on_positional(self, span: Span, parts: list[Any]) -> ast.Parameter:
        name, kind, default = parts
        return ast.Parameter(
            span, "positional", str(name), self._optional(kind), self._optional(default)
        )

    def _on_option(self, span: Span, parts: list[Any]) -> ast.Parameter:
        name, kind, default = parts
        return ast.Parameter(
            span, "option", str(name)[2:], self._optional(kind), self._optional(default)
        )

    def _on_rest(self, span: Span, parts: list[Any]) -> ast.Parameter:
        return ast.Parameter(span, "rest", str(parts[0]), None, None)

    def _on_return(self, span: Span, parts: list[Any]) -> ast.Return:
        return ast.Return(span, self._optional(parts[0]))

    def _on_break(self, span: Span, _parts: list[Any]) -> ast.Break:
        return ast.Break(span)

    def _on_continue(self, span: Span, _parts: list[Any]) -> ast.Continue:
        return ast.Continue(span)

    def _on_import(self, span: Span, parts: list[Any]) -> ast.Import:
        path = self._on_string(self._span(parts[0]), [parts[0]])
        if not isinstance(path, ast.Literal):
            raise ParseError("an import names its file without variables", span=path.span)
        text = str(path.value)
        stem = text.rpartition("/")[2].removesuffix(".kxs")
        return ast.Import(span, text, stem if parts[1] is None else str(parts[1]))

    def _on_call_stmt(self, span: Span, parts: list[Any]) -> ast.CallStatement:
        call, block, *handlers = parts
        return ast.CallStatement(
            span, self._node(call), self._optional(block), tuple(self._each(handlers))
        )

    def _on_expr_stmt(self, span: Span, parts: list[Any]) -> ast.ExpressionStatement:
        return ast.ExpressionStatement(span, self._node(parts[0]))

    def _on_block(self, span: Span, parts: list[Any]) -> ast.Block:
        return ast.Block(span, tuple(self.statements(parts)))

    # -- values and calls

    def _on_rhs(self, span: Span, parts: list[Any]) -> Any:
        value, *handlers = self._each(parts)
        return ast.Handled(span, value, tuple(handlers)) if handlers else value

    def _on_block_handler(self, span: Span, parts: list[Any]) -> ast.BlockHandler:
        name, body = parts
        return ast.BlockHandler(span, None if name is None else str(name), self._node(body))

    def _on_call_handler(self, span: Span, parts: list[Any]) -> ast.CallHandler:
        return ast.CallHandler(span, self._node(parts[0]))

    def _on_not_call(self, span: Span, parts: list[Any]) -> ast.Unary:
        return ast.Unary(span, "not", self._node(parts[0]))

    def _on_call(self, span: Span, parts: list[Any]) -> ast.Call:
        name, *written, optional = parts
        name_span = self._span(name)
        if written and str(written[0]) == "=":
            from kxsh.syntax.foreign.words import assignment_of  # costs regular expressions

            raise assignment_of(self._source, name_span, self._span(written[0]))
        arguments: list[ast.Argument] = []
        end = name_span.end
        for branch in written:
            place = self._span(branch)
            if place.start == end and not self._continues_spread(arguments):
                self._refuse_glued(place)
            self._add_argument(arguments, branch, place)
            end = place.end
        if self._continues_spread(arguments):
            raise ParseError(
                "`...` needs a list after it",
                span=arguments[-1].span,
                hint='three dots as text are quoted: `"..."`',
            )
        return ast.Call(span, str(name), name_span, tuple(arguments), optional is not None)

    @staticmethod
    def _continues_spread(arguments: list[ast.Argument]) -> bool:
        return bool(arguments) and arguments[-1].kind == "spread" and arguments[-1].value is None

    def _refuse_glued(self, place: Span) -> None:
        if self._source.text[place.start - 1] == ")" and place.text[0] == "/":
            from kxsh.syntax.foreign.devices import glued_error

            glued = glued_error(place)
            if glued is not None:
                raise glued
        if place.text[0] == "(":
            from kxsh.syntax.foreign.loops import range_at

            ranged = range_at(self._source, place.start)
            if ranged is not None:
                raise ranged
            from kxsh.syntax.foreign.shapes import glued_call

            called = glued_call(self._source, place)
            if called is not None:
                raise called
        raise ParseError(
            f"`{place.text[:1]}` is glued to the word before it",
            span=place,
            hint="put a blank between two arguments; inside a word use ${...}",
        )

    def _add_argument(self, arguments: list[ast.Argument], branch: Any, place: Span) -> None:
        if self._continues_spread(arguments):
            value = self._node(branch) if isinstance(branch, Tree) else self._token_value(branch)
            spread = arguments.pop()
            arguments.append(ast.Argument(spread.span.to(place), "spread", "", value))
        elif isinstance(branch, Tree):
            arguments.append(ast.Argument(place, "word", "", self._node(branch)))
        elif branch.type == "WORD" and branch.startswith("...") and branch[3:4] in ("$", ""):
            value = self._words.word(place.start + 3, place.end) if branch[3:] else None
            arguments.append(ast.Argument(place, "spread", "", value))
        elif branch.type == "OPTVAL":
            name, _, _ = branch[2:].partition("=")
            value = self._words.word(place.start + len(name) + 3, place.end)
            arguments.append(ast.Argument(place, "option", name, value))
        elif branch.type in ("OPT", "SOPT"):
            arguments.append(ast.Argument(place, "option", branch.lstrip("-"), None))
        else:
            arguments.append(ast.Argument(place, "word", "", self._token_value(branch)))

    def _token_value(self, token: Token) -> Any:
        place = self._span(token)
        return self._words.word(place.start, place.end)

    # -- expressions

    def _on_paren(self, _span: Span, parts: list[Any]) -> Any:
        return self._node(parts[0])

    def _fold(self, operator: str, parts: list[Any]) -> Any:
        """Fold ``a op b op c`` to the left, with one operator for all."""
        self._refuse_long(parts)
        nodes = self._each(parts)
        left = nodes[0]
        for right in nodes[1:]:
            left = ast.Binary(left.span.to(right.span), operator, left, right)
        return left

    def _fold_mixed(self, parts: list[Any]) -> Any:
        """Fold ``a + b - c`` to the left; every second part is the operator."""
        self._refuse_long(parts[::2])
        left = self._node(parts[0])
        for operator, branch in zip(parts[1::2], parts[2::2], strict=True):
            right = self._node(branch)
            left = ast.Binary(left.span.to(right.span), str(operator), left, right)
        return left

    def _refuse_long(self, parts: list[Any]) -> None:
        if len(parts) > limits.DEPTH:
            span = self._span(parts[0]).to(self._span(parts[-1]))
            raise ParseError(f"more than {limits.DEPTH} operands in one expression", span=span)

    def _on_or(self, _span: Span, parts: list[Any]) -> Any:
        return self._fold("or", parts)

    def _on_and(self, _span: Span, parts: list[Any]) -> Any:
        return self._fold("and", parts)

    def _on_coalesce(self, _span: Span, parts: list[Any]) -> Any:
        return self._fold("??", parts)

    def _on_not(self, span: Span, parts: list[Any]) -> ast.Unary:
        return ast.Unary(span, "not", self._node(parts[0]))

    def _on_comparison(self, _span: Span, parts: list[Any]) -> Any:
        return self._fold_mixed(parts)

    def _on_sum(self, _span: Span, parts: list[Any]) -> Any:
        return self._fold_mixed(parts)

    def _on_product(self, _span: Span, parts: list[Any]) -> Any:
        return self._fold_mixed(parts)

    def _on_sign(self, span: Span, parts: list[Any]) -> ast.Unary:
        return ast.Unary(span, str(parts[0]), self._node(parts[1]))

    def _on_field(self, span: Span, parts: list[Any]) -> ast.Field:
        return ast.Field(span, self._node(parts[0]), str(parts[1]))

    def _on_index(self, span: Span, parts: list[Any]) -> ast.Index:
        return ast.Index(span, self._node(parts[0]), self._node(parts[1]))

    def _number(self, span: Span, token: Token) -> ast.Literal:
        value = units.parse_quantity(token) if token.type == "UNIT" else units.parse_integer(token)
        if value is None:
            raise ParseError(f"`{token}` is too large a number", span=span)
        return ast.Literal(span, value)

    def _on_number(self, span: Span, parts: list[Any]) -> ast.Literal:
        return self._number(span, parts[0])

    _on_unit = _on_number

    def _on_string(self, _span: Span, parts: list[Any]) -> Any:
        place = self._span(parts[0])
        return self._words.string(place.start, place.end)

    def _on_braced(self, _span: Span, parts: list[Any]) -> Any:
        return self._token_value(parts[0])

    def _on_variable(self, span: Span, parts: list[Any]) -> ast.Variable:
        return ast.Variable(span, str(parts[0])[1:])

    def _on_true(self, span: Span, _parts: list[Any]) -> ast.Literal:
        return ast.Literal(span, True)

    def _on_false(self, span: Span, _parts: list[Any]) -> ast.Literal:
        return ast.Literal(span, False)

    def _on_null(self, span: Span, _parts: list[Any]) -> ast.Literal:
        return ast.Literal(span, None)

    def _on_list(self, span: Span, parts: list[Any]) -> ast.ListLiteral:
        return ast.ListLiteral(span, tuple(self._each(parts)))

    def _on_map(self, span: Span, parts: list[Any]) -> ast.MapLiteral:
        pairs: dict[str, ast.Expression] = {}
        for pair in parts:
            key = self._map_key(pair.children[0])
            if key in pairs:
                raise ParseError(f"the key `{key}` stands twice", span=self._span(pair))
            pairs[key] = self._node(pair.children[1])
        return ast.MapLiteral(span, tuple(pairs.items()))

    def _map_key(self, token: Token) -> str:
        if token.type == "NAME":
            return str(token)
        node = self._on_string(self._span(token), [token])
        if not isinstance(node, ast.Literal):
            raise ParseError("a map's key is a constant", span=node.span)
        return str(node.value)

    # -- types

    def _on_type(self, span: Span, parts: list[Any]) -> ast.TypeName:
        return ast.TypeName(span, str(parts[0]), len(parts) > 1 and parts[1] is not None, None)

    def _on_list_type(self, span: Span, parts: list[Any]) -> ast.TypeName:
        return ast.TypeName(span, "list", False, self._node(parts[0]))
