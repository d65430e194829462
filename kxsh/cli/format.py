"""`kxsh --fmt`: scripts in the one look, in place, or what that would change."""

from __future__ import annotations

import argparse
import difflib
import sys

from kxsh.cli.reading import use_color
from kxsh.cli.writing import encode_like, replace_file
from kxsh.diagnostics import render_error
from kxsh.errors import KxshError
from kxsh.machine.given_file import open_given
from kxsh.syntax import limits
from kxsh.syntax.decode import decode_source
from kxsh.text import display

_COLORS = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}


def format_files(arguments: argparse.Namespace) -> int:
    """Format the files, or standard input to standard output; return the exit code.

    1: a file is not kxs and was left alone, or (with --check) one would change.
    """
    faults = changes = 0
    for name in arguments.files or ["-"]:
        before = _read(name)
        try:
            after = format_bytes(name, before)
        except KxshError as error:
            print(render_error(error, color=use_color(sys.stderr)), file=sys.stderr, end="")
            faults += 1
            continue
        changes += after != before
        if arguments.diff:
            _show_difference(name, before, after)
        elif arguments.check:
            if after != before:
                print(display(name))
        elif name == "-":
            sys.stdout.buffer.write(after)
            sys.stdout.buffer.flush()
        elif after != before:
            replace_file(name, after)
    return 1 if faults or (arguments.check and changes) else 0


def format_bytes(name: str, data: bytes) -> bytes:
    """Return a file's contents in the one look; its byte order mark and its kind of line
    ends stay. Raises `ParseError`."""
    from kxsh.syntax.format import format_source

    text = format_source(decode_source("<stdin>" if name == "-" else name, data))
    return encode_like(text, data)


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(limits.SIZE + 1)
    with open_given(name) as file:
        return file.read(limits.SIZE + 1)


def _show_difference(name: str, before: bytes, after: bytes) -> None:
    """Print a unified diff, which `patch` takes; on a terminal made safe, and coloured."""
    terminal, color = sys.stdout.isatty(), use_color(sys.stdout)
    old, new = (data.decode().splitlines(keepends=True) for data in (before, after))
    for line in difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"):
        text = line.removesuffix("\n")
        shown = display(text) if terminal else text
        tint = _COLORS.get(line[0], "") if color else ""
        print(f"{tint}{shown}\x1b[0m" if tint else shown)
        if not line.endswith("\n"):
            print("\\ No newline at end of file")
