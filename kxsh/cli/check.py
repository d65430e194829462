"""`kxsh --check`: find mistakes, run nothing."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kxsh.cli.reading import importer_beside, read_source, use_color
from kxsh.diagnostics import Diagnostic, from_error, render, render_error
from kxsh.errors import Failure, ParseError
from kxsh.source import Source
from kxsh.text import display

if TYPE_CHECKING:
    from kxsh.checker.facts import Facts


def check(arguments: argparse.Namespace) -> int:
    """Check the files; return 1 where anything was found, else 0."""
    findings: list[Diagnostic] = []
    names = arguments.files or ["<text>"]
    try:
        with known_facts(arguments) as facts:
            for name in names:
                findings += _findings(name, arguments.text, facts)
    except Failure as failure:
        print(render_error(failure, color=use_color(sys.stderr)), file=sys.stderr, end="")
        return 2
    if arguments.format == "json":
        import json

        print(json.dumps([finding.as_json() for finding in findings], indent=2))
    else:
        for finding in findings:
            print(render(finding, color=use_color(sys.stdout), wrapped=True, more=True))
        count = len(findings)
        if count:
            print(f"{count} finding{'s' if count > 1 else ''} in {len(names)} file(s)")
    return 1 if findings else 0


@contextmanager
def known_facts(arguments: argparse.Namespace) -> Iterator[Facts | None]:
    """Give what --image, --esp and --initramfs tell; afterwards say what could not be known."""
    if not (arguments.image or arguments.esp or arguments.initramfs):
        yield None
        return
    from kxsh.image.facts import ImageFacts

    with ImageFacts(arguments.image or (), arguments.esp or "", arguments.initramfs or "") as facts:
        yield facts
        for note in facts.notes:
            print(f"kxsh: note: {display(note)}", file=sys.stderr)


def _findings(name: str, text: str | None, facts: Facts | None) -> list[Diagnostic]:
    from kxsh.checker import check_source

    try:
        source = Source("<text>", text) if text is not None else read_source(name)
    except ParseError as error:
        return [from_error(error)]
    return check_source(source, find_import=importer_beside(name), facts=facts)
