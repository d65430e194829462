"""Words of a text that need not parse."""

from __future__ import annotations


def word_at(text: str, offset: int, more: str = "") -> tuple[int, int] | None:
    """Return start and end of the word around or before an offset: letters, digits, `_`,
    `-`, and the signs in `more`."""
    start = end = offset
    while start > 0 and _is_part(text[start - 1], more):
        start -= 1
    while end < len(text) and _is_part(text[end], more):
        end += 1
    return (start, end) if start < end else None


def _is_part(character: str, more: str) -> bool:
    return character.isalnum() or character in "_-" or character in more


def statement_start(text: str, offset: int, limit: int = 400) -> int:
    """Return where the outermost statement around an offset begins: the last line that is
    not indented and continues nothing, at most `limit` lines before."""
    at = text.rfind("\n", 0, offset) + 1
    first = at
    for _ in range(limit):
        line = text[at : at + 6]
        if line[:1] not in ("", " ", "\t", "\n", "}", ")", "]", "#") and not (
            line.startswith("else") or line.startswith("--")
        ):
            return at
        if at == 0:
            return 0
        first = at
        at = text.rfind("\n", 0, at - 1) + 1
    return first
