"""The shape of a shell construct: where the words of its `if`, `for` or `case` stand."""

from __future__ import annotations

import re

from kxsh.record import record

# Comments, quotes and substitutions hide what looks like a keyword.
_PIECE = re.compile(
    r"""(?P<hidden>(?<![^\s;])\#[^\n]*|"(?:[^"\\]|\\.)*"?|'[^']*'?|\$\(\([^\n]*?\)\)|\$\([^)\n]*\)|`[^`\n]*`)"""
    r"""|(?P<separator>;;|&&|\|\||[;\n|&(){}])|(?P<word>[^\s;|&(){}"'`]+)""",
    re.DOTALL,
)
OPENING = {"if": "fi", "for": "done", "while": "done", "until": "done", "case": "esac"}
_MIDDLE = frozenset(("then", "elif", "else", "do", "in"))
# After these words a command follows.
_BEFORE_COMMAND = frozenset(("if", "then", "elif", "else", "while", "until", "do", "!"))
# Nobody closes a block so far away; a text of many open ones is not scanned to its end.
_FAR = 20_000


@record
class Keyword:
    """One word of a construct, and whether a `;` stands before it."""

    word: str
    start: int
    end: int


def _counts_alone(text: str, end: int, word: str, opening: str) -> bool:
    if word == OPENING[opening]:
        return not text[end : (text + "\n").find("\n", end)].strip()
    return word in ("then", "do", "else", "elif")


def scan(text: str, start: int, *, loose: bool = False) -> tuple[Keyword, ...]:
    """Return the keywords of the construct that begins at `start`, its own alone.

    The last is the closing one where there is one. `;;` and `)` count for a `case`.
    `loose`: `then`, `do` and `else` count without a `;` before them, and so does the
    closing word at a line's end.
    """
    found: list[Keyword] = []
    open_ones: list[str] = []
    command = True
    case_word = False  # between `case` or `for` and its `in` or `do`
    for piece in _PIECE.finditer(text, start, min(len(text), start + _FAR)):
        word = piece.group()
        if piece.lastgroup == "hidden":
            command = command and word.startswith("#")
            continue
        own = len(open_ones) == 1
        if loose and own and not command and _counts_alone(text, piece.end(), word, open_ones[0]):
            command = True
        if piece.lastgroup == "separator":
            if own and open_ones == ["case"] and word in (";;", ")"):
                found.append(Keyword(word, piece.start(), piece.end()))
            if not (case_word and word == "\n"):
                command = word not in ("{", "}")
            continue
        if command and word in OPENING:
            open_ones.append(word)
            case_word = word in ("case", "for")
            if len(open_ones) == 1:
                found.append(Keyword(word, piece.start(), piece.end()))
        elif open_ones and command and word == OPENING[open_ones[-1]]:
            open_ones.pop()
            if not open_ones:
                return (*found, Keyword(word, piece.start(), piece.end()))
        elif own and word in _MIDDLE and (command or (word == "in" and case_word)):
            found.append(Keyword(word, piece.start(), piece.end()))
            case_word = False
        elif not open_ones:
            return ()
        command = word in _BEFORE_COMMAND or (word == "in" and open_ones[-1:] == ["case"])
    return tuple(found)


def word_end(text: str, start: int) -> int:
    """Return where the shell's word that begins at an offset ends: quotes may hold
    `$( )`, and that quotes again. A word ends with its line."""
    waiting: list[str] = []  # the signs that close what is open, the innermost last
    at = start
    limit = min(len(text), start + 2000)
    while at < limit and text[at] != "\n":
        sign = text[at]
        inner = waiting[-1] if waiting else ""
        if sign == "\\" and inner != "'":
            at += 1
        elif sign == inner:
            waiting.pop()
        elif inner == "'":
            pass
        elif text.startswith("$(", at):
            waiting.append(")")
            at += 1
        elif sign == "`" or sign == '"' or (sign == "'" and inner != '"'):
            waiting.append(sign)
        elif not waiting and (sign.isspace() or sign in ";|&<>(){}"):
            break
        at += 1
    return min(at, limit)
