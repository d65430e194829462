"""Habits of other languages, told the kxs way at the place where they were typed."""

from __future__ import annotations

import re

from kxsh.errors import ParseError
from kxsh.source import Source

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_OPEN_QUOTE = re.compile(r"""(?:[^"'\n\\]|\\.|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')*""")
# text at the place of the error -> (code, message, hint); the longest first
_SYMBOLS = (
    ("&&", "KX002", "`&&` is not kxs", "a failure stops the script: write two lines"),
    ("||", "KX002", "`||` is not kxs", "write `else`: `mount LABEL=X else { ... }`"),
    ("$(", "KX003", "`$( )` is not kxs", "write `( )`: `let d = (findfs LABEL=X)`"),
    ("`", "KX003", "backticks are not kxs", "write `( )`: `let d = (findfs LABEL=X)`"),
    ("[[", "KX004", "`[[ ]]` is not kxs", 'conditions are plain: `if $a == "b" { ... }`'),
    (">", "KX005", "there is no redirection in kxs", "`say` writes to the screen"),
    ("<", "KX005", "there is no redirection in kxs", "`read FILE` gives a file's text"),
    ("|", "KX005", "there are no pipes in kxs", "keep a value with `let`, then use it"),
    ("&", "KX005", "there are no background jobs in kxs", "put the commands on lines of their own"),
)


def explain(source: Source, place: int) -> ParseError | None:
    """Return the error that fits the text at an offset, or None for an ordinary one."""
    line_start = source.text.rfind("\n", 0, place) + 1
    line_end = source.text.find("\n", place)
    line = source.text[line_start : line_end if line_end >= 0 else len(source.text)]
    quote = _unclosed_quote(line)
    if quote is not None and line_start + quote <= place:
        return ParseError(
            f"this {line[quote]} is never closed",
            code="KX007",
            hint="a string ends on the line it begins on",
        )
    rest = source.text[place : place + 3]
    for symbol, code, message, hint in _SYMBOLS:
        if rest.startswith(symbol):
            return ParseError(message, code=code, hint=hint)
    assignment = _ASSIGNMENT.match(line.lstrip())
    if assignment and place <= line_start + len(line) - len(line.lstrip()) + assignment.end():
        name = assignment.group()[:-1]
        return ParseError(
            f"`{name}=` does not set a variable in kxs",
            code="KX001",
            hint=f'write `let {name} = "value"`',
        )
    return None


def _unclosed_quote(line: str) -> int | None:
    """Return where in `line` a quote opens that nothing closes."""
    match = _OPEN_QUOTE.match(line)
    end = match.end() if match else 0
    return end if end < len(line) and line[end] in "\"'" else None
