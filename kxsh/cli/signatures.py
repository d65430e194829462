"""`kxsh --signatures`: every command's declaration, for editors and scripts."""

from __future__ import annotations


def print_signatures() -> int:
    """Print all declarations as JSON; return the exit code."""
    import json

    from kxsh.commands import COMMANDS

    print(json.dumps([item.as_json() for item in COMMANDS.values()], indent=2))
    return 0
