"""A script statement by statement: `step`; and again from where it failed: `retry`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kxsh.console.keys import Keys
from kxsh.console.script import edits
from kxsh.errors import KxshError, RecoveryRequest
from kxsh.source import Span
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_line
from kxsh.text import cut, display

if TYPE_CHECKING:
    from kxsh.console.prompt.session import Session
    from kxsh.console.terminal import Terminal
    from kxsh.interpreter.scope import Scope

_ASK = "Enter run, i into it, s skip, e edit, c continue, q quit: "
_ASK_AGAIN = "it failed: Enter again, e edit, s skip, u up, q quit: "
_SHOWN_LINES = 12


class Stepper:
    """Asks before each statement; the interpreter's `stepper`."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._interpreter = session.interpreter
        self._depth = 0
        # Statements as deep as this are asked about.
        self._asked = 1
        # The failure that goes up on request, past the statements around its own.
        self._going_up: KxshError | None = None
        self._told = False

    def __call__(self, statement: ast.Statement, scope: Scope) -> None:
        self._depth += 1
        try:
            if self._depth > self._asked or isinstance(statement, ast.Function):
                self._interpreter.execute(statement, scope)
            else:
                self._converse(statement, scope)
        finally:
            self._depth -= 1

    def _converse(self, statement: ast.Statement, scope: Scope) -> None:
        failed: KxshError | None = None
        self._show(statement)
        while True:
            key = ask_key(self._session.terminal, _ASK_AGAIN if failed else _ASK)
            if key == "s":
                self._session.terminal.say("skipped: it was not run")
                progress = self._interpreter.progress
                if progress is not None and statement is progress.statement:
                    progress.skipped.append(statement)
                return
            if key == "e":
                if self._edit(statement, scope):
                    return
            elif key == "c":
                self._asked = 0
            elif key == "u" and failed:
                self._going_up = failed
                raise failed  # as the script would: to the `else` or `try` around it
            elif key in ("q", "escape", "interrupt", "eof"):
                raise self._stop(statement, failed=failed is not None)
            elif key == "i" and not _holds_statements(statement, scope):
                self._session.terminal.say("there is nothing to go into; Enter runs it")
                continue
            if key in ("enter", "i", "c"):
                failed = self._try(statement, scope, into=key == "i")
                if failed is None:
                    return

    def _try(self, statement: ast.Statement, scope: Scope, *, into: bool) -> KxshError | None:
        """Run a statement; where it fails, show why, and return that."""
        depth = self._asked
        if into:
            self._asked = self._depth + 1
        try:
            self._interpreter.execute(statement, scope)
        except RecoveryRequest:
            raise
        except KxshError as error:
            if depth == 0 or self._asked == 0 or error is self._going_up:  # nobody asks any more
                raise
            self._session.remember(error)
            self._session.show(error)
            return error
        finally:
            if self._asked:
                self._asked = depth
        return None

    def _stop(self, statement: ast.Statement, *, failed: bool) -> RecoveryRequest:
        """Return what leads back to the prompt. What the blocks around the statement have
        opened is closed on the way, so that those begin again."""
        place = display(f"{statement.span.source.name}:{statement.span.line}")
        goes_on = "`step` or `retry` goes on there"
        progress = self._interpreter.progress
        if progress is not None and progress.statement is not None:
            block = progress.statement.span
            changed = self._depth > 1 and edits.text_at(progress, block) != block.text
            progress.waiting = not failed or changed
            if self._depth > 1:
                line = progress.statement.span.line
                goes_on = (
                    f"`step` or `retry` begins again at line {line}, since what was opened from"
                    " there on is closed"
                )
            if progress.edits:
                goes_on += "; `retry --save` also writes what you changed to the script's file"
        return RecoveryRequest(f"stopped before {place}; {goes_on}", span=statement.span)

    def _edit(self, statement: ast.Statement, scope: Scope) -> bool:
        """Let a person edit a statement, and run what became of it; False: nothing."""
        with self._interpreter.working_in(scope):
            edited = edit(self._session, statement.span)
        if edited is None:
            return False
        progress = self._interpreter.progress
        top = progress is not None and statement is progress.statement
        if progress is not None:
            self._tell(statement, kept=edits.replace(progress, statement, *edited))
        self._run_edited(edited[1], scope, top=top)
        return True

    def _tell(self, statement: ast.Statement, *, kept: bool) -> None:
        """Say how long an edit lasts, once; one that is in no line of the script, each time."""
        if not kept:
            name = display(edits.file_name(statement.span.source))
            self._session.terminal.say(f"for this time only: {name} is a file of its own")
        elif not self._told:
            self._told = True
            self._session.terminal.say(
                "for this boot only; q, then `retry --save` writes it to the script's file"
            )

    def _run_edited(self, statements: Sequence[ast.Statement], scope: Scope, *, top: bool) -> None:
        """Run what a statement became; `top`: it is one that no block is around."""
        progress = self._interpreter.progress
        self._interpreter.declare(statements, scope)
        for number, statement in enumerate(statements):
            self._depth -= 1
            try:
                self(statement, scope)
            finally:
                self._depth += 1
            if progress is not None and top and number < len(statements) - 1:
                progress.index += 1

    def _show(self, statement: ast.Statement) -> None:
        """Show a statement with its lines' numbers."""
        span = statement.span
        width = self._session.terminal.size()[0] - 1
        lines = edits.text_at(self._interpreter.progress, span).splitlines() or [""]
        terminal = self._session.terminal
        for number, line in enumerate(lines[:_SHOWN_LINES], span.line):
            terminal.say(cut(f"{number:>4} | {display(line, 1000)}", width))
        if len(lines) > _SHOWN_LINES:
            terminal.say(f"     | ... {len(lines) - _SHOWN_LINES} more lines")


def _holds_statements(statement: ast.Statement, scope: Scope) -> bool:
    """Tell whether a statement runs others: of a block, of a function, of an imported file."""
    return any(
        isinstance(node, ast.Block | ast.Import)
        or (isinstance(node, ast.Call) and scope.function(node.name) is not None)
        for node in ast.walk(statement)
    )


def edit(session: Session, span: Span) -> tuple[Span, tuple[ast.Statement, ...]] | None:
    """Let a person edit a statement's text; return where the new text is, and its statements.
    None: it was given up."""
    text = editable(session, edits.text_at(session.interpreter.progress, span))
    while True:
        try:
            with session.editing_in(edits.around(session.interpreter.progress, span)):
                text = session.read_text(text)
        except (EOFError, KeyboardInterrupt):
            session.terminal.say("not changed: the statement is as it was")
            return None
        new = edits.edited_source(span, text)
        try:
            statements = parse_line(new.source).statements
        except KxshError as error:
            session.show(error)
        else:
            return (new, statements) if statements else None


def editable(session: Session, text: str) -> str:
    """Return a script's text as a terminal can take it: a script is a file, and hostile."""
    shown = "\n".join(display(line.expandtabs(), len(line) * 8 + 8) for line in text.splitlines())
    if shown != text:
        session.terminal.say("what cannot be shown stands here as \\x.. or \\u....")
    return shown


def ask_key(terminal: Terminal, question: str) -> str:
    """Ask for one key; return its name or character. Without a terminal: of a line."""
    if not terminal.stream_in.isatty():
        terminal.write(question)
        line = terminal.stream_in.readline()
        return line.strip()[:1].lower() or ("enter" if line else "eof")
    with Keys(terminal.stream_in) as keys:  # first: who answers at once presses a key, too
        terminal.write(question)
        key = keys.read(None)
    terminal.say(key if len(key) == 1 and key.isprintable() else "")
    return key.lower()
