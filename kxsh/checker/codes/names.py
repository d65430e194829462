"""Names and types."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (
    Code("KX101", "error", "undefined variable"),
    Code("KX102", "warning", "unused variable, function or import"),
    Code("KX103", "warning", "a name hides another"),
    Code("KX104", "error", "variable of a block that has ended"),
    Code("KX105", "error", "value that may be null"),
    Code("KX106", "error", "wrong type"),
    Code("KX107", "error", "unknown field"),
    Code("KX108", "warning", "comparison that is never true"),
    Code("KX109", "error", "change of what is fixed"),
    Code("KX110", "error", "functions call each other too deeply"),
    Code("KX111", "error", "break, continue or return with nothing to leave"),
    Code("KX112", "error", "a file imports itself"),
)
