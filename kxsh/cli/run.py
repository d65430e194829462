"""`kxsh boot.kxs`, `kxsh -c TEXT`, `kxsh`: run a script or the prompt on this machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from kxsh.cli.help import know_codes
from kxsh.cli.reading import importer_beside, passes_check, report, script_of, use_color
from kxsh.errors import KxshError, ParseError
from kxsh.machine.protocol import Ended

if TYPE_CHECKING:
    import argparse


def run_script(arguments: argparse.Namespace) -> int:
    """Run a script for real; return the exit code."""
    from kxsh.console.terminal import Terminal, Voice
    from kxsh.interpreter.interpreter import Interpreter
    from kxsh.machine.linux import LinuxMachine

    try:
        source = script_of(arguments)
    except ParseError as error:
        return report(error)
    terminal = Terminal(sys.stdin, sys.stdout, color=use_color(sys.stdout), serial=False)
    interpreter = Interpreter(
        LinuxMachine(Voice(terminal)), terminal, find_import=importer_beside(source.name)
    )
    terminal.interpreter = interpreter
    know_codes()
    if not passes_check(source):
        return 2
    try:
        interpreter.run_script(source, shows_results=arguments.text is not None)
    except Ended:
        return 0
    except KxshError as error:
        return report(error)
    finally:
        interpreter.close_all()
    return 0


def run_prompt() -> int:
    """Open the prompt on this machine; return the exit code. At a terminal a second Ctrl-C
    ends it, whatever it is stuck in."""
    from kxsh.machine.supervisor import supervise

    return supervise(_prompt) if sys.stdin.isatty() else _prompt(-1)


def _prompt(board: int) -> int:
    from kxsh.console.interrupts import ignore_from_now
    from kxsh.console.prompt import loop as prompt
    from kxsh.console.terminal import Terminal, Voice
    from kxsh.interpreter.imports import importer
    from kxsh.interpreter.interpreter import Interpreter
    from kxsh.machine.linux import LinuxMachine

    ignore_from_now(board)
    terminal = Terminal(sys.stdin, sys.stdout, color=use_color(sys.stdout), serial=False)
    interpreter = Interpreter(
        LinuxMachine(Voice(terminal)), terminal, find_import=importer(None, "/"), interactive=True
    )
    terminal.interpreter = interpreter
    try:
        prompt.run(interpreter, terminal, error=None, banner="", retry=None)
    finally:
        interpreter.close_all()
    return 0
