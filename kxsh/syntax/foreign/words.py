"""Values as other languages write them: `x=5`, bare words, quotes that stay open."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix, ParseError
from kxsh.source import Source, Span
from kxsh.syntax.foreign.conditions import value
from kxsh.syntax.foreign.shell_scan import word_end
from kxsh.syntax.foreign.values import path_before, path_in_expression

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?=)")
_COUNTED = re.compile(r"(\$\w+)([-+*/])([0-9]+)(?=[ \t]*(?:[;\n}]|$))")
# A substitution with quotes or pipes inside: no rewriting of its signs makes kxs of it.
_NESTED = re.compile(r"""\$\([^()]*["'|]|`[^`]*["'|]""")
# What follows a value on its line: another assignment, or a command.
_FOLLOWING = re.compile(r"[ \t]+(?:(?=([A-Za-z_]\w*=))|(?=[A-Za-z./$]))")
_ASKED = re.compile(r"(?:\b(?:if|while|and|or|not)|\()[ \t]*$")
_MADE = re.compile(
    r"(let|set)[ \t]+([A-Za-z_]\w*)(?:[ \t]*(:=|==|->|<-)[ \t]*|[ \t]+(?=[\w\"'$\[]))"
)
_ITEM = re.compile(r"""[\w./:-]+|\$\w+|"[^"\n$`]*"|'[^'\n]*'""")
_ARRAY = re.compile(rf"\([ \t]*((?:{_ITEM.pattern})(?:[ \t]+(?:{_ITEM.pattern}))*)[ \t]*\)")
_DOLLAR_ASSIGNMENT = re.compile(r"\$\{?([A-Za-z_]\w*)\}?[ \t]*=(?![=~])[ \t]*")
_DOLLAR_BOUND = re.compile(r"((?:let|set|for)[ \t]+)(\$\w+|\$\{\w+\})(?=[ \t]*(?:=(?!=)|in\b|,))")
_DOLLAR_PARAMETER = re.compile(r"()(\$\w+|\$\{\w+\})(?=[ \t]*[,)=:])")
_SET_WITHOUT = re.compile(
    r"set[ \t]+([A-Za-z_][\w/.]*(?::\w+)?)(?:[ \t]+"
    r"((?:[^\s=#;{}$]|\$(?!\{)|\$\{\w+\})(?:[^\n;#{}$]|\$(?!\{)|\$\{\w+\})*+))?"
)
_EMPTY = re.compile(r"(set|let)[ \t]+([A-Za-z_]\w*)[ \t]*=[ \t]*(?=[;\n}]|$)")
_INDEXED = re.compile(r"([A-Za-z_]\w*)\[[ \t]*([^\]\[\n]{1,60}?)[ \t]*\][ \t]*=(?![=~])[ \t]*")
_LITERAL = re.compile(
    r"-?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|[0-9]+(?:ms|s|m|h|KiB|MiB|GiB|TiB)|true|false|null"
)
_OPEN_QUOTE = re.compile(r"""(?:[^"'\n\\]|\\.|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')*""")
_BARE_WORD = re.compile(r"""[\w./~+-][^\s"'$(){}\[\],;|<>&`#]*""")
_CALL_IN_BRACES = re.compile(r"\$\{([a-z][\w-]*)[ \t]+[/.-]*$")
# A command's name and its words: they end where an expression would go on.
_CALL = re.compile(
    r"[A-Za-z_][\w+-]*(?:\.[A-Za-z_][\w+-]*)*"
    r"(?:[ \t]++(?!(?:and|or|else|in|as)\b|(?:[-+*/%<>]|[=!<>]=|=~|\?\?|&&|\|\||=>|\?|:)(?!\S))"
    r"(?:\"[^\"\n]*\"|'[^'\n]*'|\$\{[^{}\n]*\}|[^\s\"'(){}\[\],;#|&<>`])+)+"
)
_GOES_ON = re.compile(r"[ \t]*(?:$|[-\n;{}),\]:#+*/%=!<>?&|`]|(?:else|and|or|in|as)\b)")
# What no string without quotes would hold.
_LIKELY = re.compile(r"[ \t](?:[^\s]*[/=:]|\$|--[a-z])")
_WORD_BEFORE = re.compile(r"[A-Za-z_][\w+-]*\s*$")
_FEW = 400  # characters: names are looked for no further up than a person would look


def find_open_quote(place: Place) -> ParseError | None:
    """A quote that is not closed on its line, told at its opening."""
    start = place.text.rfind("\n", 0, place.offset) + 1
    match = _OPEN_QUOTE.match(place.text, start)
    end = match.end() if match else start
    if end > place.offset or place.text[end : end + 1] not in ('"', "'"):
        return None
    return ParseError(
        f"this {place.text[end]} is never closed",
        code="KX007",
        span=place.span(end, end + 1),
        hint="a string ends on the line it begins on",
    )


def find_assignment(place: Place) -> ParseError | None:
    """`x=5`, `x+=5`, `$x = 5`, and `set x 5` of iPXE."""
    start = place.seam
    while start < len(place.text) and place.text[start] in " \t\n;":
        start += 1
    found = _ASSIGNMENT.match(place.text, start)
    if found and place.offset <= found.end():
        return _assignment(place, found)
    found = _DOLLAR_BOUND.match(place.text, start)
    if found is None and place.head == "FN" and place.open and place.open[-1].type == "LPAR":
        found = _DOLLAR_PARAMETER.match(place.text, place.offset)
    if found and found.start(2) == place.offset:
        return _bound(place, found)
    found = _DOLLAR_ASSIGNMENT.match(place.text, start)
    if found and place.offset <= found.end():
        name = found.group(1)
        word = binding_word(place.text, name, start)
        edit = Edit(place.span(start, found.end()), f"{word} {name} = ")
        return ParseError(
            f"`${name} =` does not set a variable in kxs",
            code="KX001",
            span=place.span(start, found.end(1)),
            hint="a name is read with `$` and set without: "
            f"`let {name} = ...` makes it, `set {name} = ...` changes it",
            fix=Fix(f"write `{word} {name} =`", (edit,)),
        )
    found = _MADE.match(place.text, start)
    if (
        found
        and found.end(2) < place.offset <= found.end()
        and not (found.group(1) == "set" and found.group(3) is None)
    ):
        return _made_otherwise(place, found)
    found = _EMPTY.match(place.text, start)
    if found and found.end(2) < place.offset <= found.end() and not place.at_end:
        return _empty(place, found)
    found = _INDEXED.match(place.text, start)
    if found and place.offset <= found.end():
        return _indexed(place, found)
    found = _SET_WITHOUT.match(place.text, start)
    if found and place.offset <= found.end() and place.found != "EQUAL":
        return _set_without(place, found)
    return None


def _bound(place: Place, found: re.Match[str]) -> ParseError:
    """`let $x = 5`, `fn f($a)`."""
    span = place.span(found.start(2), found.end(2))
    name = found.group(2).strip("${}")
    return ParseError(
        f"a name has no `$` where it is made or changed: `{name}`",
        code="KX001",
        span=span,
        hint=f"write `{found.group(1)}{name}`; `${name}` reads it",
        fix=Fix(f"write `{name}`", (Edit(span, name),)),
    )


def _made_otherwise(place: Place, found: re.Match[str]) -> ParseError:
    """`let x := 5`, `let x 5`."""
    word, name, sign = found.groups()
    edit = Edit(place.span(found.start(), found.end()), f"{word} {name} = ")
    start = found.start(3) if sign else found.end()
    return ParseError(
        f"`{sign}` does not set a variable in kxs" if sign else f"`{word} {name}` needs a `=`",
        code="KX001",
        span=place.span(start, start + len(sign or "x")),
        hint=f"write `{word} {name} = ...`",
        fix=Fix(f"write `{word} {name} =`", (edit,)),
    )


def _array(place: Place, found: re.Match[str], word: str, items: re.Match[str]) -> ParseError:
    """`x=(a b c)` of bash."""
    name = found.group(1)
    made = [value(item, number=True) for item in _ITEM.findall(items.group(1))]
    written = f"{word} {name} = [{', '.join(str(item) for item in made)}]"
    edit = Edit(place.span(found.start(), items.end()), written)
    known = all(item is not None for item in made)
    return ParseError(
        f"`{name}=` does not set a variable in kxs",
        code="KX001",
        span=place.span(found.start(), found.end()),
        hint=f"write `{written}`"
        if known and len(written) < 60
        else f"write `{word} {name} = [...]`",
        fix=Fix(f"write `{written}`", (edit,)) if known else None,
    )


def _assignment(place: Place, found: re.Match[str]) -> ParseError:
    name, sign = found.groups()
    counted = _COUNTED.match(place.text, found.end()) if sign == "=" else None
    if counted:
        return _counted(place, found, f"{counted.group(1)} {counted.group(2)} {counted.group(3)}")
    word = binding_word(place.text, name, found.start())
    items = _ARRAY.match(place.text, found.end())
    if items and sign == "=":
        return _array(place, found, word, items)
    whole = place.text[found.end() : word_end(place.text, found.end())]
    if sign == "=" and _NESTED.search(whole):
        return _computed(place, found, word, whole)
    head = f"{word} {name} = "
    if sign == "+=":
        word, head = "set", f"set {name} = ${name} + "
    stop = _joined_end(place.text, found.end())
    written, after = place.text[found.end() : stop], place.text[stop : stop + 1]
    edits = [Edit(place.span(found.start(), found.end()), head)]
    made = None
    if not written and after in ("", "\n", ";", " ", "}"):
        made = '""'
        edits = [Edit(place.span(found.start(), found.end()), head + made)]
    elif _LITERAL.fullmatch(written):
        made = written
    elif written:
        made = value(written) if not after or after not in "\"'$" else None
        edits = [Edit(place.span(found.start(), stop), head + made)] if made else []
    following = _FOLLOWING.match(place.text, stop)
    if following and sign == "=":
        return _several(place, found, following, f"{head}{made}" if made else "")
    shown = f"{head}{made}" if made and len(made) < 40 else f"{head}..."
    more = f"; `set {name} = ...` changes it" if word == "let" else ""
    return ParseError(
        f"`{name}{sign}` does not set a variable in kxs",
        code="KX001",
        span=place.span(found.start(), found.end()),
        hint=f"write `{shown}`{more}",
        fix=Fix(f"write `{shown}`", tuple(edits)) if edits else None,
    )


def _computed(place: Place, found: re.Match[str], word: str, whole: str) -> ParseError:
    """`x="$(echo "$y" | sed ...)"`: a shell's quotes in quotes are no string of kxs."""
    name = found.group(1)
    error = ParseError(
        f"`{name}=` does not set a variable in kxs",
        code="KX001",
        span=place.span(found.start(), found.end()),
        hint=f"write `{word} {name} = ...`: a command's result is its value, as in "
        f"`{word} {name} = read FILE`, and there are no pipes",
    )
    place_of_all = place.span(found.start(), found.end() + len(whole))
    error.repair = (Edit(place_of_all, f"{word} {name} = read /proc/cmdline"),)
    return error


def _empty(place: Place, found: re.Match[str]) -> ParseError:
    """`set next_entry=`."""
    word, name = found.groups()
    edit = Edit(place.span(found.start(), found.end()), f'{word} {name} = ""')
    return ParseError(
        f"`{word} {name} =` needs a value",
        code="KX001",
        span=place.span(found.start(), found.end(2)),
        hint=f'an empty text is `""`: `{word} {name} = ""`; nothing at all is `null`',
        fix=Fix(f'write `{word} {name} = ""`', (edit,)),
    )


def _indexed(place: Place, found: re.Match[str]) -> ParseError:
    """`x[0]=5`."""
    name, key = found.groups()
    made = key if key.isdecimal() or key[:1] in "$\"'" else f'"{key}"'
    edit = Edit(place.span(found.start(), found.end()), f"set {name}[{made}] = ")
    return ParseError(
        f"`{name}[{key}] =` does not set an item in kxs",
        code="KX001",
        span=place.span(found.start(), found.end(2) + 1),
        hint=f"write `set {name}[{made}] = ...`",
        fix=Fix(f"write `set {name}[{made}] =`", (edit,)),
    )


def _several(
    place: Place, found: re.Match[str], following: re.Match[str], first: str
) -> ParseError:
    """`A=1 B=2`, `A=1 program`."""
    name = found.group(1)
    fix = None
    if first and following.group(1):
        edit = Edit(place.span(found.start(), following.end()), f"{first}; ")
        fix = Fix(f"write `{first};`", (edit,))
    return ParseError(
        f"`{name}=` does not set a variable in kxs",
        code="KX001",
        span=place.span(found.start(), found.end()),
        hint=f"write `{first}` on a line of its own"
        if fix
        else f"write `let {name} = ...` above; a program gets it by `run env {name}=... PROGRAM`",
        fix=fix,
    )


def _counted(place: Place, found: re.Match[str], sum: str) -> ParseError:
    """`i=$i+1`: a shell makes text of it, and its writer mostly wanted a number."""
    name = found.group(1)
    word = binding_word(place.text, name, found.start())
    return ParseError(
        f"`{name}=` does not set a variable in kxs",
        code="KX001",
        span=place.span(found.start(), found.end()),
        hint=f"write `{word} {name} = {sum}` for the number; text is joined in quotes",
    )


def _joined_end(text: str, start: int) -> int:
    """Return where a word ends, `$name` and `${name}` in it included."""
    found = re.compile(r"(?:[^\s\"'$(){}\[\];|<>&`#]|\$\w+|\$\{\w+\})*").match(text, start)
    return found.end() if found else start


def _set_without(place: Place, found: re.Match[str]) -> ParseError:
    name, rest = found.groups()
    plain = name.partition(":")[0]
    fix = None
    made = value((rest or "").strip())
    counts = (rest or "").lstrip().startswith(("+", "-", "*", "/"))  # `set i += 1`
    if rest and made is not None and plain.isidentifier() and not counts:
        word = binding_word(place.text, plain, found.start())
        end = found.start(2) + len(rest.rstrip())
        edit = Edit(place.span(found.start(), end), f"{word} {plain} = {made}")
        fix = Fix(f"write `{word} {plain} = {made}`", (edit,))
    return ParseError(
        f"`set {name}` without `=` is not kxs",
        code="KX001",
        span=place.span(found.start(), found.end(1)),
        hint=f"write `set {plain} = ${plain} + 1`"
        if counts
        else '`let x = "value"` makes a variable, `set x = "other"` changes it',
        fix=fix,
    )


def binding_word(text: str, name: str, before: int) -> str:
    """Return `set` where a name was made above, else `let`."""
    made = re.compile(rf"^[ \t]*(?:let[ \t]+)?{re.escape(name)}[ \t]*=", re.MULTILINE)
    if made.search(text, max(0, before - 50 * _FEW), before):
        return "set"
    # `[ "$x" ] || x=5`: it is there already.
    line = text[max(text.rfind("\n", 0, before) + 1, before - _FEW) : before]
    return "set" if re.search(rf"\$\{{?{re.escape(name)}\b", line) else "let"


def assignment_of(source: Source, name: Span, equals: Span) -> ParseError:
    """Return the error for `x = 5`, which parses as a command `x` with words."""
    line = source.text.rfind("\n", 0, name.start) + 1
    if _ASKED.search(source.text, max(line, name.start - 80), name.start):
        compared = (Edit(Span(source, name.start, name.start), "$"), Edit(equals, "=="))
        return ParseError(
            "`=` does not compare in kxs",
            code="KX001",
            span=name.to(equals),
            hint=f'a variable has a `$`, and `==` compares: `if ${name.text} == "b" {{ ... }}`',
            fix=Fix(f"write `${name.text} ==`", compared),
        )
    word = binding_word(source.text, name.text, name.start)
    line_end = source.text.find("\n", equals.end)
    rest = source.text[equals.end : line_end if line_end >= 0 else len(source.text)]
    edits = [Edit(Span(source, name.start, name.start), f"{word} ")]
    bare = _BARE_WORD.match(rest.strip())
    if bare and not _LITERAL.fullmatch(bare.group()) and bare.group() == rest.strip():
        at = equals.end + rest.index(bare.group())
        edits.append(Edit(Span(source, at, at + len(bare.group())), f'"{bare.group()}"'))
    return ParseError(
        f"`{name.text} =` does not set a variable in kxs",
        code="KX001",
        span=name.to(equals),
        hint=f"write `let {name.text} = ...`, or `set {name.text} = ...` for one that is there",
        fix=Fix(f"write `{word} {name.text} = ...`", tuple(edits)),
    )


def find_equals(place: Place) -> ParseError | None:
    """`=` where two values are compared."""
    if place.found not in ("EQUAL", "") or not place.text.startswith("=", place.offset):
        return None
    if "CMPOP" not in place.expected:
        return None
    span = place.span(place.offset, place.offset + 1)
    return ParseError(
        "`=` does not compare in kxs",
        code="KX001",
        span=span,
        hint='values are compared by `==`: `if $a == "b" { ... }`',
        fix=Fix("write `==`", (Edit(span, "=="),)),
    )


def _call_in_braces(place: Place, found: re.Match[str]) -> ParseError:
    """`${read /etc/x}`: in braces stands an expression, and a call in parentheses."""
    end = place.text.find("}", found.end())
    name = place.span(found.start(1), found.end(1))
    fix = None
    if 0 < end < found.end() + _FEW and "\n" not in place.text[found.end() : end]:
        first, last = found.start(1), end
        edits = (Edit(place.span(first, first), "("), Edit(place.span(last, last), ")"))
        fix = Fix("write it in parentheses", edits)
    return ParseError(
        f"`{name.text}` is a command, and in `${{ }}` stands an expression",
        code="KX009",
        span=name,
        hint=f"a call stands in parentheses: `${{({name.text} ...)}}`",
        fix=fix,
    )


def _call_in_expression(place: Place, name: str, found: re.Match[str]) -> ParseError:
    """`$ok and exists /x`, `[findfs LABEL=A]`: a word, and others that it might take."""
    written = f"({found.group()})"
    edit = Edit(place.span(found.start(), found.end()), written)
    likely = _LIKELY.search(found.group())
    error = ParseError(
        f"`{name}` is a bare word, and this is an expression",
        code="KX009",
        span=place.span(found.start(), found.start() + len(name)),
        hint=f"a call stands in parentheses: `{written}`; a string is quoted"
        if len(written) < _FEW // 8
        else f"a call stands in parentheses: `({name} ...)`; a string is quoted",
        fix=Fix(f"write `{written}`", (edit,), safe=False) if likely else None,
    )
    error.repair = (Edit(edit.span, "null"),) if not likely else ()
    return error


def find_bare_word(place: Place) -> ParseError | None:
    """A word without quotes, where only values may stand."""
    start, word = place.offset, None
    if "STRING" in place.expected:
        word = _BARE_WORD.match(place.text, place.offset)
    elif place.expected and set(place.expected) <= {"COLON"}:  # `[a, b]`: `a` taken for a key
        word = _WORD_BEFORE.search(place.text, max(0, place.offset - _FEW), place.offset)
        start = word.start() if word else start
        word = _BARE_WORD.match(place.text, start) if word else None
    elif (
        word
        and start
        and place.text[start - 1] == "-"
        and place.text[start - 2 : start - 1] in " \t=("
    ):
        start -= 1  # `-foo` is one word
        word = _BARE_WORD.match(place.text, start)
    if word is None:
        return None
    text = word.group().rstrip()
    called = _CALL_IN_BRACES.search(place.text, max(0, start - _FEW), start)
    if called and "\n" not in called.group():
        return _call_in_braces(place, called)
    span = place.span(start, start + len(text))
    call = _CALL.match(place.text, start)
    if call and _GOES_ON.match(place.text, call.end()):
        return _call_in_expression(place, text, call)
    name = text.partition(".")[0]
    known = re.compile(rf"\b(?:let|for|set|as)[ \t]+{re.escape(name)}\b")
    variable = name.isidentifier() and known.search(place.text, max(0, start - 50 * _FEW), start)
    path = None if variable else path_before(place, start)
    if path is not None:
        return path_in_expression(place, path, span.end, bool(_GOES_ON.match(place.text, span.end)))
    made = f"${text}" if variable else f'"{text}"'
    return ParseError(
        f"`{text}` is a bare word, and this is an expression",
        code="KX009",
        span=span,
        hint=f'a string is quoted: `"{text}"`; a variable is `$name`',
        # Another word behind it would be one of a call: quotes make no expression of both.
        fix=Fix(f"write `{made}`", (Edit(span, made),))
        if _GOES_ON.match(place.text, span.end)
        else None,
    )
