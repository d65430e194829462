"""Scripts at work: statements, blocks, handlers. Expressions and calls are beside this."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import contextmanager

from kxsh.boot.entry import Menu
from kxsh.boot.state import State
from kxsh.commands.context import Console, MenuItem
from kxsh.commands.registry import COMMANDS
from kxsh.diagnostics import render_error
from kxsh.errors import Failure, Interrupted, KxshError, NotFound, UsageError
from kxsh.interpreter import calls, expressions
from kxsh.interpreter.control import BreakLoop, ContinueLoop, Leave, ReturnValue
from kxsh.interpreter.policy import Policy
from kxsh.interpreter.progress import Progress
from kxsh.interpreter.scope import FunctionValue, Scope
from kxsh.interpreter.showing import show
from kxsh.machine.protocol import Device, Machine, Resource
from kxsh.operators import condition
from kxsh.signature import resolve_type
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.text import display
from kxsh.usage import bad_value, fixed_variable, outside
from kxsh.values import ErrorValue, assignable, copied, items, type_of

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from kxsh.boot.plan import Plan
    from kxsh.commands.leaving import Closing

# Each of the hundred levels that a script may have takes about fifteen of Python's frames.
_PYTHON_FRAMES = 8000


class Interpreter:
    """Runs scripts and lines against a machine.

    `esp` is the partition that the loader was started from; `find_import(path)` returns
    the source of an imported file, and raises `NotFound`. `calling` is the place of the
    built-in command that runs, or ran last; `closing` is the last closing of everything. A
    `stepper` is given each statement, to run it with `execute`. `page` shows a person the values
    that they asked for. `noted` is told of what commands change besides the machine: what, to
    what, what it was, what it is; `ran` of each statement of an `attempt` that ended well.
    `refused` is a faulty script: none of it runs.
    """

    def __init__(
        self,
        machine: Machine,
        console: Console,
        *,
        esp: Device | None = None,
        find_import: Callable[[str], Source] | None = None,
        interactive: bool = False,
    ) -> None:
        self.machine = machine
        self.console = console
        self.esp = esp
        self.interactive = interactive
        self.policy = Policy()
        self.loaded: Plan | None = None
        self.closing: Closing | None = None
        self.words: tuple[str, ...] = ()
        self.last_error: KxshError | None = None
        self.menus: list[tuple[Scope, list[MenuItem]]] = []
        self.depth = 0
        self.find_import = find_import
        self.calling: Span | None = None
        self.stepper: Callable[[ast.Statement, Scope], None] | None = None
        self.page: Callable[[str], None] | None = None
        self.progress: Progress | None = None
        self.refused: Source | None = None
        self.noted: Callable[..., None] = lambda *_: None
        self.ran: Callable[[ast.Statement], None] = lambda _: None
        self._shows_results = False
        self._imports: dict[str, Scope | None] = {}
        self.globals = Scope()
        self._open_scopes = [self.globals]
        self.globals.variables["esp"] = esp
        self.globals.constants = frozenset(("esp",))
        self._first_session = self.session = self._enter(self.globals)
        sys.setrecursionlimit(max(sys.getrecursionlimit(), _PYTHON_FRAMES))

    # -- entry points

    def run_script(self, source: Source, *, shows_results: bool = False) -> None:
        """Run a whole script in scopes of its own. Whatever ends it early is raised.

        With `shows_results` what only looks (`entries`) shows what it gives, as at the prompt.
        """
        self._shows_results = shows_results
        self.run_tree(_parser().parse_script(source))

    def run_tree(self, script: ast.Script) -> None:
        """Run a script that was parsed already; see `run_script`."""
        with self.block(self.globals) as scope:
            self.guarded(lambda: self.statements(script.statements, scope))

    def attempt(self, script: ast.Script, edits: Sequence[tuple[Span, Span]] = ()) -> None:
        """Run a script as `run_tree` does, but leave its variables and mounts as they are
        when it fails or ends: the prompt works on in them, from where `progress` stands.
        `edits` were made in it before (`Progress.edits`)."""
        self.forget_attempt()
        self.refused = None
        self.session = self._enter(self._first_session)
        self.progress = Progress(self, script, self.session)
        self.progress.edits = list(edits)
        self.progress.go_on()

    def forget_attempt(self) -> None:
        """Close what the script of the last `attempt` left open."""
        if self.progress is not None:
            self._end(self.progress.scope)
        self.progress, self.session = None, self._first_session

    def run_line(self, source: Source, done: Callable[[ast.Statement], None] | None = None) -> None:
        """Run what was typed at the prompt; its variables and mounts stay. `done` is called
        after each statement that ended well."""
        line = _parser().parse_line(source)

        def run() -> None:
            self.declare(line.statements, self.session)
            for statement in line.statements:
                self.statements((statement,), self.session)
                if done is not None:
                    done(statement)

        self.guarded(run)

    def close_all(self, closing: Callable[[Resource], None] | None = None) -> None:
        """Close what every open block owns; `closing` is told of each before."""
        for scope in reversed(self._open_scopes):
            self._close(scope, closing)

    def set_esp(self, esp: Device) -> None:
        """Say which partition the loader came from: the constant `$esp`."""
        self.esp = esp
        self.globals.variables["esp"] = esp

    def set_importer(self, find_import: Callable[[str], Source]) -> None:
        self.find_import = find_import

    @contextmanager
    def working_in(self, scope: Scope) -> Iterator[None]:
        """Let a person at the prompt see the names of a scope: of a block that runs."""
        before, self.session = self.session, scope
        try:
            yield
        finally:
            self.session = before

    def open_scopes(self) -> list[Scope]:
        return list(self._open_scopes)

    def report(self, error: KxshError) -> None:
        """Show an error that was dealt with, and keep it for `why`."""
        self.last_error = error
        self.console.warn(render_error(error).rstrip("\n"))

    def guarded(self, work: Callable[[], None]) -> None:
        """Do the work of a whole script or line; what leaves it is an error with a place."""
        try:
            work()
        except Leave as jump:
            raise outside(jump.word, jump.where, jump.span) from None
        except KeyboardInterrupt:
            raise Interrupted("stopped by Ctrl-C") from None
        except RecursionError:
            raise UsageError("the script calls itself too deeply", code="KX110") from None

    # -- scopes

    def _enter(self, parent: Scope) -> Scope:
        scope = Scope(parent)
        self._open_scopes.append(scope)
        return scope

    @contextmanager
    def block(self, parent: Scope, receiver: Scope | None = None) -> Iterator[Scope]:
        """Open a scope for a block; its end closes what it owns, on every way out. A returned
        resource goes up to `receiver`, which is `parent` unless told."""
        scope = self._enter(parent)
        try:
            yield scope
        except ReturnValue as result:
            scope.hand_up(result.value, receiver or parent)
            raise
        finally:
            self._end(scope)

    def _end(self, scope: Scope) -> None:
        """Close what a scope owns. Behind a closing that nobody waits for any more it may hang
        as that does: then it stays open, for the next closing of everything."""
        self._open_scopes.remove(scope)
        if self.closing is not None and self.closing.goes_on():
            self.globals.resources += scope.resources
            scope.resources.clear()
        else:
            self._close(scope)

    def _close(self, scope: Scope, closing: Callable[[Resource], None] | None = None) -> None:
        for error in scope.close(self.machine, closing):
            self.console.warn(f"while closing: {display(error.message)}")

    # -- statements

    def run_block(self, block: ast.Block, parent: Scope) -> None:
        with self.block(parent) as scope:
            self.statements(block.statements, scope)

    def statements(self, statements: Sequence[ast.Statement], scope: Scope) -> None:
        """Run statements in a scope; its functions are known before the first one runs."""
        self.declare(statements, scope)
        run = self.stepper or self.execute
        for statement in statements:
            run(statement, scope)

    def declare(self, statements: Sequence[ast.Statement], scope: Scope) -> None:
        """Make the functions among statements known."""
        for statement in statements:
            if isinstance(statement, ast.Function):
                scope.functions[statement.name] = FunctionValue(statement, scope)

    def execute(self, statement: ast.Statement, scope: Scope) -> None:
        """Run one statement; what it fails with has a place."""
        try:
            _STATEMENTS[type(statement)](self, statement, scope)
        except KeyboardInterrupt:
            raise Interrupted("stopped by Ctrl-C", span=statement.span) from None
        except KxshError as error:
            raise error.at(statement.span) from None

    def _let(self, node: ast.Let, scope: Scope) -> None:
        value = self.value(node.value, scope)
        kind = resolve_type(node.type)
        if not assignable(kind, type_of(value)):
            raise bad_value(node.name, type_of(value), kind, node.value.span)
        scope.variables[node.name] = copied(value)

    def _set(self, node: ast.Set, scope: Scope) -> None:
        holder = scope.holder(node.name, node.name_span)
        if node.name in holder.constants:
            raise fixed_variable(node.name, node.name_span)
        value = copied(self.value(node.value, scope))
        if not node.steps:
            holder.variables[node.name] = value
            return
        target = holder.variables[node.name]
        for step in node.steps[:-1]:
            target = expressions.step_into(self, target, step, scope, node.span)
        expressions.store(self, target, node.steps[-1], value, scope, node.span)

    def _if(self, node: ast.If, scope: Scope) -> None:
        for test, body in node.branches:
            with self.block(scope) as inner:
                if self.holds(test, inner):
                    self.statements(body.statements, inner)
                    return
        if node.otherwise is not None:
            self.run_block(node.otherwise, scope)

    def holds(self, test: ast.Condition, scope: Scope) -> bool:
        """Evaluate a condition; `if let` binds its name in `scope`."""
        if isinstance(test, ast.LetCondition):
            value = self.value(test.value, scope)
            if value is not None:
                scope.variables[test.name] = copied(value)
            return value is not None
        return condition(self.value(test, scope), test.span)

    def _while(self, node: ast.While, scope: Scope) -> None:
        while True:
            with self.block(scope) as inner:
                if not self.holds(node.condition, inner):
                    return
                try:
                    self.statements(node.body.statements, inner)
                except BreakLoop:
                    return
                except ContinueLoop:
                    continue

    def _for(self, node: ast.For, scope: Scope) -> None:
        walked = self.value(node.value, scope)
        for key, item in items(walked, node.value.span):
            with self.block(scope) as inner:
                if len(node.names) == 2:
                    inner.variables[node.names[0]] = key
                    inner.variables[node.names[1]] = item
                else:
                    only_key = isinstance(walked, dict | State)
                    inner.variables[node.names[0]] = key if only_key else item
                try:
                    self.statements(node.body.statements, inner)
                except BreakLoop:
                    return
                except ContinueLoop:
                    continue

    def _match(self, node: ast.Match, scope: Scope) -> None:
        value = self.value(node.value, scope)
        for arm in node.arms:
            if arm.patterns is None or expressions.matches(value, arm.patterns):
                self.run_block(arm.body, scope)
                return

    def _try(self, node: ast.Try, scope: Scope) -> None:
        try:
            self.run_block(node.body, scope)
        except Interrupted:
            raise
        except Failure as error:
            self._handle(node.name, node.handler, error, scope)

    def _handle(self, name: str | None, body: ast.Block, error: Failure, scope: Scope) -> None:
        with self.block(scope) as inner:
            if name:
                inner.variables[name] = ErrorValue(error)
            self.statements(body.statements, inner)

    def _function(self, node: ast.Function, scope: Scope) -> None:
        """Nothing is left to do: `declare` has made it known."""

    def _return(self, node: ast.Return, scope: Scope) -> None:
        value = None if node.value is None else self.value(node.value, scope)
        raise ReturnValue(node.span, value)

    def _break(self, node: ast.Break, scope: Scope) -> None:
        raise BreakLoop(node.span)

    def _continue(self, node: ast.Continue, scope: Scope) -> None:
        raise ContinueLoop(node.span)

    def _import(self, node: ast.Import, scope: Scope) -> None:
        scope.modules[node.name] = self._module(node.path, node.span)

    def _module(self, path: str, span: Span) -> Scope:
        """Return the scope of an imported file; each is run once."""
        known = self._imports.get(path)
        if known is not None:
            return known
        if path in self._imports:
            raise UsageError(f"{display(path)} imports itself", code="KX112", span=span)
        if self.find_import is None:
            raise NotFound(f"{display(path)} cannot be imported from here", span=span)
        self._imports[path] = None
        try:
            script = _parser().parse_script(self.find_import(path))
            scope = self._enter(self.globals)
            self.statements(script.statements, scope)
        except BaseException:
            del self._imports[path]
            raise
        self._imports[path] = scope
        return scope

    def _call_statement(self, node: ast.CallStatement, scope: Scope) -> None:
        result = self._handled(
            lambda: calls.call(self, node.call, scope, node.block), node.handlers, scope
        )
        if result is None:
            return
        if self.interactive and scope is self.session:
            self._show(result)
        elif self._shows_results and scope.parent is self.globals and _only_looks(node.call):
            self._show(list(result.entries) if isinstance(result, Menu) else result)

    def _expression_statement(self, node: ast.ExpressionStatement, scope: Scope) -> None:
        self._show(self.value(node.value, scope))

    def _show(self, value: object) -> None:
        text = "\n".join(display(line, 4000) for line in show(value).splitlines())
        (self.page or self.console.say)(text)

    # -- values

    def value(self, node: ast.Value, scope: Scope) -> object:
        """Evaluate an expression, a call, or either with handlers."""
        if isinstance(node, ast.Handled):
            inner = node.value
            return self._handled(lambda: self.value(inner, scope), node.handlers, scope)
        if isinstance(node, ast.Call):
            return calls.call(self, node, scope, None)
        return expressions.evaluate(self, node, scope)

    def _handled(
        self,
        work: Callable[[], object],
        handlers: Sequence[ast.BlockHandler | ast.CallHandler],
        scope: Scope,
    ) -> object:
        """Do the work; when it fails, try the handlers from left to right."""
        if not handlers:
            return work()
        try:
            return work()
        except Interrupted:
            raise
        except Failure as error:
            failure = error
            handler, *others = handlers
            if isinstance(handler, ast.BlockHandler):
                name, body = handler.name, handler.body
                self._handled(lambda: self._handle(name, body, failure, scope), others, scope)
                return None
            chosen = handler.call
            return self._handled(lambda: calls.call(self, chosen, scope, None), others, scope)


def _parser() -> ModuleType:
    """Import the parser when there is something to parse: a saved tree needs none."""
    from kxsh.syntax import parser

    return parser


def _only_looks(call: ast.Call) -> bool:
    command = COMMANDS.get(call.name)
    return command is not None and not set(command.effects) - {"reads"}


_STATEMENTS: dict[type, Callable[..., None]] = {
    ast.Let: Interpreter._let,
    ast.Set: Interpreter._set,
    ast.If: Interpreter._if,
    ast.While: Interpreter._while,
    ast.For: Interpreter._for,
    ast.Match: Interpreter._match,
    ast.Try: Interpreter._try,
    ast.Function: Interpreter._function,
    ast.Return: Interpreter._return,
    ast.Break: Interpreter._break,
    ast.Continue: Interpreter._continue,
    ast.Import: Interpreter._import,
    ast.CallStatement: Interpreter._call_statement,
    ast.ExpressionStatement: Interpreter._expression_statement,
}
