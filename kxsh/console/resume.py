"""Going on with the script that stopped: from the failed statement, or from its begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kxsh.console.stepping import Stepper, edit
from kxsh.errors import KxshError, UsageError
from kxsh.text import display

if TYPE_CHECKING:
    from collections.abc import Callable

    from kxsh.console.session import Session
    from kxsh.interpreter.progress import Progress
    from kxsh.syntax import ast


class Resume:
    """What `retry` and `step` can do now. In a prompt that something opened which it goes back
    to, the script still runs: nothing has stopped."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._interpreter = session.interpreter

    @property
    def _progress(self) -> Progress | None:
        return None if self._session.nested else self._interpreter.progress

    @property
    def possible(self) -> bool:
        return self._session.retry is not None or self._progress is not None

    @property
    def failed(self) -> ast.Statement | None:
        """The statement where the script stopped; None where it did not, or has ended."""
        progress = self._progress
        return progress.statement if progress else None

    def what(self) -> str:
        """Return what `retry` would do, for a question; untrusted text made harmless."""
        if self.failed is None:
            return "run the script again"
        span = self.failed.span
        return display(f"go on from line {span.line} of {span.source.name}")

    def advice(self) -> str:
        """Return the next steps with the script, for `why`; empty where there is none."""
        if self.failed is None:
            return "`retry` runs the script again" if self.possible else ""
        line = self.failed.span.line
        if self._is_inside:
            return (
                f"`retry` runs the block from line {line} again, `retry --edit` lets you change it"
                " first, `retry --skip` goes on after it; `step`, then i, asks before each line"
                " inside"
            )
        return (
            f"`retry` goes on from line {line}, `retry --edit` lets you change it first,"
            " `retry --skip` goes on after it was done by hand"
        )

    @property
    def _is_inside(self) -> bool:
        """Whether what failed last is a line inside of the statement where the script stopped."""
        last, failed = self._interpreter.last_error, self.failed
        if last is None or last.span is None or failed is None:
            return False
        inside = last.span.source is failed.span.source and last.span.line > failed.span.line
        return inside and last.span.start < failed.span.end

    def whole(self) -> None:
        """Run the script anew, from its first line."""
        progress = self._progress
        if not self.possible:
            waits = "the script waits: `exit` goes back to it"
            hint = waits if self._session.nested else "`step FILE` runs one"
            raise UsageError("there is no script to run again", code="KX203", hint=hint)
        self._forget()
        if self._session.retry is not None:
            self._run(self._session.retry)
        elif progress is not None:
            script = progress.script
            self._run(lambda: self._interpreter.attempt(script))

    def _forget(self) -> None:
        """Close what the script left open; nothing of that is left to undo."""
        journal = self._session.journal
        journal.paused = True
        try:
            self._interpreter.forget_attempt()
        finally:
            journal.paused = False
        self._session.lines.forget_script()

    def go_on(self, *, skip: bool = False, change: bool = False) -> None:
        """Run on from where the script stopped; `skip` leaves that statement out, `change`
        lets it be edited first."""
        progress, failed = self._progress, self.failed
        if progress is None or failed is None:
            if skip or change:
                raise UsageError(
                    "no statement has failed", code="KX203", hint="`retry` runs the script again"
                )
            self.whole()
            return
        if change:
            edited = edit(self._session, failed.span)
            if not edited:
                return
            progress.replace(edited)
        if skip:
            progress.skip()
        self._run(progress.go_on)

    def step(self, script: ast.Script | None) -> None:
        """Run a script, or the one that stopped from there, statement by statement."""
        interpreter = self._interpreter
        interpreter.stepper = Stepper(self._session)
        try:
            if script is not None:
                self._forget()
                chosen = script
                self._run(lambda: interpreter.attempt(chosen))
            else:
                self.go_on()
        finally:
            interpreter.stepper = None

    def _run(self, work: Callable[[], KxshError | None]) -> None:
        """Run statements of the script as they run when it boots; what stops them is raised,
        or returned by `work`."""
        interpreter, journal = self._interpreter, self._session.journal
        line, interactive = journal.line, interpreter.interactive
        self._session.lines.all[-1].of_others = True
        journal.line, interpreter.interactive = None, False
        error: KxshError | None = None
        try:
            error = work()
        except KxshError as stopped:
            error = stopped
        finally:
            journal.line, interpreter.interactive = line, interactive
            self._session.lines.take_script()
        self._after(error)

    def _after(self, error: KxshError | None) -> None:
        if error is None:
            self._session.terminal.say(
                "the script ended without starting a kernel; `retry` runs it again"
            )
        else:
            raise error
