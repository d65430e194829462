"""Shapes of other languages: comments, blocks without braces, `catch`, calls in brackets."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix, ParseError
from kxsh.source import Source, Span
from kxsh.syntax.foreign.words import binding_word

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_COMMENT = re.compile(r"(//|--(?=[\s-])|/\*)([^\n]*)")
_CATCH = re.compile(
    r"(catch|except|rescue)\b[ \t]*+\(?[ \t]*+(?:[A-Z]\w*[ \t]*+(?:as\b[ \t]*+|=>[ \t]*+)?)?"
    r"\$?([a-z_]\w*)?[ \t]*+\)?[ \t]*+(?=\{)"
)
_COLON = re.compile(r":[ \t]*(?:#[^\n]*)?$")
_PARAMETERS = re.compile(
    r"fn[ \t]+([A-Za-z_][\w-]*)[ \t]+"
    r"((?:\$?[A-Za-z_]\w*+(?:,[ \t]*+|[ \t]++|(?=[{\n]|$)))++)(?=[{\n]|$)"
)
_MAP = re.compile(r"\{[ \t]*(?:[\"']?\w+[\"']?[ \t]*[:=][^{}\n]*)?\}")
_STATEMENT = re.compile(r"[a-z][\w-]*(?:[ \t][^{}\n;#]*+)?(?=[\n;#]|$)")
_CALLED = re.compile(r"(?<!\bfn )(?<![\w.-])[A-Za-z_][\w.-]*$")
_ARGUMENTS = re.compile(r"""\((?:[^()\n"']|"[^"\n]*"|'[^'\n]*')*\)""")
_GROUP = re.compile(r"\{[ \t]([^{}()\n]*)\}|\(([^{}()\n]*)\)")
_VALUES = ("LET", "SET", "RETURN")


def find(place: Place) -> ParseError | None:
    """Return the error for such a shape at the fault."""
    for look in (_group, _listed, _catch, _parameters, _map, _colon, _braceless):
        error = look(place)
        if error is not None:
            return error
    return None


def find_comment(place: Place) -> ParseError | None:
    """`// text`, `/* text */`, `-- text`."""
    found = _COMMENT.match(place.text, place.start)
    if found is None or not found.start() <= place.offset <= found.end():
        return None
    sign, rest = found.groups()
    span = place.span(found.start(), found.end(1))
    edits = [Edit(span, "#")]
    closed = rest.rstrip().endswith("*/")
    if sign == "/*" and closed:
        end = found.end(1) + len(rest.rstrip())
        edits.append(Edit(place.span(len(place.text[: end - 2].rstrip()), end), ""))
    return ParseError(
        f"`{sign}` begins no comment in kxs",
        code="KX010",
        span=span,
        hint="a comment begins with `#`",
        fix=Fix("write `#`", tuple(edits)) if sign != "/*" or closed else None,
    )


def _group(place: Place) -> ParseError | None:
    """`{ a; b; }`, `(a; b)` as a statement."""
    start = place.start
    if place.text[start : start + 1] not in ("{", "(") or place.offset != start:
        return None
    found = _GROUP.match(place.text, start)
    fix = None
    if found:
        body = found.group(1) if found.group(1) is not None else found.group(2)
        edit = Edit(place.span(start, found.end()), body.strip(" \t;"))
        fix = Fix("leave them out", (edit,), safe=False)
    sign = place.text[start]
    return ParseError(
        f"`{sign}` begins no statement",
        code="KX004",
        span=place.span(start, start + 1),
        hint="write the commands without brackets; what is handled as one is "
        "`try { ... } else { ... }`",
        fix=fix,
    )


def _catch(place: Place) -> ParseError | None:
    """`} catch e {`, `} except Exception as e {`."""
    found = _CATCH.match(place.text, place.offset)
    if found is None or place.text[: place.offset].rstrip()[-1:] != "}":
        return None
    written = f"else as {found.group(2)} " if found.group(2) else "else "
    edit = Edit(place.span(found.start(), found.end()), written)
    return ParseError(
        f"`{found.group(1)}` is not kxs",
        code="KX004",
        span=place.span(found.start(), found.end(1)),
        hint=f"write `try {{ ... }} {written}{{ ... }}`",
        fix=Fix(f"write `{written.strip()}`", (edit,), safe=False),
    )


def _parameters(place: Place) -> ParseError | None:
    """`fn f x {`."""
    found = _PARAMETERS.match(place.text, place.start)
    if found is None or not found.start(2) <= place.offset <= found.end():
        return None
    names = [name.strip("$, \t") for name in re.split(r"[, \t]+", found.group(2)) if name]
    written = f"fn {found.group(1)}({', '.join(names)}) "
    edit = Edit(place.span(found.start(), found.end()), written)
    return ParseError(
        "parameters stand in parentheses",
        code="KX004",
        span=place.span(found.start(2), found.start(2) + len(found.group(2).rstrip())),
        hint=f"write `{written}{{ ... }}`",
        fix=Fix(f"write `{written.strip()}`", (edit,), safe=False),
    )


def _map(place: Place) -> ParseError | None:
    """`let m = {a: 1}`."""
    found = _MAP.match(place.text, place.offset)
    if found is None or place.head not in _VALUES or "LSQB" not in place.expected:
        return None
    inner = found.group()[1:-1].strip()
    written = f"[{inner or ':'}]"
    return ParseError(
        "a map has brackets in kxs: braces are code",
        code="KX004",
        span=place.span(found.start(), found.start() + 1),
        hint="write `[a: 1, b: 2]`, and `[:]` for an empty one",
        fix=Fix(
            f"write `{written}`",
            (Edit(place.span(found.start(), found.end()), written),),
            safe=False,
        )
        if "=" not in inner
        else None,
    )


def _colon(place: Place) -> ParseError | None:
    """`if x == 1:`, whose block is what is indented."""
    if "LBRACE" not in place.expected:
        return None
    at = place.offset
    end = place.text.find("\n", at) if place.text[at : at + 1] != "\n" else at
    line = place.text[place.text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(place.text)]
    found = _COLON.search(line)
    if found is None or place.found == "LBRACE":
        return None
    sign = place.text.rfind("\n", 0, at) + 1 + found.start()
    if place.text[at : at + 1] not in (":", "\n", "") and at != sign:
        return None
    return ParseError(
        "a block has braces in kxs, and no `:`",
        code="KX004",
        span=place.span(sign, sign + 1),
        hint="write ` {` here, and `}` below the block's last line",
    )


def _braceless(place: Place) -> ParseError | None:
    """`if true say a`, `else say b`."""
    if "LBRACE" not in place.expected or place.found in ("$END", "_NL", "LBRACE"):
        return None
    found = _STATEMENT.match(place.text, place.offset)
    if found is None:
        return None
    body = found.group().rstrip()
    span = place.span(found.start(), found.start() + len(body))
    word = re.match(r"[\w-]+", body)
    return ParseError(
        "a block has braces",
        code="KX004",
        span=place.span(found.start(), found.start() + (word.end() if word else 1)),
        hint=f"write `{{ {body if len(body) < 40 else '...'} }}`",
        fix=Fix("write it in braces", (Edit(span, f"{{ {body} }}"),), safe=False),
    )


def _listed(place: Place) -> ParseError | None:
    """`mount(d, "/mnt/x")`, where the fault stands between its parentheses."""
    if not place.open or place.open[-1].type != "LPAR":
        return None
    start = place.open[-1].start
    found = _ARGUMENTS.match(place.text, start)
    if found is None or not start < place.offset < found.end():
        return None
    return glued_call(place.source, place.span(start, found.end()))


def glued_call(source: Source, place: Span) -> ParseError | None:
    """Return the error for `say("x")`, whose `(...)` stands at `place`."""
    text = source.text
    before = _CALLED.search(text, max(0, place.start - 60), place.start)
    if before is None or place.text[:1] != "(" or place.text[-1:] != ")":
        return None
    inner = place.text[1:-1].strip()
    fix = None
    if not any(sign in inner for sign in "()[]{}\n"):
        words = " ".join(_argument(part.strip(), text, place.start) for part in _split(inner))
        edit = Edit(place, f" {words}" if words else "")
        fix = Fix("write the arguments behind a blank", (edit,), safe=False)
    shown = f"{before.group()} {inner}".replace(",", "")
    return ParseError(
        f"`{before.group()}( )` is no call in kxs",
        code="KX004",
        span=place,
        hint="arguments follow the name: "
        + (f"`{shown}`" if len(shown) < 50 else f"`{before.group()} first second`"),
        fix=fix,
    )


def _argument(word: str, text: str, before: int) -> str:
    """Return an argument as a word: a variable that was made above has its `$`."""
    known = word.isidentifier() and binding_word(text, word, before) == "set"
    return f"${word}" if known else word


def _split(text: str) -> list[str]:
    """Return what stands between commas outside of quotes."""
    return re.findall(r"""(?:"[^"]*"|'[^']*'|[^,"'])+""", text)
