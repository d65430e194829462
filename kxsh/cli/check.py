"""`kxsh --check`: find mistakes, run nothing."""

from __future__ import annotations

import argparse
import sys

from kxsh.cli.reading import importer_beside, read_source, use_color
from kxsh.diagnostics import Diagnostic, from_error, render
from kxsh.errors import ParseError
from kxsh.source import Source


def check(arguments: argparse.Namespace) -> int:
    """Check the files; return 1 where anything was found, else 0."""
    findings: list[Diagnostic] = []
    names = arguments.files or ["<text>"]
    for name in names:
        findings += _findings(name, arguments.text)
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


def _findings(name: str, text: str | None) -> list[Diagnostic]:
    from kxsh.checker import check_source

    try:
        source = Source("<text>", text) if text is not None else read_source(name)
    except ParseError as error:
        return [from_error(error)]
    return check_source(source, find_import=importer_beside(name))
