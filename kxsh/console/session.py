"""What the prompt does with a line: run it, show what failed, remember it for `why`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

from kxsh.commands import COMMANDS, Command
from kxsh.console.commands import PromptCommands
from kxsh.console.interrupts import abandonable
from kxsh.console.terminal import Terminal
from kxsh.diagnostics import render_error
from kxsh.errors import (
    Failure,
    Interrupted,
    KxshError,
    ParseError,
    RecoveryRequest,
    internal_fault,
)
from kxsh.interpreter import calls
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.protocol import FileFacts, Mount
from kxsh.source import Source
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_line
from kxsh.text import display

Retry = Callable[[], KxshError | None]
# Failures that `why` can look back at.
_REMEMBERED = 20


class Session:
    """One prompt's state beside the interpreter's: failures, who mounted what, the end."""

    def __init__(self, interpreter: Interpreter, terminal: Terminal, retry: Retry | None) -> None:
        self.interpreter = interpreter
        self.terminal = terminal
        self.retry = retry
        self.done = False
        self.commands: dict[str, Command] = PromptCommands(self).table()
        self._failures: list[KxshError] = []
        self._mounted_by: dict[str, str] = {}

    # -- running

    def execute(self, text: str) -> None:
        """Run what was typed. Whatever it ends with is shown; only the machine's own end
        (`Ended`) and an end of the process go further."""
        if not text.strip():
            return
        before = self.interpreter.machine.mounts()
        try:
            with abandonable():
                self._run(Source("<prompt>", text))
        except RecoveryRequest:
            self.terminal.say("this is the recovery prompt")
        except KxshError as error:
            self.fail(error)
        except KeyboardInterrupt:
            self.fail(Interrupted("stopped by Ctrl-C"))
        except Exception as error:
            self.fail(internal_fault(error))
        for mount in self.interpreter.machine.mounts():
            if mount not in before:
                self._mounted_by[mount.path] = f"`{display(text.strip())}`"

    def resume(self) -> None:
        """Run the failed script again; come back when that fails too."""
        if self.retry is None:
            self.terminal.say("there is no script to run again")
            return
        error = self.retry()
        if error is None:
            self.terminal.say("the script ended without starting a kernel")
        else:
            self.fail(error)

    def leave(self) -> None:
        """Do what `exit` and Ctrl-D ask for: boot on, where there is something to boot."""
        if self.retry is None:
            self.done = True
        elif self.terminal.ask("Resume booting: run the script again?"):
            self.execute("retry")

    def _run(self, source: Source) -> None:
        call = lone_call(parse_line(source))
        scope = self.interpreter.session
        if call is not None and self.is_prompt_command(call):
            self._show(calls.run_command(self.interpreter, self.commands[call.name], call, scope))
        elif call is not None and (program := self._program_call(call)) is not None:
            calls.call(self.interpreter, program, scope, None)
        else:
            self.interpreter.run_line(source)

    def _show(self, text: object) -> None:
        if isinstance(text, str):
            self.terminal.say(text)

    def is_prompt_command(self, call: ast.Call) -> bool:
        """Tell whether a call means the prompt's command; `retry 3 { }` is the built-in."""
        return call.name in self.commands and not (call.name == "retry" and call.arguments)

    # -- programs

    def _program_call(self, call: ast.Call) -> ast.Call | None:
        """Return `run NAME ...` for an unknown command that is a program here."""
        name = call.name
        if name in COMMANDS or self.interpreter.session.function(name) is not None:
            return None
        path = self.find_program(name)
        if path is None:
            return None
        self.terminal.say(f"running the program {display(path)}")
        word = ast.Argument(call.name_span, "word", "", ast.Literal(call.name_span, name))
        return ast.Call(call.span, "run", call.name_span, (word, *call.arguments), call.optional)

    def find_program(self, name: str) -> str | None:
        """Return the path of a program by its name, or None."""
        for directory in self.program_directories():
            facts = self._stat(f"{directory}/{name}")
            if facts is not None and facts.kind == "file":
                return f"{directory}/{name}"
        return None

    def program_directories(self) -> list[str]:
        """Return the directories that hold programs, as PATH says."""
        return [part for part in os.environ.get("PATH", os.defpath).split(":") if part]

    def _stat(self, path: str) -> FileFacts | None:
        try:
            root, inside = self.interpreter.machine.locate(path)
            return root.stat(inside)
        except Failure:
            return None

    # -- what happened

    def fail(self, error: KxshError) -> None:
        """Show an error and keep it for `why`."""
        self.remember(error)
        if isinstance(error, RecoveryRequest):  # asked for, so no error to be shown as one
            self.terminal.say(display(error.message, 4000))
            return
        text = render_error(error, color=self.terminal.color)
        self.terminal.say(text.rstrip("\n"))

    def remember(self, error: KxshError) -> None:
        self._failures = [*self._failures, error][-_REMEMBERED:]
        self.interpreter.last_error = error

    def failure(self, number: int) -> KxshError | None:
        """Return the last failure for 1, the one before it for 2, and so on."""
        last = self.interpreter.last_error
        if last is not None and last not in self._failures:
            self._failures.append(last)
        known = len(self._failures)
        return self._failures[-number] if 0 < number <= known else None

    def mounts(self) -> Iterator[tuple[Mount, str]]:
        """Yield each mount and the line that made it, or the script's name, if known."""
        for mount in self.interpreter.machine.mounts():
            yield mount, self._mounted_by.get(mount.path, "")


def is_incomplete(text: str) -> bool:
    """Tell whether more lines could turn `text` into something that can run."""
    try:
        parse_line(Source("<prompt>", text))
    except ParseError as error:
        return error.incomplete
    except KxshError:
        return False
    return False


def lone_call(script: ast.Script) -> ast.Call | None:
    """Return the call when a line is nothing but one call."""
    statements = script.statements
    if len(statements) != 1 or not isinstance(statements[0], ast.CallStatement):
        return None
    statement = statements[0]
    if statement.block is not None or statement.handlers:
        return None
    return statement.call
