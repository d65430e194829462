"""Trust: what is fetched, kept and written."""

from __future__ import annotations

from kxsh.checker.codes.code import Code

CODES: tuple[Code, ...] = ()
