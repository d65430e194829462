"""Signs of shells that kxs has no use for: `&&`, `|`, `>`, heredocs, labels."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix, ParseError
from kxsh.syntax.foreign.conditions import convert
from kxsh.syntax.foreign.questions import asks, question

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_HEREDOC = re.compile(r"<<-?\s*[\"']?(\w+)[\"']?")
_LABEL = re.compile(r":[A-Za-z_]\w*[ \t]*(?:#[^\n]*)?(?:\n|$)")
_REDIRECTION = re.compile(r"[ \t]*[0-9]?>>?[ \t]*(?:&[0-9]|/dev/null)")
# What hands a failure on, as every failure is.
_FAILING = re.compile(
    r"\|\|[ \t]*(?:exit|(?:return|exit)[ \t]+(?:[1-9]\d*|\$\?))[ \t]*(?=[;\n}]|$)"
)
# What is no command: it needs a block.
_LEAVING = re.compile(
    r"\|\|[ \t]*((?:return|break|continue|set|let)\b[^;\n}|&]*?)[ \t]*(?=[;\n}]|$)"
)
_BLOCK = re.compile(r"[ \t]*\{([^{}\n]*)\}")
_PART = r"((?:[^&|;{}\n\"'#]|\"[^\"\n]*\"|'[^'\n]*')+)"
_SEQUENCE = re.compile(rf"{_PART}&&{_PART}\|\|{_PART}(?=[;\n}}]|$)")
_CONDITION = re.compile(r"\b(?:if|while)[ \t]+([^\n{};]+)\{")
_CONDITIONS = ("IF", "WHILE")
# text at the place of the error -> (message, hint); the longest first
_SIGNS = (
    ("[[", "KX004", "`[[ ]]` is not kxs", 'conditions are plain: `if $a == "b" { ... }`'),
    (">", "KX005", "there is no redirection in kxs", "`say` writes to the screen, and a command's "
     "result is its value: `let text = (read FILE)`"),
    ("<", "KX005", "there is no redirection in kxs", "`read FILE` gives a file's text"),
    ("|", "KX005", "there are no pipes in kxs", "keep a value with `let`, then use it: "
     "`let text = (read FILE)`, `if $text =~ \"word\" { ... }`"),
    ("&", "KX005", "there are no background jobs in kxs", "put the commands on lines of their own"),
)  # fmt: skip


def find(place: Place) -> ParseError | None:
    """Return the error for such a sign at the fault."""
    text, at = place.text, place.offset
    if text.startswith("&&", at) or text.startswith("||", at):
        return _joined(place)
    if text.startswith("<<", at):
        return _heredoc(place)
    if _LABEL.match(text, at):
        return ParseError(
            "there are no labels in kxs",
            code="KX006",
            span=place.span(at, _word_end(text, at + 1)),
            hint="what stands under a label is a function: `fn name { ... }`; loops and `else` "
            "do the rest",
        )
    if re.compile(r"&>|>&[ \t]*/").match(text, at):
        return _both(place)
    for sign, code, message, hint in _SIGNS:
        if text.startswith(sign, at):
            fix = _without_redirection(place) if sign in (">", "&") else None
            return ParseError(message, code=code, hint=hint, fix=fix)
    return None


def _both(place: Place) -> ParseError:
    """`&> /dev/null`, `>& /dev/null`."""
    found = re.compile(r"[ \t]*(?:&>>?|>&)[ \t]*/dev/null").match(
        place.text, len(place.text[: place.offset].rstrip(" \t"))
    )
    edit = Edit(place.span(found.start(), found.end()), "") if found else None
    return ParseError(
        "there is no redirection in kxs",
        code="KX005",
        span=place.span(place.offset, place.offset + 2),
        hint="a command says nothing when it goes well, and what fails is told",
        fix=Fix("leave it out", (edit,), safe=False) if edit else None,
    )


def _word_end(text: str, at: int) -> int:
    while at < len(text) and (text[at].isalnum() or text[at] in "_-"):
        at += 1
    return at


def _joined(place: Place) -> ParseError:
    """`&&` and `||`: in a condition `and` and `or`, else a line and an `else`."""
    sign = place.text[place.offset : place.offset + 2]
    if place.head in _CONDITIONS or not _is_call(place):
        hint, fix = _logical(place, "and" if sign == "&&" else "or")
    elif asks(place.text, _call_start(place)):
        hint = "what gives true or false is asked by `if`: `if exists FILE { ... } else { ... }`"
        fix = question(place, _call_start(place))
    elif sign == "&&":
        hint = "a failure stops the script: write two lines"
        fix = _sequence(place)
    elif ignored := re.compile(
        r"\|\|[ \t]*(?:(?:true|:)(?=\s*(?:[;\n}]|$))|(?=\s*$))"
        if not place.text.startswith("#!ipxe")
        else r"\|\|[ \t]*(?=[;\n]|$)"
    ).match(place.text, place.offset):
        hint = "a failure that does not matter: `umount $m else { }`"
        fix = _written(place, "write `else { }`", " else { }", ignored.end())
    elif failing := _FAILING.match(place.text, place.offset):
        hint = "a failure stops the script by itself: leave it out, or handle it by `else { ... }`"
        fix = _written(place, "leave it out", "", failing.end())
    elif leaving := _LEAVING.match(place.text, place.offset):
        hint = f"write `else`: `mount LABEL=X else {{ {leaving.group(1)} }}`"
        fix = _written(place, "write `else`", f" else {{ {leaving.group(1)} }}", leaving.end())
    else:
        hint = "write `else`: `mount LABEL=X else { ... }`"
        fix = _written(place, "write `else`", " else ")
    span = place.span(place.offset, place.offset + 2)
    return ParseError(f"`{sign}` is not kxs", code="KX002", span=span, hint=hint, fix=fix)


def _lines(place: Place) -> Fix | None:
    """`a && b`: two lines, where `b` opens no block that would belong to something else."""
    block = _BLOCK.match(place.text, place.offset + 2)
    between = "\n" + _indent(place)
    if block:
        return _written(place, "write two lines", between + block.group(1).strip(), block.end())
    end = place.text.find("\n", place.offset)
    opened = "{" in place.text[place.offset : end if end >= 0 else len(place.text)]
    return None if opened else _written(place, "write two lines", between)


def _sequence(place: Place) -> Fix | None:
    """`a && b || c`: what fails of the first two is handled by the last."""
    found = _SEQUENCE.match(place.text, _call_start(place))
    if found is None or found.start(2) > place.offset + 4:
        return _lines(place)
    first, second, other = (part.strip() for part in found.groups())
    if asks(place.text, found.end(2) - len(found.group(2).lstrip())):
        return None  # a no does not fail, and would not lead to the last
    written = f"try {{ {first}; {second} }} else {{ {other} }}"
    edit = Edit(place.span(found.start(), found.end()), written)
    return Fix("write `try`", (edit,), safe=False)


def _call_start(place: Place) -> int:
    """Return where the statement begins whose words stand before the fault."""
    start = place.seam
    while start < place.offset and place.text[start] in " \t\n;":
        start += 1
    return start


def _logical(place: Place, word: str) -> tuple[str, Fix | None]:
    hint = f"write `{word}`: `if $a {word} (exists $file) {{ ... }}`"
    if _is_call(place):  # it takes all words: it needs parentheses
        return hint, _whole_condition(place)
    return hint, _written(place, f"write `{word}`", f" {word} ")


def _whole_condition(place: Place) -> Fix | None:
    """`if exists /a && $b {`: with parentheses around the calls."""
    line = place.text.rfind("\n", 0, place.offset) + 1
    found = _CONDITION.search(place.text, line)
    if found is None or not found.start() < place.offset < found.end():
        return None
    made = convert(found.group(1))
    if made is None:
        return None
    edit = Edit(place.span(found.start(1), found.end(1)), f"{made} ")
    return Fix(f"write `{made}`", (edit,), safe=False)


def _written(place: Place, title: str, text: str, end: int = 0) -> Fix:
    """Return the fix that puts a text in the place of the sign and the blanks around it."""
    start = len(place.text[: place.offset].rstrip(" \t"))
    blanks = re.compile(r"[ \t\n]*").match(place.text, place.offset + 2)
    end = end or (blanks.end() if blanks else place.offset + 2)
    return Fix(title, (Edit(place.span(start, end), text),), safe=False)


def _is_call(place: Place) -> bool:
    """Tell whether the words of a command stand before the fault."""
    return "WORD" in place.expected


def _indent(place: Place) -> str:
    start = place.text.rfind("\n", 0, place.offset) + 1
    line = place.text[start : place.offset]
    return line[: len(line) - len(line.lstrip())]


def _without_redirection(place: Place) -> Fix | None:
    """Return the fix that leaves `> /dev/null` or `2>&1` out."""
    start = len(place.text[: place.offset].rstrip(" \t"))
    if place.text[start - 1 : start] in ("1", "2") and place.text[start - 2 : start - 1] in " \t":
        start = len(place.text[: start - 1].rstrip(" \t"))
    found = re.compile(rf"(?:{_REDIRECTION.pattern})+").match(place.text, start)
    if found is None or found.end() <= place.offset:
        return None
    edit = Edit(place.span(start, found.end()), "")
    return Fix("leave it out", (edit,), safe=False)


def _heredoc(place: Place) -> ParseError:
    found = _HEREDOC.match(place.text, place.offset)
    error = ParseError(
        "there are no here documents in kxs",
        code="KX005",
        span=place.span(place.offset, found.end() if found else place.offset + 2),
        hint="a string stays on its line: `say` one after the other, or a list of strings",
    )
    closing = found and re.compile(rf"^\t*{found.group(1)}[ \t]*$", re.MULTILINE).search(
        place.text, found.end()
    )
    if closing:
        # What stands in it is no script: without it the next parse goes on behind.
        error.repair = (Edit(place.span(place.offset, closing.end()), ""),)
    return error
