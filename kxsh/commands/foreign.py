"""Commands of other languages at a command's place, told the kxs way.

What the grammar itself stumbles over is told by `kxsh.syntax.foreign`.
"""

from __future__ import annotations

from collections.abc import Iterable

from kxsh.commands.registry import COMMANDS
from kxsh.errors import Edit, Fix, UsageError
from kxsh.source import Span
from kxsh.text import nearest


def unknown_command(name: str, functions: Iterable[str], span: Span) -> UsageError:
    """Return the error for a name that is no command and none of the script's functions."""
    from kxsh.commands.foreign_words import WORDS  # a finding is the exception

    if name.endswith(("++", "--")):
        return _counting(name, span)
    origin, code, hint = WORDS.get(name, ("", "KX201", ""))
    if not hint:
        near = nearest(name, functions) or nearest(name, COMMANDS)
        hint = (
            f"did you mean `{near}`?"
            if near
            else f"`help` lists the commands; another program is started with `run {name}`"
        )
    fix = None
    if code == "KX201" and hint.startswith("`help`") and "." not in name:
        start = Span(span.source, span.start, span.start)
        fix = Fix(f"start the program `{name}`", (Edit(start, "run "),), safe=False)
    elif code != "KX201":
        from kxsh.commands.foreign_fixes import fix_of

        fix = fix_of(name, span)
    message = f"`{name}` is {origin}, not kxs" if origin else f"there is no command `{name}`"
    return UsageError(message, code=code, span=span, hint=hint, fix=fix)


def _counting(name: str, span: Span) -> UsageError:
    """`i++` is a word that may name a command."""
    variable = name[:-2]
    written = f"set {variable} = ${variable} {name[-1]} 1"
    fix = Fix(f"write `{written}`", (Edit(span, written),)) if variable.isidentifier() else None
    return UsageError(
        f"`{name}` is not kxs", code="KX001", span=span, hint="write `set n = $n + 1`", fix=fix
    )
