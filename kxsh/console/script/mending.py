"""A script put right at the prompt: one that was refused, statement by statement; and what was
changed in any, written to its own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kxsh.checker import check_source
from kxsh.console.script import edits, saving
from kxsh.console.script.stepping import editable
from kxsh.diagnostics import Diagnostic
from kxsh.errors import KxshError, NotFound, UsageError
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_script

if TYPE_CHECKING:
    from kxsh.commands.context import Context
    from kxsh.console.prompt.session import Session
    from kxsh.interpreter.interpreter import Interpreter


def faults(interpreter: Interpreter, source: Source) -> list[Diagnostic]:
    """Return the errors for which a script is refused."""
    found = check_source(source, find_import=interpreter.find_import)
    return [item for item in found if item.severity == "error"]


def sound(interpreter: Interpreter, source: Source) -> ast.Script:
    """Return a script's tree; `UsageError` where it is faulty."""
    found = faults(interpreter, source)
    if found:
        raise refuse(found[0])
    return parse_script(source)


def refuse(fault: Diagnostic) -> UsageError:
    """Return the error that a fault is, where nothing of the script runs."""
    return UsageError(fault.message, code=fault.code, span=fault.span, hint=fault.help)


def mend(session: Session, source: Source) -> Source | None:
    """Let a person edit each faulty statement of a script in turn, until there is none;
    return what it became. None: it was given up; `Interpreter.refused` is as far as it came.
    One that is left as it is may be right once another is: it is asked about once."""
    interpreter = session.interpreter
    left: set[tuple[str, str]] = set()
    while found := faults(interpreter, source):
        fault = next((one for one in found if (one.code, one.message) not in left), None)
        if fault is None:
            raise refuse(found[0])
        session.show(refuse(fault))
        if fault.span is None or fault.span.source is not source:  # in a file of its own
            raise refuse(fault)
        place = _place(source, fault.span)
        offered = editable(session, place.text)
        try:
            around = edits.Around(source.text[: place.start], source.text[place.end :])
            with session.editing_in(around):
                text = session.read_text(offered)
        except (EOFError, KeyboardInterrupt):
            session.terminal.say("not changed: the statement is as it was")
            return None
        if text == offered:
            left.add((fault.code, fault.message))
            continue
        whole = source.text[: place.start] + text + source.text[place.end :]
        source = edits.edited_source(Span(source, 0, len(source.text)), whole).source
        interpreter.refused = source
    return source


def _place(source: Source, fault: Span) -> Span:
    """Return the statement that a fault is in, the innermost; where the text has no
    statements, as it is no kxs, the lines of the fault."""
    try:
        nodes = list(ast.walk(parse_script(source)))
    except KxshError:
        begin = source.text.rfind("\n", 0, fault.start) + 1
        end = source.text.find("\n", max(fault.end, begin))
        return Span(source, begin, end if end >= 0 else len(source.text))
    blocks = [node for node in nodes if isinstance(node, ast.Script | ast.Block)]
    statements = [one.span for block in blocks for one in block.statements]
    around = [one for one in statements if one.start <= fault.start <= one.end]
    whole = Span(source, 0, len(source.text))
    return min(around, key=lambda one: one.end - one.start, default=whole)


def save(session: Session, context: Context) -> str:
    """Write a script with all that was changed in it to its own file; return what to say.

    It is checked first; the file must be the one that the script is from.
    """
    interpreter = session.interpreter
    progress = interpreter.progress
    source = progress.source if progress is not None else interpreter.refused
    if source is None or session.nested:
        raise UsageError("there is no script to save", code="KX203")
    name = edits.file_name(source)
    text = edits.whole_text(progress) if progress is not None else source.text
    new = Source(name, text)
    found = faults(interpreter, new)
    if found:
        raise refuse(found[0])
    path = saving.place(context, name, in_memory=session.retry is not None)
    if not saving.exists(context, path):
        raise NotFound(
            f"{saving.shown(context, path)} is not there: this script is from no file of the disk",
            hint="`save-script --rest FILE` writes one",
        )
    root, inside = context.machine.locate(path)
    shown = saving.shown(context, path)
    if root.read(inside).decode("utf-8", "surrogateescape") == text:
        edits.written(progress, source)
        return f"{shown} says the same already: it was not written"
    saving.write(context, path, text, instead=_for_now(progress is not None))
    edits.written(progress, source)
    return f"wrote {shown}\n{saving.kept(path)}"


def _for_now(elsewhere: bool) -> str:
    """Return what to do where the script's own file cannot be written; what of it has run can
    be written `elsewhere`."""
    hint = "`retry` goes on with it for this boot only: what you changed is kept"
    there = "; `save-script --rest LABEL=DATA:/boot.kxs` writes it to another disk"
    return hint + there if elsewhere else hint
