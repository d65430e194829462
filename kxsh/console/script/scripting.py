"""The script of a session: the lines that worked, in their order, so that they do the same
again. `saving` writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from kxsh.commands import COMMANDS
from kxsh.console.prompt.history import shows_secret
from kxsh.console.prompt.lines import Line
from kxsh.console.script.again import devices_of, is_same, line_of, literal, mount_line
from kxsh.console.script.journal import Effect, Journal
from kxsh.console.script.pieces import (
    Piece,
    acts,
    check,
    joined,
    names_of,
    piece_at,
    starts,
    statements_of,
)
from kxsh.console.script.pruning import prune
from kxsh.errors import FormatFailure
from kxsh.machine.protocol import Mount, Opened
from kxsh.record import replace
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_line
from kxsh.text import display

if TYPE_CHECKING:
    from kxsh.boot.plan import Plan
    from kxsh.diagnostics import Diagnostic
    from kxsh.interpreter.scope import Scope

# A state that was changed and is not saved.
_UNSAVED = "KX308"


class Scripting:
    """Makes the script; `notes` then are what it lacks, in sentences."""

    def __init__(self, journal: Journal, session: Scope, loaded: Plan | None) -> None:
        self._journal = journal
        self._session = session
        self._loaded = loaded
        self.notes: list[str] = []
        # The numbers of lines whose words no script can have, although they worked.
        self._unsaid: set[int] = set()
        self._owners: list[object] = []

    def text(self, lines: Sequence[Line]) -> tuple[str, list[Diagnostic]]:
        """Return the lines as a script, and what the checker says about it."""
        while True:
            self.notes = []
            pieces = self._all_pieces(lines)
            findings = check(pieces)
            errors = [item for item in findings if item.severity == "error"]
            if not errors:
                self._note_secrets(pieces)
                return joined(pieces), findings
            faulty = self._faulty(errors[0], lines, pieces)
            if faulty is None:
                raise _no_script(errors[0], pieces, lines)
            self._unsaid.add(faulty)

    def _faulty(self, error: Diagnostic, lines: Sequence[Line], pieces: list[Piece]) -> int | None:
        """Return the number of the typed line that an error is about: what it did can stand
        in its place."""
        span = error.span
        if error.code == _UNSAVED and error.related:  # it is told of at the `exec`
            span = error.related[0].span
        piece = piece_at(pieces, span.start) if span is not None else None
        if piece is None or piece.own:
            return None
        at = piece.at
        if at == len(lines):  # the `exec` that nobody typed: is there a way around the load?
            load = self._newest_load()
            owners = [line.owner for line in lines]
            found = [index for index, owner in enumerate(owners) if load and owner is load.owner]
            at = found[0] if found and not lines[found[0]].place else at
        return at if at < len(lines) and at not in self._unsaid else None

    def _all_pieces(self, lines: Sequence[Line]) -> list[Piece]:
        self._owners = [line.owner for line in lines]
        # What an earlier run of the script left is done by its line again, once that has run.
        again = {line.text for line in lines if line.place and line.script and not line.stays}
        placed = [
            (piece.at, piece.at != at, piece)
            for at, line in enumerate(lines)
            if (line.script and not line.stays) or not line.place or line.text not in again
            for piece in self._pieces(at, line)
        ]
        pieces = [piece for *_, piece in sorted(placed, key=lambda one: one[:2])]
        if self._loaded is not None and not any(starts(piece) for piece in pieces):
            pieces.append(Piece("exec", len(lines)))
        prune(pieces)
        if not pieces:
            raise FormatFailure(
                "there is nothing to save yet: no line has done anything",
                hint="mount and load by hand, then save it",
            )
        for at, line in enumerate(lines):
            for effect in self._journal.of(line.owner):
                if effect.verb == "mount" and not effect.given:
                    self._name_directory(effect, at, pieces)
        return pieces

    def _pieces(self, at: int, line: Line) -> Iterator[Piece]:
        if at in self._unsaid:
            if any(_locks(one) for one in statements_of(line.script)):
                self.notes.append("not in it: a line whose `lock` is wrong")
            yield from self._halves(at, line, all_of_it=True)
            return
        if line.place and line.script:
            text = _without_edition(line.script)
            if text.strip():
                yield Piece(text, at, own=True)
        elif line.script:
            for statement in parse_line(Source("", line.script)).statements:
                if acts(statement):
                    yield Piece(_as_statement(statement), at)
        if not line.asks:
            yield from self._halves(at, line)

    def _halves(self, at: int, line: Line, *, all_of_it: bool = False) -> Iterator[Piece]:
        """Yield what a line that failed, or was undone, has done for all that."""
        seen: Span | None = None
        for effect in self._journal.of(line.owner):
            if (effect.worked and not all_of_it) or (
                effect.verb == "mount" and not _is_mount_call(effect)
            ):
                continue
            if effect.verb == "load" and effect is not self._newest_load():
                continue
            if effect.verb == "borrow":
                continue
            if effect.verb == "module" and effect.span is seen:
                continue  # a command that loads several
            seen = effect.span
            if effect.verb == "lock" and not effect.worked:
                # Its words may be no hash, but a password itself: they are not said again.
                self.notes.append("not in it: the `lock` of a line that failed")
                continue
            text = _as_written(effect) or line_of(self._journal.machine, effect, self._loaded)
            place = self._place(effect, at)
            if text is not None and place is not None:
                yield Piece(text, place)
            elif effect.verb != "run":
                self._lack(line, f"{effect.verb} {effect.what}")
        if all_of_it or not (line.ok or line.asks):
            yield from self._half_set(at, line, "" if all_of_it else line.script)

    def _place(self, effect: Effect, at: int) -> int | None:
        """Return the number of the line behind which what an effect did can be done again: an
        earlier run's may need what only a later line opens now. None: nothing opens it."""
        place = at
        for device in devices_of(effect, self._loaded):
            openers = [
                self._owners.index(one.owner)
                for one in self._journal.effects
                if one.verb == "open"
                and isinstance(one.resource, Opened)
                and any(is_same(given, device) for given in one.resource.devices)
                and one.owner in self._owners
            ]
            if openers:
                place = max(place, min(openers))
            elif not any(is_same(one, device) for one in self._journal.machine.devices()):
                return None
        return place

    def _half_set(self, at: int, line: Line, script: str) -> Iterator[Piece]:
        """Yield the values that a line left behind, but for what `script` has made."""
        made = {name for one in statements_of(script) for name in names_of(one)}
        for name in line.changed:
            if name in made or name not in self._session.variables:
                continue
            value = literal(self._session.variables[name])
            if value is None:
                self._lack(line, f"${name}")
            else:
                word = "set" if line.before is not None and line.before.has(name) else "let"
                yield Piece(f"{word} {name} = {value}", at)

    def _note_secrets(self, pieces: Sequence[Piece]) -> None:
        for number, line in enumerate(joined(pieces).splitlines(), 1):
            if shows_secret(line):
                self.notes.append(f"line {number} shows a password to whoever reads the file")

    def _lack(self, line: Line, what: str) -> None:
        self.notes.append(display(f"not in it: {what}, of {line.shown}"))

    def _newest_load(self) -> Effect | None:
        loads = (one for one in reversed(self._journal.effects) if one.verb == "load")
        return next(loads, None)

    def _name_directory(self, effect: Effect, at: int, pieces: list[Piece]) -> None:
        """Have the script mount to the same directory, where a line names that, and nobody
        gave it: the next boot would number a fresh one otherwise."""
        mount = effect.resource
        if not isinstance(mount, Mount):
            return
        named = re.compile(rf"(?<![\w/.-]){re.escape(mount.path)}(?![\w-])")
        users = [piece for piece in pieces if piece.at >= at and named.search(piece.text)]
        if not users or any(_mounts_to(piece, named) for piece in pieces):
            return
        for piece in pieces:
            if piece.at == at and _is_mount_call(effect):
                text = _with_directory(piece.text, effect, mount.path)
                if text is not None:
                    pieces[pieces.index(piece)] = replace(piece, text=text)
                    return
        line = mount_line(self._journal.machine, mount)
        before = next(index for index, piece in enumerate(pieces) if piece.at >= at)
        if line is not None:
            pieces.insert(before, Piece(line, at))


def _no_script(error: Diagnostic, pieces: Sequence[Piece], lines: Sequence[Line]) -> FormatFailure:
    piece = piece_at(pieces, error.span.start) if error.span is not None else None
    what = f"{error.message}: `{piece.text}`" if piece is not None else error.message
    hint = error.help
    if piece is not None and piece.own:
        what = f"{lines[piece.at].place}: {what}"
        hint = f"{hint}\n`step`, and `e` at that line, changes it".lstrip()
    return FormatFailure(
        f"these lines are no script that could run: {display(what)}",
        code=error.code,
        hint=hint,
    )


def _locks(statement: ast.Statement) -> bool:
    """Tell whether there is a `lock` in a statement, whatever runs it."""
    calls = (node for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any(call.name == "lock" for call in calls)


def _as_statement(statement: ast.Statement) -> str:
    """Return a typed statement as a script has it: one without passphrases, which are asked
    for, and an expression, which only the prompt shows, as a value."""
    if not isinstance(statement, ast.ExpressionStatement):
        return _without_passphrase(statement)
    text = _without_passphrase(statement.value)
    return text if isinstance(statement.value, ast.Call) else f"let shown = {text}"


def _as_written(effect: Effect) -> str | None:
    """Return the call that had an effect, where it says all by itself: without variables, and
    without files on a mount that may be gone."""
    text = effect.span.text if effect.span is not None else ""
    if not text or any(sign in text for sign in "$([") or effect.verb == "close":
        return None
    if effect.verb in ("load", "open") and any(one.path in text for one in effect.mounts):
        return None
    statement = next(iter(statements_of(text)), None)
    known = isinstance(statement, ast.CallStatement) and statement.call.name in COMMANDS
    return _without_passphrase(statement) if statement is not None and known else None


def _without_passphrase(statement: ast.Node) -> str:
    gone: list[tuple[int, int]] = []
    for call in ast.walk(statement):
        if not isinstance(call, ast.Call) or call.name not in COMMANDS:
            continue
        for index, item in enumerate(call.arguments):
            if item.kind == "option" and item.name == "passphrase":
                glued = item.value is not None or index + 1 == len(call.arguments)
                end = item if glued else call.arguments[index + 1]
                gone.append((item.span.start, end.span.end))
    text, begin = statement.span.text, statement.span.start
    for start, stop in reversed(gone):
        text = text[: start - begin].rstrip() + text[stop - begin :]
    return text


def _without_edition(text: str) -> str:
    """Return a script's statement; of its first line, which is there already, the comments."""
    statement = next(iter(statements_of(text)), None)
    if isinstance(statement, ast.CallStatement) and statement.call.name == "kxs":
        span = statement.span
        return f"{text[: span.start].rstrip()}\n{text[span.end :].strip()}".strip()
    return text


# -- mounts


def _is_mount_call(effect: Effect) -> bool:
    """Tell whether somebody wrote `mount`; else it is a `SPEC:/path`, or a program's doing."""
    return effect.span is not None and re.match(r"mount\b", effect.span.text) is not None


def _mounts_to(piece: Piece, named: re.Pattern[str]) -> bool:
    return any(
        isinstance(node, ast.Call) and node.name == "mount" and named.search(node.span.text)
        for one in statements_of(piece.text)
        for node in ast.walk(one)
    )


def _with_directory(text: str, effect: Effect, path: str) -> str | None:
    """Return a statement whose `mount` has its directory written out; None where it has
    several such, or one that was told otherwise."""
    calls = [
        node
        for one in statements_of(text)
        for node in ast.walk(one)
        if isinstance(node, ast.Call) and node.name == "mount"
    ]
    calls = [call for call in calls if effect.span and call.span.text == effect.span.text]
    words = _words(calls[0]) if len(calls) == 1 else []
    if len(words) != 1:
        return None
    end = words[0].span.end
    return f"{text[:end]} {path}{text[end:]}"


def _words(call: ast.Call) -> list[ast.Argument]:
    """Return the arguments of a built-in command that are no option and no option's value."""
    options = {
        item.name for item in COMMANDS[call.name].signature.parameters if item.kind == "option"
    }
    words: list[ast.Argument] = []
    value = False
    for item in call.arguments:
        if item.kind == "option":
            value = item.name in options and item.value is None
        elif value:
            value = False
        else:
            words.append(item)
    return words
