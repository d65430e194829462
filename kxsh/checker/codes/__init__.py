"""The codes of findings: how grave each is, what it is about, and its cure."""

from __future__ import annotations

from kxsh.checker.codes import (
    cmdline,
    commands,
    devices,
    flow,
    menus,
    names,
    paths,
    syntax,
    trust,
    upkeep,
)
from kxsh.checker.codes.code import Code
from kxsh.diagnostics import Severity

_FAMILIES = (syntax, names, commands, flow, cmdline, paths, devices, menus, trust, upkeep)

# A code stands for one kind of mistake; KX012 and KX107 are graver in some places.
_ALL = [code for family in _FAMILIES for code in family.CODES]
CODES: dict[str, Code] = {code.code: code for code in sorted(_ALL, key=lambda code: code.code)}


def severity_of(code: str) -> Severity:
    """Return how grave a code is; one that is not listed is an error."""
    return CODES[code].severity if code in CODES else "error"
