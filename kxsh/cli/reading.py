"""Where scripts come from, and where what they import lies; errors of either."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from kxsh.diagnostics import render, render_error
from kxsh.errors import Interrupted, KxshError, ParseError, UsageError
from kxsh.machine.given_file import open_given
from kxsh.source import Source
from kxsh.syntax import limits
from kxsh.syntax.decode import decode_source

if TYPE_CHECKING:
    import argparse


def read_source(name: str) -> Source:
    """Return the script of this file; `-` is standard input."""
    if name == "-":
        return decode_source("<stdin>", sys.stdin.buffer.read(limits.SIZE + 1))
    with open_given(name) as file:
        return decode_source(name, file.read(limits.SIZE + 1))


def script_of(arguments: argparse.Namespace) -> Source:
    """Return the one script that the command line names or holds."""
    if arguments.text is not None:
        return Source("<text>", arguments.text)
    return read_source(arguments.files[0])


def use_color(stream: object) -> bool:
    """Tell whether a stream is a terminal that shows colours."""
    isatty = getattr(stream, "isatty", None)
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return bool(isatty and isatty() and not plain)


def importer_beside(name: str) -> Callable[[str], Source]:
    """Return what finds imports: they come from beside the script's file."""

    def find(path: str) -> Source:
        from kxsh.interpreter.imports import importer
        from kxsh.machine.root import DirectoryRoot

        return importer(DirectoryRoot(os.path.dirname(os.path.abspath(name))), "/")(path)

    return find


def passes_check(source: Source) -> bool:
    """Show a script's errors before anything runs; warnings are for --check."""
    from kxsh.checker import check_source

    findings = check_source(source, find_import=importer_beside(source.name))
    errors = [item for item in findings if item.severity == "error"]
    for item in errors:
        print(render(item, color=use_color(sys.stderr)), file=sys.stderr, end="")
    return not errors


def report(error: KxshError) -> int:
    """Show an error; return the exit code that it ends with."""
    if isinstance(error, Interrupted):
        raise error
    print(render_error(error, color=use_color(sys.stderr)), file=sys.stderr, end="")
    return 2 if isinstance(error, UsageError | ParseError) else 1
