"""What the menu does with the machine besides choosing: plans, the prompt, the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kxsh.boot.entry import Entry
from kxsh.commands import COMMANDS
from kxsh.commands.boot import plan_of
from kxsh.console.script.journal import keep_journal
from kxsh.console.script.why import explain
from kxsh.diagnostics import render_error
from kxsh.errors import Failure, Interrupted, KxshError, RecoveryRequest
from kxsh.interpreter.context import CallContext
from kxsh.machine.gone import with_names
from kxsh.machine.protocol import FirmwareEntry, Machine

if TYPE_CHECKING:
    from kxsh.console.terminal import Terminal
    from kxsh.interpreter.interpreter import Interpreter


NO_FAILURE = "nothing has failed so far"


class Desk:
    """Works for one menu; what it opens it closes again."""

    def __init__(self, interpreter: Interpreter, terminal: Terminal) -> None:
        self._interpreter = interpreter
        self._terminal = terminal

    @property
    def machine(self) -> Machine:
        """The machine, to be looked at: what that mounts is nothing for `undo`."""
        return keep_journal(self._interpreter).machine

    def plan(self, entry: Entry, words: str) -> list[str]:
        """Return what `plan` says of an entry with more words, or why it fails, as lines."""
        interpreter = self._interpreter
        try:
            with interpreter.block(interpreter.globals) as scope:
                context = CallContext(interpreter, scope, None)
                context.add_words([words] if words else [])
                try:
                    text = plan_of(context, entry).describe()
                except KxshError as error:
                    text = render_error(error)
                # While what it has mounted is still there to be named.
                return with_names(text, interpreter.machine.mounts()).splitlines()
        except KxshError as error:
            return render_error(error).splitlines()
        except KeyboardInterrupt:
            return ["stopped by Ctrl-C"]
        finally:
            interpreter.words = ()

    def open_prompt(self, request: RecoveryRequest | None = None) -> None:
        """Open the recovery prompt, and say why where an entry asked for it; its end comes back."""
        from kxsh.console.prompt import loop as prompt

        interpreter = self._interpreter
        banner = "Recovery prompt: `exit` or Ctrl-D goes back to the menu"
        if self._terminal.moves_cursor:
            banner = "Recovery prompt: Esc, `exit` or Ctrl-D goes back to the menu"
        journal = keep_journal(interpreter)
        before = interpreter.interactive, interpreter.page, journal.paused
        stepper, failed = interpreter.stepper, interpreter.last_error
        # What is typed there is no statement of the script that somebody steps through.
        interpreter.interactive, interpreter.stepper = True, None
        try:
            prompt.run(interpreter, self._terminal, error=request, banner=banner, nested=True)
        finally:
            interpreter.interactive, interpreter.page, journal.paused = before
            interpreter.stepper = stepper
            if interpreter.last_error is request:  # no failure: the menu tells of the last one
                interpreter.last_error = failed

    def leave(self, command: str) -> list[str]:
        """Run reboot, poweroff or firmware; return why that failed, as lines."""
        interpreter = self._interpreter
        arguments = () if command == "firmware" else (0,)
        try:
            with interpreter.block(interpreter.globals) as scope:
                COMMANDS[command].function(CallContext(interpreter, scope, None), *arguments)
        except (Interrupted, KeyboardInterrupt):
            return ["stopped by Ctrl-C"]
        except KxshError as error:
            return said(error)
        return []

    def firmware_entries(self) -> list[FirmwareEntry]:
        """Return what the firmware can start; `Failure` without UEFI."""
        return self._interpreter.machine.firmware_entries()

    def set_next_boot(self, number: int) -> list[str]:
        """Choose what the firmware starts next; return why that failed, as lines."""
        try:
            self._interpreter.machine.set_next_boot(number)
        except Failure as error:
            return said(error)
        return []

    def remember(self, error: KxshError) -> None:
        """Keep an error for `why`."""
        self._interpreter.last_error = error

    def why(self, columns: int) -> list[str]:
        """Return all that is known about the last failure, as lines."""
        error = self._interpreter.last_error
        if error is None:
            return [NO_FAILURE]
        return explain(error, columns).splitlines()


def said(error: KxshError) -> list[str]:
    """Return what failed, and what to try, as lines."""
    return [error.message, *(["", f"What to try: {error.hint}"] if error.hint else [])]
