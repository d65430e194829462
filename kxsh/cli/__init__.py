"""`kxsh`: run, check and rehearse boot scripts; the prompt. One module for each job."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kxsh.errors import Interrupted
from kxsh.text import display

if TYPE_CHECKING:
    import argparse


def main(argv: Sequence[str] | None = None) -> int:
    """Run `kxsh`; return the exit code."""
    job = _job(list(sys.argv[1:] if argv is None else argv))
    try:
        return job()
    except (KeyboardInterrupt, Interrupted):
        print("kxsh: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        print(f"kxsh: {display(str(name))}{error.strerror or error}", file=sys.stderr)
        return 2


def _job(words: Sequence[str]) -> Callable[[], int]:
    """Return what the words ask for; wrong usage ends the program here."""
    if not words:  # without argparse the prompt is there sooner
        from kxsh.cli.run import run_prompt

        return run_prompt
    if words[:1] == ["state"]:
        from kxsh.cli import state

        if state.is_call(words):
            return lambda: state.run(words[1:])
    if words[:1] == ["help"]:
        from kxsh.cli import help

        if help.is_call(words):
            return lambda: help.run(words[1:])
    from kxsh.cli.arguments import build_parser, usage_fault

    parser = build_parser()
    arguments = parser.parse_args(words)
    fault = usage_fault(arguments)
    if fault:
        parser.error(fault)
    return lambda: _run(arguments)


def _run(arguments: argparse.Namespace) -> int:
    """Do the one job that the options ask for; each is imported only when it is asked for."""
    if arguments.signatures:
        from kxsh.cli.signatures import print_signatures

        return print_signatures()
    if arguments.lsp:
        from kxsh.cli.lsp import serve

        return serve()
    if arguments.explain:
        from kxsh.cli.explain import explain

        return explain(arguments.files)
    if arguments.fmt:
        from kxsh.cli.format import format_files

        return format_files(arguments)
    if arguments.check:
        from kxsh.cli.check import check

        return check(arguments)
    if arguments.dry_run:
        from kxsh.cli.rehearse import rehearse_script

        return rehearse_script(arguments)
    from kxsh.cli.run import run_prompt, run_script

    if arguments.files or arguments.text is not None:
        return run_script(arguments)
    return run_prompt()
