"""What the prompt does with a line: run it, show what failed, remember it for `why`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from kxsh.commands import COMMANDS, Command
from kxsh.console import tables
from kxsh.console.interrupts import abandonable
from kxsh.console.prompt import looking, variables
from kxsh.console.prompt.commands import PromptCommands
from kxsh.console.prompt.history import History, has_secret
from kxsh.console.prompt.lines import Line, Lines
from kxsh.console.script.edits import Around
from kxsh.console.script.journal import keep_journal
from kxsh.console.script.resume import Resume
from kxsh.console.terminal import Terminal
from kxsh.errors import (
    Failure,
    Interrupted,
    KxshError,
    ParseError,
    RecoveryRequest,
    UsageError,
    internal_fault,
)
from kxsh.interpreter import calls
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.protocol import FileFacts, Mount
from kxsh.source import Source
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_line
from kxsh.text import display, fold, second_column

Retry = Callable[[], KxshError | None]
# Failures that `why` can look back at.
_REMEMBERED = 20
# What these show is not theirs, and stays as it is.
_VERBATIM = ("cat", "help")
# So many columns that no line of a help or an error is broken.
_UNBROKEN = 10_000
_KILLED = "was ended by SIG"
# Commands that are programs, too; here they only look.
_LOOKS = ("ls", "cat")
# By these the prompt's `retry` is told from the one with a block.
_OF_RETRY = ("edit", "save", "skip", "whole")


class Session:
    """One prompt's state beside the interpreter's: failures, what each line did, the end.

    `read_text` lets a person edit a text; the prompt sets it.
    """

    def __init__(self, interpreter: Interpreter, terminal: Terminal, retry: Retry | None) -> None:
        self.interpreter = interpreter
        self.terminal = terminal
        self.retry = retry
        self.done = False
        self.nested = False
        self.journal = keep_journal(interpreter)
        self.journal.paused = True
        interpreter.page = self._show_value
        self.lines = Lines(interpreter, self.journal)
        self.history = History()
        # What stands around the text that `read_text` is given, where that is a script's.
        self.around: Around | None = None
        self.read_text: Callable[[str], str] = lambda text: text
        self.commands: dict[str, Command] = PromptCommands(self).table()
        self._failures: list[KxshError] = []

    # -- running

    def execute(self, text: str) -> None:
        """Run what was typed. Whatever it ends with is shown; only the machine's own end
        (`Ended`) and an end of the process go further."""
        if not text.strip():
            return
        self._remember_line(text)
        if self.history.lines[-1:] == [text.rstrip()]:  # no secret, and no blank before it
            self.terminal.log.add(f"kxsh> {text}")
        elif text[0] in " \t" or has_secret(text):
            self.terminal.log.hide(text)
        if text.strip() == variables.LINE:
            self.page(variables.listing(self.interpreter, self.terminal.size()[0] - 1))
            return
        source = Source("<prompt>", text)
        line = self.lines.begin(source)
        self.journal.line, self.journal.paused = source, False
        try:
            with abandonable():
                self._run(source, line)
            line.ok = True
        except RecoveryRequest as request:
            typed = request.span is not None and request.span.source is source
            self.terminal.say("this is the recovery prompt already") if typed else self.fail(
                request
            )
        except KxshError as error:
            self.fail(self._corrected(error, source))
        except KeyboardInterrupt:
            self.fail(Interrupted("stopped by Ctrl-C"))
        except Exception as error:
            self.fail(internal_fault(error))
        finally:
            self.journal.paused = True
            self.lines.end(line)

    def _corrected(self, error: KxshError, source: Source) -> KxshError:
        """Return an error of a line that was typed, with the hint that fits at the prompt."""
        if error.span is None or error.span.source is not source:
            return error
        from kxsh.console.prompt.hints import corrected

        return corrected(self, error)

    def _remember_line(self, text: str) -> None:
        try:
            self.history.add(text)
        except Failure as error:
            self.history.stop()
            told = f"the history is not written any more: {error.message}; `history on` tries again"
            self.terminal.warn(display(told, 1000))

    def leave(self) -> None:
        """Do what `exit` and Ctrl-D ask for: boot on, where there is something to boot."""
        resume = Resume(self)
        if not resume.possible:
            self.done = True
        elif self.terminal.ask(f"Resume booting: {resume.what()}?"):
            self.execute("retry")

    def _run(self, source: Source, line: Line) -> None:
        call = lone_call(parse_line(source))
        scope = self.interpreter.session
        if call is not None and self.asks_for_help(call):
            line.asks = True
            self.help(call.name)
        elif call is not None and self.is_prompt_command(call):
            line.asks = True
            looks = call.name in _LOOKS
            with looking.closing(self.interpreter.machine, scope) if looks else nullcontext():
                command = self.commands[call.name]
                text = calls.run_command(self.interpreter, command, call, scope)
                if isinstance(text, str):
                    verbatim = call.name in _VERBATIM
                    columns = self.terminal.size()[0] - 1
                    self.page(text if verbatim else tables.sentences(text, columns), logged=text)
        elif call is not None and (program := self._program_call(call)) is not None:
            calls.call(self.interpreter, program, scope, None)
            self.lines.worked(line, f"run {source.text.strip()}")
        else:
            self.interpreter.run_line(source, lambda one: self.lines.worked(line, one.span.text))
            if call is not None and call.name == "keymap":
                self.terminal.say(self._layout_note(call))

    def _layout_note(self, call: ast.Call) -> str:
        """Return what `keymap` did, which shows nowhere else, and how it is tried."""
        layout = display(call.span.text.removeprefix("keymap").strip(), 60)
        if self.terminal.serial:
            return (
                f"the machine's own keyboard has the layout {layout} now;\n"
                "on this serial line the layout is that of the computer at its other end"
            )
        return f"the layout {layout} is loaded: type here to try it, Ctrl-C clears the line"

    @contextmanager
    def editing_in(self, around: Around | None) -> Iterator[None]:
        """Let what is typed be checked as a part of a script."""
        self.around = around
        try:
            yield
        finally:
            self.around = None

    def page(self, text: str, *, newest: bool = False, logged: str | None = None) -> None:
        """Show what was asked for: page by page where the screen is too small for it."""
        from kxsh.console.pager import show

        show(self.terminal, text, newest=newest, logged=logged)

    def help(self, topic: str) -> None:
        """Show the help on anything that has a name; `NotFound` with what is near."""
        from kxsh.console.help import helping

        columns = self.terminal.size()[0] - 1
        text = helping.explain(self, topic, columns)
        self.page(text, logged=helping.explain(self, topic, _UNBROKEN))

    def _show_value(self, text: str) -> None:
        """Show a value; what has two columns, as a plan, goes on in the second one."""
        columns = self.terminal.size()[0] - 1
        lines = (
            fold(line, columns) if second_column(line) else [line] for line in text.split("\n")
        )
        self.page("\n".join(part for parts in lines for part in parts), logged=text)

    def asks_for_help(self, call: ast.Call) -> bool:
        """Tell whether a call is ``NAME --help`` of a command; a program has its own."""
        known = call.name in self.commands or call.name in COMMANDS
        return known and [word.name for word in call.arguments] == ["help"]

    def is_prompt_command(self, call: ast.Call) -> bool:
        """Tell whether a call means the prompt's command: `retry 3 { }` is the built-in, and
        `ls -l` or `cat a b` a program."""
        words = sum(argument.kind == "word" for argument in call.arguments)
        if call.name in _LOOKS and (words > 1 or len(call.arguments) > words):
            return False
        own = any(argument.name in _OF_RETRY for argument in call.arguments)
        return call.name in self.commands and (call.name != "retry" or own or not words)

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
        if isinstance(error, Interrupted) or _KILLED in error.message:
            self.terminal.write("\n")  # the terminal shows ^C, and no line's end
        if isinstance(error, RecoveryRequest):  # asked for, so no error to be shown as one
            self.terminal.say(display(error.message, 4000))
            return
        self.show(error)

    def show(self, error: KxshError) -> None:
        """Show an error as this terminal can."""
        columns = self.terminal.size()[0] - 1
        self.terminal.say(
            tables.rendered(error, columns, color=self.terminal.color),
            logged=tables.rendered(error, _UNBROKEN, color=False),
        )
        if isinstance(error, UsageError):
            from kxsh.console.words.signatures import usage_for

            usage = usage_for(self, error, columns)
            if usage:
                self.terminal.say(usage)

    def remember(self, error: KxshError) -> None:
        self.failure(1)  # one from before this prompt can be looked back at, too
        others = [one for one in self._failures if one is not error]
        self._failures = [*others, error][-_REMEMBERED:]
        self.interpreter.last_error = error

    def failures(self) -> Iterator[KxshError]:
        """Yield what can be looked back at, newest first."""
        number = 1
        while (error := self.failure(number)) is not None:
            yield error
            number += 1

    def failure(self, number: int) -> KxshError | None:
        """Return the last failure for 1, the one before it for 2, and so on."""
        last = self.interpreter.last_error
        if last is not None and last not in self._failures:
            self._failures.append(last)
        known = len(self._failures)
        return self._failures[-number] if 0 < number <= known else None

    def mounts(self) -> Iterator[tuple[Mount, str]]:
        """Yield each mount and the line that made it, where that was seen."""
        for mount in self.interpreter.machine.mounts():
            effect = self.journal.opener(mount)
            esp = self.interpreter.esp
            loader = "the loader" if esp and mount.device.path == esp.path else ""
            yield mount, self.lines.place_of(effect) if effect else loader


def is_incomplete(text: str, around: Around | None = None) -> bool:
    """Tell whether more lines could turn `text` into something that can run; one that stands
    in a script is complete where that is."""
    if text.strip() == variables.LINE and around is None:
        return False
    if around is not None and not is_incomplete(around.text(text)):
        return False
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
