"""The options ``--recovery`` and ``--password``: who may do what at a loader's consoles."""

from __future__ import annotations

import argparse

from kxsh.image.tools import ImageError
from kxsh.machine.passwords import is_hash
from kxsh.options import parse_lock
from kxsh.text import display


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--recovery", metavar="WHO", help="open, password or off,30s (open)")
    parser.add_argument(
        "--password",
        action="append",
        default=[],
        metavar="HASH",
        help="what opens it, from `kximage password`; may repeat",
    )


def words(arguments: argparse.Namespace) -> list[str]:
    """Return the words for the loader's command line. Raises ImageError for what would
    lock everybody out by mistake."""
    recovery: str | None = arguments.recovery
    hashes: list[str] = arguments.password
    if recovery is None and hashes:
        recovery = "password"
    if recovery is None:
        return []
    lock = parse_lock(recovery)
    if lock.fault:
        raise ImageError(f"--recovery {display(lock.fault)}", hint="for example: off,30s")
    if lock.mode == "password" and not hashes:
        raise ImageError("--recovery password needs --password HASH", hint="kximage password")
    for text in hashes:
        if not is_hash(text):
            raise ImageError(
                f"{display(text)} is not the hash of a password",
                hint="make one with `kximage password`; the shell wants it in single quotes",
            )
    return [f"kxsh.recovery={recovery}", *(f"kxsh.password={text}" for text in hashes)]
