"""What to try where a command is typed that there is not: the prompt knows more names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kxsh.commands import COMMANDS
from kxsh.errors import KxshError, UsageError
from kxsh.text import nearest

if TYPE_CHECKING:
    from kxsh.console.session import Session

CODE = "KX201"


def corrected(session: Session, error: KxshError) -> KxshError:
    """Return an error of the prompt with the hint that fits here."""
    if error.code != CODE or error.span is None:
        return error
    hint = hint_for(session, error.span.text, error.hint)
    if hint == error.hint:
        return error
    return UsageError(error.message, code=CODE, span=error.span, hint=hint)


def hint_for(session: Session, name: str, hint: str) -> str:
    """Return what to try instead of the command `name`; `hint` is what a script's author is
    told."""
    scopes = session.interpreter.session.chain()
    functions = [function for scope in scopes for function in scope.functions]
    near = nearest(name, [*functions, *COMMANDS, *session.commands])
    if near in session.commands:
        return f"did you mean `{near}`?"
    if f"`run {name}`" in hint and session.find_program(name) is None:
        return "`help` lists the commands; there is no program of that name either"
    return hint
