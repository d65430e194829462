"""Going on with the script that stopped: from the failed statement, or from its begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kxsh.console.script import edits
from kxsh.console.script.stepping import Stepper, edit
from kxsh.errors import Interrupted, KxshError, RecoveryRequest, UsageError
from kxsh.interpreter.imports import LIBRARY
from kxsh.syntax import ast
from kxsh.text import display

if TYPE_CHECKING:
    from collections.abc import Callable

    from kxsh.console.prompt.session import Session
    from kxsh.interpreter.progress import Progress
    from kxsh.source import Source


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
    def refused(self) -> Source | None:
        """The script of which nothing ran, since it is faulty."""
        return None if self._session.nested else self._interpreter.refused

    @property
    def possible(self) -> bool:
        waits = self._progress is not None or self.refused is not None
        return waits or self._session.retry is not None

    @property
    def failed(self) -> ast.Statement | None:
        """The statement where the script stopped; None where it did not, or has ended."""
        progress = self._progress
        return progress.statement if progress else None

    @property
    def _is_menu(self) -> bool:
        failed = self.failed
        return isinstance(failed, ast.CallStatement) and failed.call.name == "menu"

    def shortly(self) -> str:
        """Return what `retry` would do in few words; untrusted text made harmless."""
        if self.failed is None:
            return "boot again"
        span = self.failed.span
        if self._is_menu:
            return "back to the menu"
        if span.source.name.startswith(LIBRARY):
            return f"go on at line {span.line} of {display(span.source.name)}"
        return f"go on at line {span.line}"

    def what(self) -> str:
        """Return what `retry` would do, for a question; untrusted text made harmless."""
        if self.failed is None:
            return "run the script again"
        span = self.failed.span
        if self._is_menu:
            return display(f"back to the menu of {span.source.name}, line {span.line}")
        return display(f"go on from line {span.line} of {span.source.name}")

    def advice(self) -> str:
        """Return the next steps with the script, for `why`; empty where there is none."""
        if self.refused is not None:
            return (
                "`retry --edit --save` opens each faulty line, writes the script to its file and"
                " runs it; without --save it holds for this boot only"
            )
        if self.failed is None:
            return "`retry` runs the script again" if self.possible else ""
        line, faulty = self.failed.span.line, self._faulty
        if faulty is not None and faulty is not self.failed:
            return (
                f"`retry` runs all from line {line} again, `retry --edit` lets you change line"
                f" {faulty.span.line} first, `retry --edit --save` for good, `retry --skip` goes on"
                f" after what begins at line {line}; `step`, then i, asks before each line inside"
            )
        return (
            f"`retry` goes on from line {line}, `retry --edit` lets you change it first,"
            " `retry --edit --save` for good, `retry --skip` goes on after it was done by hand"
        )

    @property
    def _faulty(self) -> ast.Statement | None:
        """The line that stopped the script: the statement where it did, or one inside."""
        return edits.faulty(self._progress) if self._progress is not None else None

    def whole(self) -> None:
        """Run the script anew, from its first line."""
        progress = self._progress
        if not self.possible:
            waits = "the script waits: `exit` goes back to it"
            hint = waits if self._session.nested else "`step FILE` runs one"
            raise UsageError("there is no script to run again", code="KX203", hint=hint)
        changed = self._changed()
        self._forget()
        if changed is not None:
            self._run(changed)
        elif self._session.retry is not None:
            self._run(self._session.retry)
        elif progress is not None:
            script = progress.script
            self._run(lambda: self._interpreter.attempt(script))

    def _changed(self) -> Callable[[], None] | None:
        """Return what runs the script with what was changed in it here; None: nothing was."""
        interpreter, progress, refused = self._interpreter, self._progress, self.refused
        if refused is not None and (edits.is_edited(refused) or self._session.retry is None):
            from kxsh.console.script import mending

            script = mending.sound(interpreter, refused)
            return lambda: interpreter.attempt(script)
        if progress is None or not (progress.edits or edits.is_edited(progress.source)):
            return None
        script = ast.Script(progress.script.span, tuple(progress.statements))
        return lambda: interpreter.attempt(script, progress.edits)

    def _forget(self) -> None:
        """Close what the script left open; nothing of that is left to undo."""
        journal = self._session.journal
        journal.paused = True
        try:
            self._interpreter.forget_attempt()
        finally:
            journal.paused = False
        self._session.lines.forget_script()

    @property
    def own_file(self) -> str:
        """The name of the file that the script is from, if it stopped at a fault and has one;
        untrusted."""
        progress = self._progress
        source = progress.source if progress is not None else self.refused
        error = self._interpreter.last_error
        asked = isinstance(error, RecoveryRequest) or (
            self._is_menu and isinstance(error, Interrupted)
        )
        if source is None or asked or (self.failed is None and self.refused is None):
            return ""
        name = edits.file_name(source)
        return "" if name.startswith(LIBRARY) else name

    def change(self, *, for_good: bool) -> bool:
        """Let the line that stopped the script be edited, or each faulty one of a script
        that was refused; return whether that was done. `for_good`: its file is written then."""
        progress, faulty = self._progress, self._faulty
        if self.own_file and not for_good:
            name = display(self.own_file)
            self._session.terminal.say(
                f"for this boot only; `retry --edit --save` also writes it to {name}"
            )
        if self.refused is not None:
            from kxsh.console.script import mending

            return mending.mend(self._session, self.refused) is not None
        if progress is None or faulty is None:
            raise _nothing_failed()
        edited = edit(self._session, faulty.span)
        if edited is not None:
            edits.replace(progress, faulty, *edited)
        return edited is not None

    def go_on(self, *, skip: bool = False) -> None:
        """Run on from where the script stopped; `skip` leaves that statement out."""
        progress, failed = self._progress, self.failed
        if progress is None or failed is None:
            if skip:
                raise _nothing_failed()
            self.whole()
            return
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
        access = self._session.terminal.access
        if self._session.retry is not None and access.is_closed("prompt"):
            self._session.done = True  # a `lock` has run; who may go on here is asked outside
        self._after(error)

    def _after(self, error: KxshError | None) -> None:
        if error is None:
            self._session.terminal.say(
                "the script ended without starting a kernel; `retry` runs it again"
            )
        else:
            raise error


def _nothing_failed() -> UsageError:
    hint = "`retry` runs the script again"
    return UsageError("no statement has failed", code="KX203", hint=hint)
