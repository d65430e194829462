"""What is wrong with the line that is being typed, by the checker, without false alarms.

A word under the cursor may go on, and so may a statement at the end: neither is told.
"""

from __future__ import annotations

from kxsh.checker import check_script, check_source
from kxsh.checker.scope import Known
from kxsh.console.prompt import hints
from kxsh.console.prompt.session import Session, lone_call
from kxsh.console.script.edits import Around
from kxsh.diagnostics import Diagnostic, from_error
from kxsh.errors import KxshError, ParseError, UsageError
from kxsh.record import replace
from kxsh.signature import Item, bind
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_line
from kxsh.text import display
from kxsh.values import ANY, type_of

# Longer texts than a person types are checked when they run.
_LONGEST = 8192
# A variable that stands for whatever may follow; no person's name looks like it.
_REST = "__rest"
# What may be for want of something that follows; other findings stand.
_CURABLE = ("KX0", "KX105", "KX106", "KX203")
# Blocks in blocks, as far as anybody types them at a prompt.
_DEEPEST = 6
_UNKNOWN_COMMANDS = ("KX201", "KX010")
# What could follow at the end of a text: each cures what only lacks that.
_MORE = (f" ${_REST}", " { }", " = 1", " == 1", "}", '"', "'", '}"', "0]", "0)")


class Findings:
    """Checks lines of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, text: str, cursor: int, *, typing: bool) -> list[Diagnostic]:
        """Return what is wrong; `typing`: the word before the cursor may not be finished."""
        if not text.strip() or len(text) > _LONGEST:
            return []
        found = self._check(text)
        if not found or not typing:
            return found
        if not text[cursor:].strip():
            found = self._certain(text, found)
        return [item for item in found if not _is_under(item, text, cursor)]

    def _certain(self, text: str, found: list[Diagnostic]) -> list[Diagnostic]:
        """Return the findings that nothing which may follow would cure."""
        told = {_key(item) for item in found}
        for more in _MORE:
            if not any(item.code.startswith(_CURABLE) for item in found):
                break
            after = self._check(text + more)
            if not any(_spoils(item, len(text)) for item in after if _key(item) not in told):
                left = {_key(item) for item in after}
                found = [item for item in found if _key(item) in left]
        return found

    def _within(self, around: Around, text: str) -> list[Diagnostic]:
        """Return what is wrong with a text in the midst of a script."""
        whole, here, begin = around.text(text), Source("<prompt>", text), len(around.before)
        find = self._session.interpreter.find_import
        known = self._known() if around.runs else None
        return [
            replace(item, span=Span(here, item.span.start - begin, item.span.end - begin))
            for item in check_source(
                Source("<prompt>", whole), find_import=find, prompt=around.runs, known=known
            )
            if item.span is not None
            and item.span.start >= begin
            and item.span.end <= begin + len(text)
        ]

    def _check(self, text: str) -> list[Diagnostic]:
        if self._session.around is not None:
            return self._within(self._session.around, text)
        source, script = _read(text)
        if script is None:
            found = check_source(source, prompt=True, known=self._known())
        else:
            own = self._prompt_command(script)
            if own is not None:
                return own
            found = check_script(script, prompt=True, known=self._known())
        typed = [
            item
            for item in found
            if item.span is not None and item.span.source is source and item.span.end <= len(text)
        ]
        return [self._corrected(item) for item in typed if not self._runs_here(item, text, script)]

    def _corrected(self, finding: Diagnostic) -> Diagnostic:
        if finding.span is None:
            return finding
        hint = hints.hint_for(self._session, finding.code, finding.span.text, finding.help)
        return replace(finding, help=hint)

    def _known(self) -> Known:
        variables = {_REST: ANY}
        functions: dict[str, ast.Function] = {}
        modules: set[str] = set()
        for scope in reversed(list(self._session.interpreter.session.chain())):
            variables |= {name: type_of(value) for name, value in scope.variables.items()}
            functions |= {name: function.node for name, function in scope.functions.items()}
            modules |= scope.modules.keys()
        return Known(variables, functions, modules)

    def _prompt_command(self, script: ast.Script) -> list[Diagnostic] | None:
        """Return the findings of a call of one of the prompt's own commands."""
        call = lone_call(script)
        if call is not None and self._session.asks_for_help(call):
            return []
        if call is None or not self._session.is_prompt_command(call):
            return None
        items = [Item(word.kind, word.name, word.value, word.span) for word in call.arguments]
        try:
            bind(self._session.commands[call.name].signature, items, call.span)
        except UsageError as error:
            return [from_error(error)]
        return []

    def _runs_here(self, finding: Diagnostic, text: str, script: ast.Script | None) -> bool:
        """Tell whether an unknown command is a program, or the prompt's in a line that is not
        whole yet: those run where they stand alone."""
        span = finding.span
        if span is None or finding.code not in _UNKNOWN_COMMANDS or text[: span.start].strip():
            return False
        name = span.text
        own = script is None and name in self._session.commands
        return own or self._session.find_program(name) is not None


def _read(text: str) -> tuple[Source, ast.Script | None]:
    """Return a text and its tree, with the blocks closed that are still open where that is
    all it lacks; None: it has faults."""
    for depth in range(_DEEPEST):
        source = Source("<prompt>", text + "\n}" * depth)
        try:
            return source, parse_line(source)
        except ParseError as error:
            if not error.incomplete:
                break
        except KxshError:
            break
    return Source("<prompt>", text), None


def _key(finding: Diagnostic) -> tuple[str, str, int]:
    return finding.code, finding.message, finding.span.start if finding.span else 0


def _spoils(finding: Diagnostic, length: int) -> bool:
    """Tell whether a finding that came with what was added says that it does not fit."""
    at = finding.span.start if finding.span else 0
    return at >= length or finding.code.startswith(("KX00", "KX201"))


def _is_under(finding: Diagnostic, text: str, cursor: int) -> bool:
    """Tell whether the cursor stands in or at the end of the one word that is meant."""
    span = finding.span
    if span is None or not span.start < cursor <= span.end:
        return False
    return not any(map(str.isspace, text[span.start : cursor]))


def note(found: list[Diagnostic], cursor: int, columns: int) -> str:
    """Return the finding at the cursor, or the last before it, in one line of `columns`."""
    if not found:
        return ""
    before = [item for item in found if item.span and item.span.start <= cursor]
    shown = before[-1] if before else found[0]
    text = f"{shown.code} {shown.message}"
    if len(found) > 1:
        text = f"{found.index(shown) + 1}/{len(found)} {text}"
    hint = shown.help.partition("\n")[0]
    if hint and len(text) + len(hint) + 2 <= columns:
        text = f"{text}; {hint}"
    return display(text, columns)
