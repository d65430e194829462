"""`set` alone: the variables there are, as in other shells and in GRUB. No statement of kxs."""

from __future__ import annotations

from kxsh.console import tables
from kxsh.interpreter.interpreter import Interpreter
from kxsh.interpreter.showing import show
from kxsh.values import type_of

LINE = "set"
_MORE = "`$NAME` shows a whole one; `let x = 1` makes one, and `set x = 2` changes it"


def listing(interpreter: Interpreter, columns: int) -> str:
    """Return each variable that a line sees, with its type and as much of its value as there
    is room for: from the innermost block outwards, each in the order it was made."""
    seen: dict[str, object] = {}
    for scope in interpreter.session.chain():
        for name, value in scope.variables.items():
            seen.setdefault(name, value)
    rows = [(f"${name}", str(type_of(value)), _short(value)) for name, value in seen.items()]
    return f"{tables.table(rows, columns)}\n{tables.sentences(_MORE, columns)}"


def _short(value: object) -> str:
    first, *others = show(value).split("\n")
    return f"{first} ..." if others else first
