"""`kximage doctor`."""

from __future__ import annotations

import argparse
import dataclasses
import json
from collections.abc import Sequence

from kxsh.image import doctor
from kxsh.image.doctor import Finding
from kxsh.text import display

HELP = """\
Look for everything that kximage uses and say what is missing and which Debian package
brings it. Exit code 0: all is there; 1: something is missing.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(arguments: argparse.Namespace) -> int:
    """Print the findings; return 1 when something is missing."""
    found = doctor.examine()
    if arguments.format == "json":
        print(json.dumps([dataclasses.asdict(finding) for finding in found], indent=1))
    else:
        print(table(found))
    return 0 if all(finding.present for finding in found) else 1


def table(found: Sequence[Finding]) -> str:
    """Return the findings as aligned lines, and how to install what is missing."""
    rows = [
        (
            "ok" if finding.present else "MISSING",
            finding.purpose,
            finding.name,
            finding.version,
            " ".join(filter(None, [finding.where, finding.note])),
        )
        for finding in found
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        "  ".join(
            [
                *(display(cell).ljust(width) for cell, width in zip(row, widths, strict=False)),
                display(row[4]),
            ]
        ).rstrip()
        for row in rows
    ]
    missing = [finding.package for finding in found if not finding.present]
    packages = sorted({name for name in missing if name and not name.startswith("pip ")})
    if packages:
        lines.append(f"\nmissing; on Debian:  apt install {' '.join(packages)}")
    lines += sorted({name for name in missing if name.startswith("pip ")})
    return "\n".join(lines)
