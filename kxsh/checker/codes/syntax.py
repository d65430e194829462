"""Syntax: what is not kxs, and the habits of other languages."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (
    Code("KX000", "error", "not kxs"),
    Code("KX001", "error", "assignment of another language"),
    Code("KX002", "error", "`&&` or `||`"),
    Code("KX003", "error", "`$( )` or backticks"),
    Code("KX004", "error", "`[ ]`, then, fi, do, done"),
    Code("KX005", "error", "redirection, pipe or background job"),
    Code("KX006", "error", "goto or a label"),
    Code("KX007", "error", "unclosed quote"),
    Code("KX008", "error", "unknown escape"),
    Code("KX009", "error", "bare word in an expression"),
    Code("KX010", "error", "another loader's command"),
    Code("KX011", "error", "typographic or invisible character"),
    Code("KX012", "warning", "edition missing or newer"),
    Code("KX013", "warning", "`on-failure` after the first lines"),
)
