"""Statements that begin in a way no kxs statement does: `. file`, `! cmd`, `./x`, `$cmd`."""

from __future__ import annotations

import re

from kxsh.errors import Edit, Fix, ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.syntax.faults import Place

_OPTIONS = re.compile(r"set[ \t]+([-+][a-zA-Z]+(?:[ \t]+\w+)?)[ \t]*(?=[;\n#}]|$)")
_SOURCED = re.compile(r"\.[ \t]+([^\s;#]+)")
_PROGRAM = re.compile(r"(?:\.{0,2}/|~/)[\w./+-]+")
_COMPUTED = re.compile(r"\$\{?\w+\}?(?=[ \t]+[^\s=]|[ \t]*(?:[;\n]|$))")
_QUOTED = re.compile(r"\"(?=[^\"\n]*\$)[^\"\n]*\"")
_COUNTING = re.compile(r"\(\((.*?)\)\)|([A-Za-z_]\w*)(\+\+|--)")


def find(place: Place) -> ParseError | None:
    """Return the error for what a faulty statement begins with."""
    start = place.seam
    while start < len(place.text) and place.text[start] in " \t\n;":
        start += 1
    for pattern, error in _STARTS:
        found = pattern.match(place.text, start)
        if found and start <= place.offset <= found.end():
            return error(place, found)
    return None


def _options(place: Place, found: re.Match[str]) -> ParseError:
    return ParseError(
        f"`set {found.group(1)}` is a shell's",
        code="KX010",
        span=place.span(found.start(), found.end(1)),
        hint="a failure always stops the script, and an unknown name is an error: delete it",
        fix=Fix(
            "delete it", (Edit(place.span(found.start(), found.end()).with_line(), ""),), safe=False
        ),
    )


def _sourced(place: Place, found: re.Match[str]) -> ParseError:
    name = found.group(1).strip("\"'")
    fix = None
    if re.fullmatch(r"[\w./-]+\.kxs", name):
        edit = Edit(place.span(found.start(), found.end()), f'import "{name}"')
        fix = Fix(f'write `import "{name}"`', (edit,), safe=False)
    return ParseError(
        "`.` is a shell's way to read another script",
        code="KX010",
        span=place.span(found.start(), found.start() + 1),
        hint='write `import "FILE.kxs"`; its functions are then `FILE.name`',
        fix=fix,
    )


def _negated(place: Place, found: re.Match[str]) -> ParseError:
    return ParseError(
        "`!` is not kxs",
        code="KX002",
        span=place.span(found.start(), found.start() + 1),
        hint="a condition takes `not`: `if not exists $file { ... }`; a failure is handled by "
        "`else`: `mount LABEL=X else { ... }`",
    )


def _program(place: Place, found: re.Match[str]) -> ParseError:
    edit = Edit(place.span(found.start(), found.start()), "run ")
    return ParseError(
        f"`{found.group()}` is no command of kxs",
        code="KX201",
        span=place.span(found.start(), found.end()),
        hint=f"another program is started with `run {found.group()}`",
        fix=Fix("write `run`", (edit,), safe=False),
    )


def _computed(place: Place, found: re.Match[str]) -> ParseError | None:
    if place.expected and "QM" in place.expected:
        return None
    return ParseError(
        f"a statement cannot begin with `{found.group()}`",
        span=place.span(found.start(), found.end()),
        hint="a command's name is written out; a program whose name is computed is started with "
        f"`run {found.group()}`",
    )


def _counting(place: Place, found: re.Match[str]) -> ParseError:
    name, sign = found.group(2), (found.group(3) or "+")[0]
    fix = None
    if name:
        edit = Edit(place.span(found.start(), found.end()), f"set {name} = ${name} {sign} 1")
        fix = Fix(f"write `set {name} = ${name} {sign} 1`", (edit,))
    return ParseError(
        f"`{found.group()[:20]}` is not kxs",
        code="KX001",
        span=place.span(found.start(), found.end()),
        hint="write `set n = $n + 1`",
        fix=fix,
    )


_STARTS = (
    (_OPTIONS, _options),
    (_SOURCED, _sourced),
    (re.compile(r"!(?=\s)"), _negated),
    (_PROGRAM, _program),
    (_COUNTING, _counting),
    (_COMPUTED, _computed),
    (_QUOTED, _computed),
)
