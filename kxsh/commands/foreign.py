"""Commands of other languages at a command's place, told the kxs way.

What the grammar itself stumbles over is told by `kxsh.syntax.foreign`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from kxsh.commands.registry import COMMANDS
from kxsh.errors import Edit, Fix, UsageError
from kxsh.source import Span
from kxsh.syntax.foreign.loops import error_of
from kxsh.text import nearest

# What may follow a variable in an expression: nothing, or an operator.
_AFTER_VARIABLE = re.compile(
    r"[ \t]*(?:$|[\n;{})\]#]|else\b|(?:==|!=|=~|<=|>=|\?\?|[-+*/%]|and|or|in)(?=\s))"
)

_FOR = re.compile(r"(?<![^;{\s])(for)[ \t]+\w+[ \t]+in[ \t]+$")
_ALONE = re.compile(r"[ \t]*(?=[\n;})\]#]|$)")
_CHANGED = re.compile(r"[ \t]*(:=|<-|[-+*/]=)[ \t]*")
_COUNTED = re.compile(r"([A-Za-z_]\w*)([-+])(\d+)")
_CONSTANTS = {
    **dict.fromkeys(("null", "nil", "None", "NULL", "Null", "undefined", "nothing"), "null"),
    **dict.fromkeys(("True", "TRUE", "yes", "on", "Yes"), "true"),
    **dict.fromkeys(("False", "FALSE", "no", "off", "No"), "false"),
}
_LONG = 70  # a hint that shows the whole statement is no longer than this


def unknown_command(
    name: str, functions: Iterable[str], span: Span, variables: Collection[str] = ()
) -> UsageError:
    """Return the error for a name that is no command and none of the script's functions;
    `variables` are the names that can be read there."""
    # A finding is the exception: none of this is needed without one.
    from kxsh.commands.foreign_fixes import advice_of, fix_of, is_value
    from kxsh.commands.foreign_words import CAPITALS, WORDS

    if name.endswith(("++", "--")):
        return _counting(name, span)
    taken = is_value(span)
    variable = name.partition(".")[0]
    if (
        variable in variables
        and not _CHANGED.match(span.source.text, span.end)
        and (taken or name not in WORDS)
    ):
        return _variable(name, span, taken)
    counted = _COUNTED.fullmatch(name)
    if counted and taken and counted.group(1) in variables:
        return _sum(span, *counted.groups())
    looped = _loop(span)
    if looped is not None:
        return looped
    if taken and name in _CONSTANTS:
        return _constant(name, span)
    changed = _CHANGED.match(span.source.text, span.end) if not taken else None
    if changed and name.isidentifier():
        return _change(name, span, changed, variables)
    known = WORDS.get(name) or (WORDS.get(name.lower()) if name.isupper() else None)
    if name == "null":
        return _null(span)
    # `set label=root`: what is glued to a `=` is a text in other languages.
    if known is None or (taken and _is_glued(span)):
        return _unknown(name, functions, span, taken)
    origin, code, hint = known
    origin = CAPITALS.get(name, origin)
    fix = None
    if code != "KX201":
        fix = fix_of(name, span)
        if fix is not None and fix.edits[0].text and len(fix.title) < _LONG:
            hint = advice_of(fix)
    message = f"`{name}` is {origin}, not kxs" if origin else f"there is no command `{name}`"
    return UsageError(message, code=code, span=span, hint=hint, fix=fix)


def _null(span: Span) -> UsageError:
    """`findfs LABEL=X else { null }`."""
    return UsageError(
        "`null` is a value, and here stands a command",
        code="KX201",
        span=span,
        hint="what is not there gives null by `?`: `let d = findfs LABEL=X ?`; an `else` that"
        " goes on leaves null too, with `else { }`",
    )


def _is_glued(span: Span) -> bool:
    text = span.source.text
    return text[span.start - 1 : span.start] == "=" and bool(_ALONE.match(text, span.end))


def _sum(span: Span, name: str, sign: str, amount: str) -> UsageError:
    """`let i = i+1`: all of it may be a command's name."""
    written = f"${name} {sign} {amount}"
    return UsageError(
        f"`{span.text}` is a command's name, and `${name}` a variable",
        code="KX009",
        span=span,
        hint=f"write `{written}`, and `set {name} = ...` to change it",
        fix=Fix(f"write `{written}`", (Edit(span, written),)),
    )


def _constant(name: str, span: Span) -> UsageError:
    """`let x = None`, `if True {`."""
    written = _CONSTANTS[name]
    return UsageError(
        f"`{name}` is `{written}` in kxs",
        code="KX009",
        span=span,
        hint=f"write `{written}`",
        fix=Fix(f"write `{written}`", (Edit(span, written),)),
    )


def _change(name: str, span: Span, found: re.Match[str], variables: Collection[str]) -> UsageError:
    """`x := 5`, `x += 1`."""
    word = "set" if name in variables else "let"
    sign = found.group(1)
    head = f"{word} {name} = " if sign in (":=", "<-") else f"set {name} = ${name} {sign[0]} "
    edit = Edit(Span(span.source, span.start, found.end()), head)
    return UsageError(
        f"`{name} {sign}` does not set a variable in kxs",
        code="KX001",
        span=Span(span.source, span.start, found.end(1)),
        hint=f"write `{head.strip()} ...`",
        fix=Fix(f"write `{head.strip()} ...`", (edit,)),
    )


def _loop(span: Span) -> UsageError | None:
    """`for x in a b {`: not a call, but a list without brackets."""
    text = span.source.text
    line = text.rfind("\n", 0, span.start) + 1
    before = _FOR.search(text, max(line, span.start - 80), span.start)
    error = error_of(span.source, before.start(1)) if before else None
    if error is None or error.span is None or " " not in error.span.text:
        return None
    return UsageError(
        error.message, code=error.code, span=error.span, hint=error.hint, fix=error.fix
    )


def _variable(name: str, span: Span, taken: bool) -> UsageError:
    """A variable's name without its `$`."""
    fix = None
    hint = f"did you mean `${name}`?"
    if not taken:
        hint += f" A statement is a command: `say ${{{name}}}`" if "." in name else ""
    elif _AFTER_VARIABLE.match(span.source.text, span.end):
        start = Span(span.source, span.start, span.start)
        fix = Fix(f"write `${name}`", (Edit(start, "$"),))
    return UsageError(
        f"`{name}` is a variable, and this calls a command",
        code="KX009" if taken else "KX201",
        span=span,
        hint=hint,
        fix=fix,
    )


def _unknown(name: str, functions: Iterable[str], span: Span, taken: bool) -> UsageError:
    near = nearest(name, functions) or nearest(name, COMMANDS)
    module = name.rpartition(".")[0]
    fix = None
    if near:
        hint = f"did you mean `{near}`?"
    elif module:
        hint = _module_hint(module)
    elif taken and _is_condition(span):
        hint = f"a condition is true or false: `${name}`, `exists FILE`; a program's failure is"
        hint += f" handled, `run {name} else {{ ... }}`"
    elif taken and _ALONE.match(span.source.text, span.end):
        hint = f'a string is quoted: `"{name}"`; what a program prints is `run --capture {name}`'
        fix = Fix(f'write `"{name}"`', (Edit(span, f'"{name}"'),), safe=False)
    else:
        run = f"run --capture {name}" if taken else f"run {name}"
        hint = f"`help` lists the commands; another program is started with `{run}`"
        start = Span(span.source, span.start, span.end)
        fix = Fix(f"start the program `{name}`", (Edit(start, run),), safe=False)
    return UsageError(f"there is no command `{name}`", code="KX201", span=span, hint=hint, fix=fix)


def _is_condition(span: Span) -> bool:
    line = span.source.text[max(0, span.start - 20) : span.start].rpartition("\n")[2]
    return line.split()[-1:] in (["if"], ["while"], ["not"], ["and"], ["or"])


def _module_hint(module: str) -> str:
    """`slots.start`: the functions of an import have its name in front."""
    from kxsh import resources

    if module in resources.stdlib_names():
        return f'the library has a module of that name: write `import "{module}"` above'
    return f'nothing is imported as {module}: `import "FILE.kxs" as {module}` does that'


def _counting(name: str, span: Span) -> UsageError:
    """`i++` is a word that may name a command."""
    variable = name[:-2]
    written = f"set {variable} = ${variable} {name[-1]} 1"
    fix = Fix(f"write `{written}`", (Edit(span, written),)) if variable.isidentifier() else None
    return UsageError(
        f"`{name}` is not kxs", code="KX001", span=span, hint=f"write `{written}`", fix=fix
    )
