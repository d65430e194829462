"""The order of things: what is loaded, mounted and closed when."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = (
    Code("KX301", "error", "exec without a loaded kernel"),
    Code("KX303", "error", "the script ends without starting a kernel"),
)
