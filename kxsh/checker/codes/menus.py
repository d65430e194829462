"""Menus."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (
    Code("KX702", "error", "duplicate entry"),
    Code("KX703", "error", "default or fallback names no entry"),
    Code("KX704", "error", "entry outside a menu"),
)
