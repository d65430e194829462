"""Blocks of shells, GRUB and U-Boot: `if [ ]; then ... fi`, loops, `case`, `f() {`."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix, ParseError
from kxsh.syntax.foreign.conditions import convert, value
from kxsh.syntax.foreign.shell_scan import OPENING, Keyword, scan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_DEFINITION = re.compile(r"(?:function\s+)?([A-Za-z_][\w-]*)[ \t]*\([ \t]*\)\s*(\{)")
_CONSTRUCT = re.compile(r"(if|while|until|for|case)\b")
_TEST = re.compile(r"\[\[?\s")
_TEST_LINE = re.compile(
    r"(\[\[?\s.*?\s\]\]?|test\s[^&|;\n{}]*)\s*(&&|\|\|)\s*([^&|;\n]+?)\s*(?=[;\n]|$)"
)
_KEYWORD = re.compile(r"[\s;]*(then|do)\b")
_PATTERN = re.compile(r"\(?[^\s()#][^()\n]{0,200}\)")
_ARITHMETIC_FOR = re.compile(r"for\s*\(\(")
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
    foreign = [item for item in keywords[1:] if item.word in ("then", "do", "esac", ")")]
    test = _test_of(place, opening)
    if test is None and not (foreign and foreign[0].start <= place.offset + _line_rest(place)):
        return None
    marked = test or next((item for item in keywords[1:] if item.word != "in"), keywords[0])
    if word == "case":
        marked = keywords[0]
    edits = _edits(place, keywords)
    return ParseError(
        _message(place, word, marked),
        code="KX004",
        span=place.span(marked.start, marked.end),
        hint=_HINTS[word],
        fix=Fix("write it with braces", tuple(edits), safe=False) if edits else None,
    )


def _case_before(place: Place) -> re.Match[str] | None:
    """Return the `case` that the faulty line is the first pattern of."""
    if not _PATTERN.match(place.text, _statement(place)):
        return None
    start = place.text.rfind("case ", max(0, place.offset - 300), place.offset)
    between = place.text[start : place.offset] if start >= 0 else ";;"
    if ";;" in between or not re.match(r"case\s+\S+\s+in\b", between):
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
    if not _TEST.match(place.text, start) or place.offset > start + 2:
        return None
    line = _TEST_LINE.match(place.text, start)
    condition = convert(line.group(1)) if line else None
    fix = None
    if line and condition is not None:
        if line.group(2) == "||":
            plain = condition.startswith("exists ")
            condition = f"not {condition}" if plain else f"not ({condition})"
        edit = Edit(place.span(start, line.end(3)), f"if {condition} {{ {line.group(3)} }}")
        fix = Fix("write it as `if`", (edit,), safe=False)
    sign = "[[" if place.text.startswith("[[", start) else "["
    return ParseError(
        f"`{sign} {']' * len(sign)}` is not kxs",
        code="KX004",
        span=place.span(start, start + len(sign)),
        hint='write `if $a == "b" { ... }`, `if exists $file { ... }`',
        fix=fix,
    )


def find_keyword(place: Place) -> ParseError | None:
    """`then` or `do` where a brace should be, or `else` without one."""
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
    if last.word != OPENING[first.word] or _ARITHMETIC_FOR.match(place.text, first.start):
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
    condition = place.text[opening.end : end.start].strip().rstrip(";").strip()
    start = opening.start
    made = _list(condition) if opening.word == "for" else convert(condition)
    if made is None:
        return None
    if opening.word == "until":
        made = f"not ({made})"
    word = {"elif": "} else if", "until": "while"}.get(opening.word, opening.word)
    if opening.word == "elif":
        start = _before(place, opening)
        word = (" " if start < opening.start else "") + word
    return Edit(place.span(start, end.end), f"{word} {made} {{")


def _list(text: str) -> str | None:
    """Return `x in a b` as `x in ["a", "b"]`."""
    name, _, rest = text.partition(" ")
    words = rest.split()
    if words[:1] != ["in"] or not re.fullmatch(r"[A-Za-z_]\w*", name) or len(words) < 2:
        return None
    made = [value(word) for word in words[1:]]
    if any(item is None for item in made):
        return f'{name} in glob "{words[1]}"' if _is_glob(words) else None
    if len(made) == 1 and str(made[0]).startswith("$"):
        return f"{name} in {made[0]}"
    return f"{name} in [{', '.join(str(item) for item in made)}]"


def _is_glob(words: list[str]) -> bool:
    return len(words) == 2 and re.fullmatch(r"[\w./*?$~-]+", words[1]) is not None


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
