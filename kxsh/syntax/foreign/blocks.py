"""Blocks of shells, GRUB and U-Boot: `if [ ]; then ... fi`, loops, `case`, `f() {`."""

from __future__ import annotations

import re
from itertools import pairwise

from kxsh.errors import Edit, Fix, ParseError, Related
from kxsh.syntax.foreign import loops
from kxsh.syntax.foreign.conditions import convert, value
from kxsh.syntax.foreign.shell_scan import OPENING, Keyword, scan
from kxsh.syntax.foreign.substitutions import special_hint

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_DEFINITION = re.compile(r"(?:function\s+)?([A-Za-z_][\w-]*)[ \t]*\([ \t]*\)\s*(\{)")
_CONSTRUCT = re.compile(r"(if|while|until|for|case)\b")
_TEST = re.compile(r"\[\[?\s|test\s(?=(?:[^\n;{]|\$\{)*?(?:&&|\|\|))")
_TEST_LINE = re.compile(
    r"(\[\[?\s.*?\s\]\]?|test\s(?:[^&|;\n{}]|\$\{\w+\})*)\s*(&&|\|\|)\s*(\{[^{}\n]*\}|[^&|;\n{}]+?)\s*(?=[;\n}]|$)"
)
_TEST_CHOICE = re.compile(
    r"(\[\[?\s[^\n;&|]*?\s\]\]?)\s*&&([^&|;\n{}]+)\|\|([^&|;\n{}]+?)(?=[ \t]*(?:[;\n]|$))"
)
_KEYWORD = re.compile(r"[\s;]*(then|do)\b")
_PATTERN = re.compile(r"\(?[^\s()#][^()\n]{0,200}\)")
_ELSE_IF = re.compile(r"(?:elif|elsif|elseif|elsf)\b")
_SEPARATED_ELSE = re.compile(r";[ \t]*(?=else\b)")
# A condition that runs a command and asks how it went: `if mount X; then`.
_COMMAND = re.compile(r"(?:![ \t]*)?([a-z][\w.-]*)(?=[ \t]|$)")
_HINTS = {
    "if": "conditions are plain, blocks have braces: "
    '`if $a == "b" { ... }`, `if exists $file { ... }`',
    "while": "blocks have braces: `while $n < 3 { ... }`",
    "until": "blocks have braces: `while not ... { ... }`",
    "for": 'blocks have braces, lists brackets: `for x in ["a", "b"] { ... }`',
    "case": 'write `match $x { "a" | "b" { ... } else { ... } }`',
}


def find_definition(place: Place) -> ParseError | None:
    """A function of a shell: `f() {`."""
    start = _statement(place)
    found = _DEFINITION.match(place.text, start)
    if found is None or not start <= place.offset < found.end():
        return None
    name = found.group(1)
    edit = Edit(place.span(start, found.end()), f"fn {name}() {{")
    return ParseError(
        f"`{name}()` is a shell's way to define a function",
        code="KX004",
        span=place.span(start, found.end(1)),
        hint=f"write `fn {name}(first, second) {{ ... }}`: parameters have names",
        fix=Fix(f"write `fn {name}() {{`", (edit,), safe=False),
    )


def find_construct(place: Place) -> ParseError | None:
    """A construct of a shell whose words the fault stands among."""
    start = _statement(place)
    opening = _CONSTRUCT.match(place.text, start) or _case_before(place)
    if opening is None:
        return None
    word = opening.group(1)
    keywords = scan(place.text, opening.start())
    if len(keywords) < 3:  # `if x then`: no `;` before the word
        keywords = scan(place.text, opening.start(), loose=True) or keywords
    foreign = [item for item in keywords[1:] if item.word in ("then", "do", "esac", ")")]
    test = _test_of(place, opening)
    if test is None and not (foreign and foreign[0].start <= place.offset + _line_rest(place)):
        return None
    marked = test or next((item for item in keywords[1:] if item.word != "in"), keywords[0])
    if word == "case":
        marked = keywords[0]
    last = keywords[-1]
    whole = last.word == OPENING[word]
    edits = _edits(place, keywords)
    if not edits and len(keywords) == 2 and marked.word == "then":
        edits = _braced_then(place, marked)
    error = ParseError(
        _message(place, word, marked),
        code="KX004",
        span=place.span(marked.start, marked.end),
        hint=_hint(place, keywords),
        related=[Related(place.span(last.start, last.end), "and `}` here")] if whole else (),
        fix=Fix("write it with braces", tuple(edits), safe=False) if edits else None,
    )
    if whole and not edits:
        error.repair = _hollow(place, keywords)
    return error


def _braced_then(place: Place, then: Keyword) -> list[Edit]:
    """`if $a then {` has its brace."""
    rest = place.text[then.end :]
    if not rest.lstrip().startswith("{"):
        return []
    return [Edit(place.span(then.start, then.end + len(rest) - len(rest.lstrip())), "")]


def _has_pattern(place: Place, keywords: tuple[Keyword, ...]) -> bool:
    """Tell whether an arm of a `case` is more than words: `/dev/sd*)`."""
    between = [place.text[one.end : other.start] for one, other in pairwise(keywords)]
    ends = [keyword.word == ")" for keyword in keywords[1:]]
    return any(
        end and re.search(r"[*?]\S|\S[*?]", text) for text, end in zip(between, ends, strict=True)
    )


def _hint(place: Place, keywords: tuple[Keyword, ...]) -> str:
    """Return the hint, with the words of the script where they fit."""
    word = keywords[0].word
    middle = next((item for item in keywords[1:] if item.word in ("then", "do")), None)
    condition = _condition(place, keywords[0], middle) if middle else ""
    if word == "for" and condition:
        made = loops.head(condition)
        if made is not None and len(made) < _SHORT:
            return f"blocks have braces, lists brackets: `for {made} {{ ... }}`"
    elif word in ("if", "while", "until") and condition:
        special = re.search(r"\$[?#@*0-9]", condition)
        if special:
            return special_hint(special.group()[1])
        if word == "while" and condition.startswith("read "):
            return '`read FILE` gives the whole text: `if (read FILE) =~ "word" { ... }`'
        made = convert(condition)
        if made is not None and len(made) < _SHORT:
            shown = f"while not ({made})" if word == "until" else f"{word} {made}"
            return f"conditions are plain, blocks have braces: `{shown} {{ ... }}`"
        command = _COMMAND.match(condition)
        if made is None and command and command.group(1) not in ("test", "exists", "not"):
            shown = _REDIRECTED.sub("", condition.lstrip("! "))
            shown = shown if len(shown) < _SHORT else f"{command.group(1)} ..."
            if (word == "while") == condition.startswith("!") and word != "if":
                return f"what may fail is tried again: `retry 10 {{ {shown} }}`"
            if condition.startswith("!"):
                return f"whether a command fails is no condition: `{shown} else {{ ... }}`"
            return f"whether a command works is no condition: `try {{ {shown} }} else {{ ... }}`"
    if word == "case" and _has_pattern(place, keywords):
        return 'a part of a text is compared by `=~`: `if $x =~ "quiet" { ... }`'
    return _HINTS[word]


_SHORT = 40
_REDIRECTED = re.compile(r"\s*[0-9&]?>+&?\s*\S+")


def _case_before(place: Place) -> re.Match[str] | None:
    """Return the `case` that the faulty line is the first pattern of."""
    if not _PATTERN.match(place.text, _statement(place)):
        return None
    start = place.text.rfind("case ", max(0, place.offset - 300), place.offset)
    between = place.text[start : place.offset] if start >= 0 else ";;"
    if ";;" in between or not re.match(r"case\s+[^\n]+?\s+in\b", between):
        return None
    return _CONSTRUCT.match(place.text, start)


def _line_rest(place: Place) -> int:
    """Return how far a keyword may stand behind the fault: to the end of the next line."""
    end = place.text.find("\n", place.offset)
    end = place.text.find("\n", end + 1) if end >= 0 else -1
    return (end if end >= 0 else len(place.text)) - place.offset


def _test_of(place: Place, opening: re.Match[str]) -> Keyword | None:
    """Return the `[` of a condition that the fault stands at."""
    line = place.text[opening.end() : place.offset + 2]
    test = re.compile(r"\s(?:!\s+)?(\[\[?)\s").match(line)
    if test is None or "\n" in line.strip():
        return None
    at = opening.end() + test.start(1)
    return Keyword(test.group(1), at, at + len(test.group(1)))


def _message(place: Place, word: str, marked: Keyword) -> str:
    if marked.word.startswith("["):
        return f"`{marked.word} {']' * len(marked.word)}` is not kxs"
    if marked.word in ("then", "do"):
        return f"blocks have no `{marked.word}` in kxs"
    return f"`{word} ... {OPENING[word]}` is a shell's"


def _statement(place: Place) -> int:
    start = place.seam
    while start < len(place.text) and place.text[start] in " \t\n;":
        start += 1
    return start


def find_test(place: Place) -> ParseError | None:
    """A test that is a statement: `[ -f x ] && mount y`."""
    start = _statement(place)
    if not _TEST.match(place.text, start):
        return None
    line = _TEST_LINE.match(place.text, start)
    reach = line.end(2) if line and place.text[start] == "t" else start + 2
    if place.offset > reach:
        return None
    condition = convert(line.group(1)) if line else None
    fix = None
    choice = _TEST_CHOICE.match(place.text, start)
    if choice and (chosen := convert(choice.group(1))) is not None:
        first, second = choice.group(2).strip(), choice.group(3).strip()
        written = f"if {chosen} {{ {first} }} else {{ {second} }}"
        edit = Edit(place.span(start, choice.end(3)), written)
        fix = Fix("write it as `if`", (edit,), safe=False)
        condition = chosen
    elif line and condition is not None:
        if line.group(2) == "||":
            plain = condition.startswith("exists ")
            condition = f"not {condition}" if plain else f"not ({condition})"
        body = line.group(3).strip("{} \t")
        edit = Edit(place.span(start, line.end(3)), f"if {condition} {{ {body} }}")
        fix = Fix("write it as `if`", (edit,), safe=False)
    sign = next(item for item in ("[[", "[", "test") if place.text.startswith(item, start))
    shown = sign if sign == "test" else f"{sign} {']' * len(sign)}"
    return ParseError(
        f"`{shown}` is not kxs",
        code="KX004",
        span=place.span(start, start + len(sign)),
        hint=f"write `if {condition} {{ ... }}`"
        if condition and len(condition) < _SHORT
        else 'write `if $a == "b" { ... }`, `if exists $file { ... }`',
        fix=fix,
    )


def find_keyword(place: Place) -> ParseError | None:
    """`then` or `do` where a brace should be, `else` without one, `elif`, `; else`."""
    found = _ELSE_IF.match(place.text, place.offset)
    if found and place.text[: found.start()].rstrip()[-1:] == "}":
        span = place.span(found.start(), found.end())
        return ParseError(
            f"`{found.group()}` is not kxs",
            code="KX004",
            span=span,
            hint='write `else if`: `} else if $a == "b" { ... }`',
            fix=Fix("write `else if`", (Edit(span, "else if"),), safe=False),
        )
    found = _SEPARATED_ELSE.match(place.text, place.offset)
    if found:
        return ParseError(
            "no `;` stands before `else`",
            span=place.span(found.start(), found.start() + 1),
            hint="leave it out: `} else { ... }`",
            fix=Fix("leave it out", (Edit(place.span(found.start(), found.end()), ""),)),
        )
    if "LBRACE" not in place.expected:
        return None
    found = _KEYWORD.match(place.text, place.offset)
    if found:
        return ParseError(
            f"blocks have no `{found.group(1)}` in kxs",
            code="KX004",
            span=place.span(found.start(1), found.end(1)),
            hint="write `{` here, and `}` at the end",
        )
    before = place.text[: place.offset].rstrip(" \t")
    if place.found == "_NL" and before.endswith("else"):
        return ParseError(
            "`else` has a block in kxs",
            code="KX004",
            span=place.span(len(before) - 4, len(before)),
            hint="write `} else {`",
        )
    return None


# -- the same in kxs


def _edits(place: Place, keywords: tuple[Keyword, ...]) -> list[Edit]:
    """Return what turns a whole construct into kxs; empty where that cannot be told."""
    first, last = keywords[0], keywords[-1]
    if last.word != OPENING[first.word]:
        return []
    if first.word == "case":
        return _case_edits(place, keywords)
    edits: list[Edit] = []
    waiting = first
    for keyword in keywords[1:]:
        if keyword.word in ("then", "do"):
            head = _head(place, waiting, keyword)
            if head is None:
                return []
            edits.append(head)
        elif keyword.word == "else":
            edits.append(_put(place, keyword, "} else {"))
        elif keyword.word in ("elif", "in"):
            waiting = keyword if keyword.word == "elif" else waiting
        else:
            edits.append(_put(place, keyword, "}"))
    return edits


def _head(place: Place, opening: Keyword, end: Keyword) -> Edit | None:
    """Return the edit of `if ...; then`, `elif ...; then`, `for ...; do`."""
    condition = _condition(place, opening, end)
    start = opening.start
    made = loops.head(condition) if opening.word == "for" else convert(condition)
    if made is None:
        return None
    if opening.word == "until":
        made = f"not ({made})"
    word = {"elif": "} else if", "until": "while"}.get(opening.word, opening.word)
    if opening.word == "elif":
        start = _before(place, opening)
        word = (" " if start < opening.start else "") + word
    return Edit(place.span(start, end.end), f"{word} {made} {{")


def _hollow(place: Place, keywords: tuple[Keyword, ...]) -> list[Edit]:
    """Return what makes a construct parse whose parts cannot all be told: its commands stay."""
    edits: list[Edit] = []
    start, head = keywords[0].start, "if true {"
    case = keywords[0].word == "case"
    if case:
        head = "match null {"
    arm = False
    for keyword in keywords[1:-1]:
        if keyword.word in ("then", "do") or (case and keyword.word == "in"):
            edits.append(Edit(place.span(start, keyword.end), head))
            start = keyword.end
        elif keyword.word == "elif":
            start, head = keyword.start, "} else if true {"
        elif keyword.word == "else":
            edits.append(Edit(place.span(keyword.start, keyword.end), "} else {"))
        elif keyword.word == ")" and not arm:
            edits.append(Edit(place.span(start, keyword.end), " null {"))
            arm = True
        elif keyword.word == ";;":
            edits.append(Edit(place.span(keyword.start, keyword.end), "}"))
            start, arm = keyword.end, False
    last = keywords[-1]
    closing = "}}" if arm else "}" if not case or start > keywords[1].end else "else { } }"
    return [*edits, Edit(place.span(last.start, last.end), closing)]


def _condition(place: Place, opening: Keyword, end: Keyword) -> str:
    return place.text[opening.end : end.start].strip().rstrip(";").strip()


def _before(place: Place, keyword: Keyword) -> int:
    """Return where the `;` before a word begins, or the word itself."""
    before = place.text[: keyword.start].rstrip(" \t")
    return len(before.rstrip("; \t")) if before.endswith(";") else keyword.start


def _put(place: Place, keyword: Keyword, text: str) -> Edit:
    start = _before(place, keyword)
    return Edit(place.span(start, keyword.end), (" " if start < keyword.start else "") + text)


def _case_edits(place: Place, keywords: tuple[Keyword, ...]) -> list[Edit]:
    begin, inside = keywords[0], keywords[1]
    if inside.word != "in":
        return []
    word = value(place.text[begin.end : inside.start].strip())
    if word is None:
        return []
    edits = [Edit(place.span(begin.start, inside.end), f"match {word} {{")]
    after, arm = inside.end, False
    for keyword in keywords[2:-1]:
        if keyword.word == ")" and not arm:
            patterns = place.text[after : keyword.start].strip().removeprefix("(").split("|")
            head = _patterns([item.strip() for item in patterns])
            start = keyword.start - len(place.text[after : keyword.start].lstrip())
            if head is None:
                return []
            edits.append(Edit(place.span(start, keyword.end), f"{head} {{"))
            arm = True
        elif keyword.word == ";;":
            edits.append(Edit(place.span(keyword.start, keyword.end), "}"))
            after, arm = keyword.end, False
    closing = "}\n}" if arm else "}"
    return [*edits, Edit(place.span(keywords[-1].start, keywords[-1].end), closing)]


def _patterns(patterns: list[str]) -> str | None:
    if patterns == ["*"]:
        return "else"
    made = [value(item) for item in patterns]
    if any(item is None or "$" in item or "*" in item for item in made):
        return None
    return " | ".join(str(item) for item in made)
