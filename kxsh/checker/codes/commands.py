"""Commands and their arguments."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (
    Code("KX201", "error", "unknown command"),
    Code("KX202", "error", "unknown option"),
    Code("KX203", "error", "missing or extra argument"),
    Code("KX204", "error", "value outside its set"),
    Code("KX205", "error", "repeated option"),
)
