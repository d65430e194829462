"""The script's own upkeep."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (Code("KX903", "error", "not UTF-8"),)
