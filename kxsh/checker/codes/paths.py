"""Paths and the files they name."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (Code("KX507", "error", "file not there"),)
