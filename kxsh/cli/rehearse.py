"""`kxsh --dry-run`: run a script against an image, and show what would be done."""

from __future__ import annotations

import argparse

from kxsh.cli.help import know_codes
from kxsh.cli.reading import passes_check, report, script_of
from kxsh.errors import KxshError


def rehearse_script(arguments: argparse.Namespace) -> int:
    """Rehearse a script; return the exit code."""
    from kxsh.image.rehearsal import rehearse

    try:
        source = script_of(arguments)
        if not passes_check(source):
            return 2
        know_codes()
        result = rehearse(source, arguments.image or [])
    except KxshError as error:
        return report(error)
    if arguments.format == "json":
        import json

        print(json.dumps(result.as_json(), indent=2))
    else:
        print(result.describe())
    if result.error is not None:
        return report(result.error)
    # On the target a script that only ends is a failure, KX303.
    return 0 if result.ended or not arguments.image else 1
