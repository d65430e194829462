"""Characters that look like others: quotes of word processors, blanks that are none."""

from __future__ import annotations

import re

from kxsh.checker.report import Report
from kxsh.source import Source

# What may hold any character: strings, and comments (which begin a word).
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1f\x7f]")
_QUIET = r"""(?<!\S)#[^\n]*|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'"""


def check_characters(report: Report, source: Source) -> None:
    """Report those that stand in bare words; they would silently become part of them."""
    if source.text.isascii() and not _CONTROLS.search(source.text):
        return
    from kxsh.syntax.foreign.characters import TYPOGRAPHIC, typographic

    bare = re.sub(_QUIET, lambda found: " " * len(found.group()), source.text)
    for found in TYPOGRAPHIC.finditer(bare):
        report.add_error(typographic(source, found.start()))
