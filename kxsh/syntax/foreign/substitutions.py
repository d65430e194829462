"""What shells put in the place of a word: `$(c)`, backticks, `${x:-y}`, `$1`, `$?`."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix, ParseError
from kxsh.source import Source, Span
from kxsh.syntax.foreign.conditions import value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_ARITHMETIC = re.compile(r"\$\(\(([^()\n]*)\)\)|\$\[([^\[\]\n]*)\]")
_SPECIAL = re.compile(r"\$(?:[0-9]|[?@#!*$-](?![\w]))")
_BACKTICK = re.compile(r"`([^`\n]*)`")
_EXPANSION = re.compile(r"\$\{([#!]?)(\w*)(:?[-=?+]|%%?|##?|//?|\^\^?|,,?|:|\[)?([^{}\n]*)(\}?)")
_OPERAND = re.compile(r"""["']?([\w./:=-]*)["']?""")
_SPECIAL_HINTS = {
    "?": "a failure is handled on the spot: `mount LABEL=X else as e { ... }`",
    "#": "count a list's items with a loop, or name the parameters: `fn f(first, ...rest)`",
    "$": "a script has no process number",
    "!": "there are no background jobs in kxs",
    "-": "a failure always stops the script",
}
_PARAMETERS = "name the parameters: `fn f(first, ...rest) { say $first }`"
# A backtick after a blank is mostly a message's own: "type `help`".
_IN_STRING = re.compile(r"\$\(|(?<=[\"=:/-])`(?=[^`\n]*`)|\$[0-9?@#!*](?!\w)")


def find(place: Place) -> ParseError | None:
    """Return the error for a substitution at or around the fault."""
    return substitution(place.source, place.offset) or _expansion(place)


def substitution(source: Source, at: int, *, quoted: bool = False) -> ParseError | None:
    """Return the error for `$( )`, backticks, `$(( ))` or `$1` that begins at an offset."""
    text = source.text
    if text.startswith(("$((", "$["), at):
        return _arithmetic(source, at, quoted)
    if text.startswith("$(", at):
        end = text.find(")", at, at + 400)
        edits = [Edit(Span(source, at, at + 1), "")]
        quoted = quoted or _is_glued(text, at, end)
        if quoted:
            edits = [Edit(Span(source, at, at + 2), "${("), Edit(Span(source, end, end + 1), ")}")]
        known = end > 0 and "\n" not in text[at:end] and "(" not in text[at + 2 : end]
        return _error(
            "`$( )` is not kxs",
            Span(source, at, at + 2),
            "in a string write `${(...)}`" if quoted else "write `( )`: `let d = (findfs LABEL=X)`",
            Fix("write `${( )}`" if quoted else "write `( )`", tuple(edits))
            if known or not quoted
            else None,
        )
    if text.startswith('$"', at) and not quoted:
        return _error(
            "`$\"` is a shell's and GRUB's, for text that is translated",
            Span(source, at, at + 1),
            "leave the `$` out: text is quoted and no more",
            Fix("leave the `$` out", (Edit(Span(source, at, at + 1), ""),)),
        )
    if text.startswith("`", at):
        found = _BACKTICK.match(text, at)
        quoted = quoted or (found is not None and _is_glued(text, at, found.end() - 1))
        around = ("${(", ")}") if quoted else ("(", ")")
        edit = Edit(Span(source, at, found.end() if found else at), "")
        if found:
            edit = Edit(edit.span, around[0] + found.group(1) + around[1])
        return _error(
            "backticks are not kxs",
            Span(source, at, at + 1),
            "in a string write `${(...)}`" if quoted else "write `( )`: `let d = (findfs LABEL=X)`",
            Fix("write `( )`", (edit,)) if found and found.group(1).strip() else None,
        )
    return _special(source, at)


def _is_glued(text: str, at: int, last: int) -> bool:
    """Tell whether a substitution is a part of a word: `LABEL=$(c)`, `$(c)/boot`."""
    before, after = text[at - 1 : at], text[last + 1 : last + 2]
    if before not in ("", " ", "\t", "\n", "(", "[", "{", ";", ",", "!"):
        return not _ASSIGNS.search(text, max(0, at - 80), at)
    return last > 0 and (after.isalnum() or after in ("/", ".", ":", "_", "-")) and after != ""


_ASSIGNS = re.compile(r"(?:^|[\n;{])[ \t]*(?:(?:let|set)[ \t]+)?\w+=$")


def first_in_string(source: Source, start: int, end: int) -> ParseError | None:
    """Return the error for the first substitution in the string at these offsets, which
    kxs takes for plain text."""
    found = _IN_STRING.search(source.text, start, end)
    if found is None or source.text[found.start() - 1] == "\\":
        return None
    return substitution(source, found.start(), quoted=True)


def _arithmetic(source: Source, at: int, quoted: bool) -> ParseError:
    found = _ARITHMETIC.match(source.text, at)
    fix = None
    if found and not quoted:
        inner = re.sub(
            r"(?<![\w$])([A-Za-z_]\w*)", r"$\1", (found.group(1) or found.group(2)).strip()
        )
        fix = Fix("write `( )`", (Edit(Span(source, at, found.end()), f"({inner})"),))
    old = source.text.startswith("$[", at)
    return _error(
        "`$[ ]` is not kxs" if old else "`$(( ))` is not kxs",
        Span(source, at, at + (2 if old else 3)),
        "an expression counts by itself: `set n = $n + 1`, `say ${n + 1}`",
        fix,
    )


def special_hint(sign: str) -> str:
    """Return what kxs has instead of `$?`, `$#`, `$1`."""
    return _SPECIAL_HINTS.get(sign, _PARAMETERS)


def _special(source: Source, at: int) -> ParseError | None:
    found = _SPECIAL.match(source.text, at)
    if found is None:
        return None
    sign = found.group()[1]
    hint = special_hint(sign)
    return _error(f"`{found.group()}` is not kxs", Span(source, at, found.end()), hint)


def _expansion(place: Place) -> ParseError | None:
    start = place.text.rfind("${", place.text.rfind("\n", 0, place.offset) + 1, place.offset + 2)
    if start < 0:
        return None
    found = _EXPANSION.match(place.text, start)
    if found is None or place.offset > found.end() or found.group(2) in ("true", "false", "null"):
        return None
    return expansion(place.source, found)


def hash_expansion(source: Source, start: int) -> ParseError | None:
    """Return the error for `${x#y}` or `${#x}`, where `#` would begin a comment."""
    found = _EXPANSION.match(source.text, start)
    return expansion(source, found) if found else None


def expansion(source: Source, found: re.Match[str]) -> ParseError | None:
    """Return the error for the parameter expansion of a shell that was matched."""
    prefix, name, sign, rest, _ = found.groups()
    if not prefix and not sign:
        return None
    if sign in _OPERATORS and not prefix and (not rest or rest[0] in " $(0123456789"):
        return None  # an expression of kxs with an ordinary fault
    span = Span(source, found.start(), found.end())
    hint, fix = _EXPANSIONS.get((sign or "").lstrip(":") or ":", ""), None
    if name.isdecimal():
        hint = 'name the parameter, with its default: `fn f(first = "x") { ... }`'
    elif prefix:
        hint = "a name is written out; lists and maps are indexed: `${left[$slot]}`"
    elif sign in ("-", ":-", "=", ":=") and _OPERAND.fullmatch(rest):
        made = value(rest) if rest else '""'
        if made is not None:
            fix = Fix(f"write `${{{name} ?? {made}}}`", (Edit(span, f"${{{name} ?? {made}}}"),))
    elif sign == "[" and rest.rstrip("]") in ("@", "*"):
        fix = Fix(f"write `...${name}`", (Edit(span, f"...${name}"),))
    return _error(f"`{span.text}` is a shell's", span, hint, fix)


_OPERATORS = ("-", "+", "%", "/", "[")
_EXPANSIONS = {
    "-": 'a value for null is `${x ?? "default"}`',
    "=": 'a value for null is `${x ?? "default"}`',
    "?": 'handle it: `if let y = $x { ... } else { fail "no x" }`',
    "+": "write `if let y = $x { ... }`",
    "%": 'kxs does not cut text; `=~` compares it: `if $x =~ "img$" { ... }`',
    "%%": 'kxs does not cut text; `=~` compares it: `if $x =~ "img$" { ... }`',
    "#": 'kxs does not cut text; `=~` compares it: `if $x =~ "^vm" { ... }`',
    "##": 'kxs does not cut text; `=~` compares it: `if $x =~ "^vm" { ... }`',
    "/": "kxs does not replace text; `=~` compares it",
    "//": "kxs does not replace text; `=~` compares it",
    ":": 'kxs does not cut text; `=~` compares it: `if $x =~ "^ab" { ... }`',
    "^": "kxs does not change the case of text; `=~` compares it",
    ",": "kxs does not change the case of text; `=~` compares it",
    "^^": "kxs does not change the case of text; `=~` compares it",
    ",,": "kxs does not change the case of text; `=~` compares it",
    "[": "spread a list with `...$list`, or take one item with `${list[0]}`",
}


def _error(message: str, span: Span, hint: str, fix: Fix | None = None) -> ParseError:
    return ParseError(message, code="KX003", span=span, hint=hint, fix=fix)
