"""The recovery prompt: reads lines, runs them, never ends by itself."""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

from kxsh.console.interrupts import heard, ignored
from kxsh.console.modes import Modes, without_stops
from kxsh.console.prompt.plain import PlainReader
from kxsh.console.prompt.session import Retry, Session
from kxsh.console.script.resume import Resume
from kxsh.console.terminal import Terminal
from kxsh.errors import Denied, KxshError, internal_fault
from kxsh.interpreter.interpreter import Interpreter
from kxsh.text import display

# Where the input has ended for good (a modem hung up), look again this often, in seconds.
_PATIENCE = 1.0


class Reader(Protocol):
    """Where lines come from."""

    def read(self) -> str:
        """Return a complete statement. `EOFError` is Ctrl-D, KeyboardInterrupt Ctrl-C."""

    def edit(self, text: str) -> str:
        """Return what a person makes of a text; ends as `read` does."""


def run(
    interpreter: Interpreter,
    terminal: Terminal,
    *,
    error: KxshError | None,
    banner: str = "",
    retry: Retry | None = None,
    nested: bool = False,
) -> None:
    """Show `error` and the banner, then read and run lines.

    `retry` runs the failed script again and returns what stopped it; `exit` and Ctrl-D
    ask whether to do that. Without `retry` they leave the prompt, and this returns.
    `nested`: it was opened from something that it goes back to, also by Esc.
    Raises `Denied` where nobody may have it; `machine.Ended` passes through. Ctrl-C is
    heard while a line is read or runs, and ends the prompt nowhere.
    """
    with ignored():
        _run(interpreter, terminal, error, banner, retry, nested)


def _run(
    interpreter: Interpreter,
    terminal: Terminal,
    error: KxshError | None,
    banner: str,
    retry: Retry | None,
    nested: bool,
) -> None:
    if not terminal.access.allows("prompt"):  # the one door, whoever leads to it
        raise Denied("the recovery prompt is closed on this machine")
    session = Session(interpreter, terminal, retry)
    session.nested = nested
    if error is not None:
        session.fail(error)
    terminal.say(banner or opening(session))
    with _no_suspend(terminal):
        _loop(session, _reader(session))


def opening(session: Session) -> str:
    """Return the banner: where one is, and what to try; short lines for small screens."""
    esp = session.interpreter.esp
    name = "kxsh" if session.retry is None else "Recovery prompt"
    lines = [f"{name}, started from {display(str(esp))}" if esp is not None else name]
    if session.retry is not None:
        lines.append("  wrong letters?  keymap de")
    if session.failure(1) is not None:
        lines.append("  why    what failed, and what to try")
    lines += [
        "  disks  what disks there are",
        "  help   all commands; Tab completes",
        "  sh     a plain shell, and back",
    ]
    resume = Resume(session)
    if resume.possible:
        lines.append(f"  retry  {resume.shortly()} (or Ctrl-D)")
    if resume.own_file and not (esp is not None and esp.only_read):
        lines.append("  retry --edit --save  mend it for good")
    return "\n".join(lines)


def _loop(session: Session, reader: Reader) -> None:
    terminal = session.terminal
    while not session.done:
        session.read_text = reader.edit
        try:
            session.execute(reader.read())
        except KeyboardInterrupt:
            if isinstance(reader, PlainReader):
                terminal.say("")
            continue
        except EOFError:
            _end_of_input(session)
            continue
        except Exception as error:
            session.remember(internal_fault(error))
            terminal.say(
                f"line editing failed, plain input from here (`why`): {display(str(error))}"
            )
            if isinstance(reader, PlainReader):
                time.sleep(_PATIENCE)
            reader = PlainReader(terminal)


def _end_of_input(session: Session) -> None:
    session.terminal.say("")
    asked = time.monotonic()
    try:
        with heard():
            session.leave()
    except (KxshError, KeyboardInterrupt, OSError) as error:
        session.terminal.say(display(str(error)))
    if not session.done and time.monotonic() - asked < 0.01:
        # Nobody answers that fast: the terminal is gone. Do not spin.
        time.sleep(_PATIENCE)


def _reader(session: Session) -> Reader:
    """Return prompt_toolkit's reader where it can start here, else the plain one."""
    terminal = session.terminal
    if not terminal.moves_cursor or not terminal.stream_in.isatty():
        return PlainReader(terminal)
    try:
        with _quick_imports():
            from kxsh.console.prompt.line_editor import LineEditor

        return LineEditor(session)
    except Exception as error:
        session.remember(internal_fault(error))
        terminal.say(f"no line editing here, plain input instead (`why`): {display(str(error))}")
        return PlainReader(terminal)


@contextmanager
def _quick_imports() -> Iterator[None]:
    """Import prompt_toolkit in a fifth less time: a prompt needs no TLS, which asyncio does
    without where there is none, and nothing that is made here is garbage."""
    collected = gc.isenabled()
    hidden = "ssl" not in sys.modules
    if hidden:
        sys.modules["ssl"] = None  # type: ignore[assignment]
    gc.disable()
    try:
        yield
    finally:
        if hidden:
            del sys.modules["ssl"]
        if collected:
            gc.enable()


def _no_suspend(terminal: Terminal) -> AbstractContextManager[object]:
    """Take Ctrl-Z and Ctrl-\\ off the terminal, where it is one."""
    if not terminal.stream_in.isatty():
        return nullcontext()
    return Modes(terminal.stream_in.fileno(), without_stops)
