"""A script on its way: where it stands, so that it can go on after a failure."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.errors import KxshError
from kxsh.interpreter.scope import Scope
from kxsh.interpreter.snapshot import Snapshot
from kxsh.syntax import ast

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from kxsh.interpreter.interpreter import Interpreter
    from kxsh.source import Span


class Progress:
    """The statements of a script, of which the one at `index` runs, failed or is next.

    `scope` has the script's own variables and mounts; it is open until the interpreter's
    `forget_attempt`. Those in `skipped` were passed over. `changes` has what each changed
    when it ran last, failing or not: the names, and all as it was before. `source` is the
    script as its file has it; `edits` are the places that a person changed, and what stands
    there instead. `fault` is the statement that stopped it, and the place in there, or in a
    function that it called. `waiting`: the statement at `index` did not fail; a person stopped it.
    """

    __slots__ = (
        "_interpreter", "changes", "edits", "fault", "index", "scope", "script", "skipped",
        "source", "statements", "waiting",
    )  # fmt: skip

    def __init__(self, interpreter: Interpreter, script: ast.Script, scope: Scope) -> None:
        self._interpreter = interpreter
        self.script = script
        self.source = script.span.source
        self.edits: list[tuple[Span, Span]] = []
        self.fault: tuple[ast.Statement, Span] | None = None
        self.waiting = False
        self.statements = list(script.statements)
        self.skipped: list[ast.Statement] = []
        self.changes: list[tuple[ast.Statement, Snapshot, list[str]]] = []
        self.index = 0
        self.scope = scope

    @property
    def statement(self) -> ast.Statement | None:
        """The statement at `index`; None at the script's end."""
        return self.statements[self.index] if self.index < len(self.statements) else None

    def go_on(self) -> None:
        """Run from the statement at `index` to the end. What fails is raised, and `index`
        is there."""
        self.waiting = False
        self._interpreter.declare(self.statements, self.scope)
        self._interpreter.guarded(self._run)

    def _run(self) -> None:
        before: Snapshot | None = None
        while (statement := self.statement) is not None:
            before = before or Snapshot(self.scope)
            try:
                self._interpreter.statements((statement,), self.scope)
            except KxshError as error:
                self.fault = (self.statement or statement, error.span or statement.span)
                raise
            finally:
                # A person may have put another in its place meanwhile.
                names = before.changed()
                self._note(self.statement or statement, before, names)
            if names:
                before = None  # else all is still as it was then
            done = self.statement or statement
            if not self.was_skipped(done):
                self._interpreter.ran(done)
            self.index += 1

    def _note(self, statement: ast.Statement, before: Snapshot, names: list[str]) -> None:
        if names:
            self.changes = [change for change in self.changes if change[0] is not statement]
            self.changes.append((statement, before, names))

    def skip(self) -> None:
        """Pass over the statement at `index`."""
        self.waiting = False
        self.skipped.append(self.statements[self.index])
        self.index += 1

    def was_skipped(self, statement: ast.Statement) -> bool:
        return any(item is statement for item in self.skipped)

    def replace(self, statements: Sequence[ast.Statement]) -> None:
        """Put other statements in the place of the one at `index`."""
        self.statements[self.index : self.index + 1] = statements
        self._interpreter.declare(statements, self.scope)
