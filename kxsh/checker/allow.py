"""`# kxs: allow CODE[,CODE] reason`: findings that were looked at and let stand.

The comment stands on the line of what it allows, or alone on the line above.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from kxsh.checker.codes import CODES, severity_of
from kxsh.diagnostics import Diagnostic
from kxsh.errors import Edit, Fix
from kxsh.source import Source, Span
from kxsh.text import display, nearest

MARK = "kxs: allow"
# Strings and words hide a `#`; what is left begins a comment.
_COMMENT = re.compile(r""""(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|(?<!\S)(#[^\n]*)|[^"'#\n]+|.|\n""")
_ALLOW = re.compile(
    r"#+[ \t]*(?i:kxs):[ \t]*([A-Za-z]+)\b[ \t]*([^\s,]*(?:[ \t]*,[ \t]*[^\s,]+)*)[ \t]*(.*)"
)
_MISSPELT = frozenset("alow allows allowed allowing alllow allo allw allwo ignore disable".split())
_CODE = re.compile(r"[^\s,]+")
# Comments of one file that are read: more than findings that are shown.
_MANY = 500
# A script with one of these does not run, and what is about allowing cannot be allowed.
_NEVER = ("KX00", "KX010", "KX011", "KX901", "KX902", "KX903")


def can_be_allowed(code: str) -> bool:
    """Tell whether a comment can let findings of this code stand."""
    return code in CODES and not code.startswith(_NEVER)


class Allowed:
    """One comment: the codes that it names, with their places, and the line it is for; `word`
    is how it writes `allow`."""

    __slots__ = ("codes", "line", "reason", "span", "used", "word")

    def __init__(
        self, span: Span, word: str, codes: dict[str, Span], reason: str, line: int
    ) -> None:
        self.span = span
        self.word = word
        self.codes = codes
        self.reason = reason
        self.line = line
        self.used: set[str] = set()


def settle(
    found: Sequence[Diagnostic], source: Source, *, complete: bool, has_facts: bool
) -> list[Diagnostic]:
    """Return the findings without those that comments of their files allow, and with what
    is wrong about the comments of `source`.

    Not `complete`: the text has faults, so what is allowed may just not have been looked
    for; `has_facts` says the same of what the checker must be told of the world.
    """
    sources = {item.span.source for item in found if item.span} | {source}
    comments = {id(one): list(islice(read_comments(one), _MANY)) for one in sources}
    kept = [
        item
        for item in found
        if not (item.span and _is_allowed(item, comments[id(item.span.source)]))
    ]
    for comment in comments[id(source)]:
        kept += _faults(comment, complete, has_facts)
    return sorted(
        kept,
        key=lambda item: (
            item.span is not None and item.span.source is not source,
            item.span.start if item.span else 0,
        ),
    )


def read_comments(source: Source) -> Iterator[Allowed]:
    """Yield the comments of a source that allow something."""
    meant = 0  # a run of lines that are comments is for the line below, and looked through once
    for piece in _COMMENT.finditer(source.text):
        comment = piece.group(1)
        found = _ALLOW.match(comment) if comment and "kxs:" in comment.lower() else None
        word = found.group(1).lower() if found else ""
        # Another word is a comment; one like `alow` was meant to do something.
        if found is None or (word != MARK.split()[1] and word not in _MISSPELT):
            continue
        start = piece.start(1)
        span = Span(source, start, start + len(comment.rstrip()))
        codes = {
            code.group().upper(): Span(source, start + code.start(), start + code.end())
            for code in _CODE.finditer(comment, found.start(2), found.end(2))
        }
        meant = max(meant, span.line)
        if not source.line(span.line)[: span.column - 1].strip():
            while source.line(meant).lstrip().startswith("#"):
                meant += 1
            yield Allowed(span, word, codes, found.group(3).strip(), meant)
        else:
            yield Allowed(span, word, codes, found.group(3).strip(), span.line)


def _is_allowed(item: Diagnostic, comments: Sequence[Allowed]) -> bool:
    assert item.span is not None
    comments = [comment for comment in comments if comment.word == MARK.split()[1]]
    if not comments or item.code.startswith(_NEVER):
        return False
    line = item.span.line
    here = [comment for comment in comments if comment.line == line and item.code in comment.codes]
    for comment in here:
        comment.used.add(item.code)
    return bool(here)


def _faults(comment: Allowed, complete: bool, has_facts: bool) -> Iterator[Diagnostic]:
    if comment.word != MARK.split()[1]:
        yield Diagnostic(
            "KX901",
            severity_of("KX901"),
            f"`{display(comment.word, 20)}` allows nothing",
            comment.span,
            "",
            f"write `# {MARK} KX601 the reason`",
        )
        return
    if not comment.codes:
        yield Diagnostic(
            "KX901",
            severity_of("KX901"),
            "this comment names no code",
            comment.span,
            "",
            "write `# kxs: allow KX601 the reason`",
        )
        return
    if not comment.reason:
        yield Diagnostic(
            "KX901",
            severity_of("KX901"),
            "nothing says why this is allowed",
            comment.span,
            "",
            f"write the reason behind it: `# {MARK} {','.join(comment.codes)} lab machine`",
        )
    for code, span in comment.codes.items():
        if code not in comment.used and _is_needless(code, complete, has_facts):
            yield _needless(comment, code, span)


def _is_needless(code: str, complete: bool, has_facts: bool) -> bool:
    if code not in CODES or code.startswith(_NEVER):
        return True
    return complete and (has_facts or not CODES[code].facts)


def _needless(comment: Allowed, code: str, span: Span) -> Diagnostic:
    message, hint = f"there is no {display(code, 20)} here to allow", "remove it"
    if code not in CODES:
        near = nearest(code, CODES)
        message = f"there is no code {display(code, 20)}"
        hint = f"did you mean {near}?" if near else "`kxsh --explain` lists all codes"
    elif code.startswith(_NEVER):
        message = f"{code} cannot be allowed"
        hint = "a script with it does not run, or does not mean what it says"
    return Diagnostic(
        "KX902", severity_of("KX902"), message, span, "", hint, fix=_removal(comment, code)
    )


def _removal(comment: Allowed, code: str) -> Fix:
    left = [other for other in comment.codes if other != code]
    if left:
        spans = list(comment.codes.values())
        edit = Edit(Span(spans[0].source, spans[0].start, spans[-1].end), ",".join(left))
        return Fix(f"remove {display(code, 20)}", (edit,))
    text, start = comment.span.source.text, comment.span.start
    whole = comment.span.with_line()
    if whole is comment.span:
        while start > 0 and text[start - 1] in " \t":
            start -= 1
        whole = Span(comment.span.source, start, comment.span.end)
    return Fix("remove the comment", (Edit(whole, ""),))
