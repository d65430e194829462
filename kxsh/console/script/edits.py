"""What a person changed in a script while it ran: each edit has its place in the text, so
that the script is one again, with all of them."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.interpreter.progress import Progress
from kxsh.record import record
from kxsh.source import Source, Span
from kxsh.syntax import ast

_EDITED = " (edited)"
Edit = tuple[Span, Span]


@record
class Around:
    """What stands before and behind a text that is edited; `runs`: of a script that runs, in
    the names that there are now, else of one that has to be sound as a whole first."""

    before: str
    behind: str
    runs: bool = False

    def text(self, inner: str) -> str:
        return self.before + inner + self.behind


def edited_source(old: Span, text: str) -> Span:
    """Return the place of a text that is to stand for `old`: in a source of its own, where
    what fails has the number of the line that it takes the place of."""
    name = old.source.name.removesuffix(_EDITED) + _EDITED
    above = "\n" * (old.line - 1)
    source = Source(name, above + text)
    return Span(source, len(above), len(source.text))


def is_edited(source: Source) -> bool:
    """Tell whether a source is a text that a person changed."""
    return source.name.endswith(_EDITED)


def file_name(source: Source) -> str:
    """Return the name of the file that a source, edited or not, is from; untrusted."""
    return source.name.removesuffix(_EDITED)


def written(progress: Progress | None, source: Source) -> None:
    """Note that the file of a script says what it became here: a place in what was edited is
    one in the file, if its line has the same number there."""
    source.name = file_name(source)
    for old, new in sorted(progress.edits if progress else (), key=lambda edit: edit[0].start):
        if old.source is source:
            new.source.name = source.name
            if new.text.count("\n") != old.text.count("\n"):
                return


def replace(
    progress: Progress, statement: ast.Statement, new: Span, statements: Sequence[ast.Statement]
) -> bool:
    """Put `statements`, which are the text at `new`, in the place of one of the script's own,
    wherever it stands; return whether that is the script's."""
    if statement is progress.statement:
        progress.replace(statements)
    else:
        block = _block_of(progress, statement)
        if block is None:
            return False
        at = next(n for n, one in enumerate(block.statements) if one is statement)
        block.statements = (*block.statements[:at], *statements, *block.statements[at + 1 :])
    span = statement.span
    progress.edits = [*_without(progress.edits, span), (span, new)]
    if progress.fault is not None and progress.statement is not None:
        before = progress.fault[1]
        progress.fault = (progress.statement, new if _is_in(before, span) else before)
    return True


def faulty(progress: Progress) -> ast.Statement | None:
    """Return the statement that the script stopped at, the innermost of its own: a line in a
    block, or of a function. None: it has ended."""
    if progress.fault is None or progress.fault[0] is not progress.statement:
        return progress.statement
    place = progress.fault[1]
    around = [
        statement
        for top in progress.statements
        for statement in _statements_in(top)
        if _is_in(place, statement.span)
    ]
    inner = min(around, key=lambda one: one.span.end - one.span.start, default=None)
    return progress.statement if inner is None else inner


def _statements_in(top: ast.Statement) -> list[ast.Statement]:
    """Return a statement and all in its blocks."""
    blocks = (node for node in ast.walk(top) if isinstance(node, ast.Block))
    return [top, *(statement for block in blocks for statement in block.statements)]


def _without(edits: Sequence[Edit], span: Span) -> list[Edit]:
    """Return the edits but for those in a text that takes the place of all of it."""
    return [edit for edit in edits if not _is_in(edit[0], span)]


def _is_in(inner: Span, outer: Span) -> bool:
    return inner.source is outer.source and outer.start <= inner.start and inner.end <= outer.end


def _block_of(progress: Progress, statement: ast.Statement) -> ast.Block | None:
    for top in progress.statements:
        for node in ast.walk(top):
            if isinstance(node, ast.Block) and any(one is statement for one in node.statements):
                return node
    return None


def text_at(progress: Progress | None, span: Span) -> str:
    """Return the text at a place, with what was edited in it."""
    if progress is None:
        return span.text
    text, at = "", span.start
    inside = [edit for edit in progress.edits if _is_in(edit[0], span)]
    for old, new in sorted(inside, key=lambda edit: edit[0].start):
        text += span.source.text[at : old.start] + text_at(progress, new)
        at = old.end
    return text + span.source.text[at : span.end]


def around(progress: Progress | None, span: Span) -> Around | None:
    """Return what stands around a statement in its script; None: it is of another file."""
    if progress is None:
        return None
    mark = "\0"
    edits = progress.edits
    progress.edits = [*_without(edits, span), (span, edited_source(span, mark))]
    try:
        before, found, behind = whole_text(progress).partition(mark)
    finally:
        progress.edits = edits
    return Around(before, behind, runs=True) if found else None


def whole_text(progress: Progress) -> str:
    """Return the script's text with all that was edited in it."""
    return text_at(progress, Span(progress.source, 0, len(progress.source.text)))


def origin(progress: Progress, span: Span) -> Span:
    """Return the place in the script's own text that what is at `span` stands for."""
    for old, new in reversed(progress.edits):
        if new.source is span.source:
            return origin(progress, old)
    return span
