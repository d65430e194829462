"""One thing that could be typed next."""

from __future__ import annotations

from kxsh.record import record

KEYWORDS = (
    "let", "set", "if", "while", "for", "match", "try", "fn", "return", "break",
    "continue", "import", "not", "true", "false", "null",
)  # fmt: skip


@record
class Candidate:
    """`text` replaces the line from offset `start` to the cursor; `shown` and `note` are
    what the list says, still untrusted."""

    text: str
    start: int
    shown: str
    note: str = ""


def begins(name: str, prefix: str) -> bool:
    """Tell whether a name begins with what was typed, in either case."""
    return name.casefold().startswith(prefix.casefold())
