"""The lines of a session: those that were typed and those of its script, as they ran."""

from __future__ import annotations

from collections.abc import Iterable

from kxsh.boot.state import State
from kxsh.console.history import has_secret
from kxsh.console.journal import Effect, Journal
from kxsh.interpreter.interpreter import Interpreter, copied
from kxsh.interpreter.scope import Scope
from kxsh.source import Source


class Snapshot:
    """The variables and functions of a scope at one moment."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self._variables = {name: _kept(value) for name, value in scope.variables.items()}
        self._functions = dict(scope.functions)

    def changed(self) -> list[str]:
        """Return the names that are other now, or are new or gone."""
        now = {name: _kept(value) for name, value in self.scope.variables.items()}
        names = [*now, *(name for name in self._variables if name not in now)]
        return [name for name in names if self._differs(now, name)] + [
            name
            for name, function in self.scope.functions.items()
            if self._functions.get(name) is not function
        ]

    def _differs(self, now: dict[str, object], name: str) -> bool:
        return (name in now) != (name in self._variables) or now[name] != self._variables[name]

    def restore(self, names: Iterable[str]) -> None:
        """Make variables and functions what they were."""
        for name in names:
            now, before = self.scope.variables.get(name), self._variables.get(name)
            if isinstance(now, State) and isinstance(before, dict):
                now.data = before
            elif name in self._variables:
                self.scope.variables[name] = before
            else:
                self.scope.variables.pop(name, None)
            if name in self._functions:
                self.scope.functions[name] = self._functions[name]
            elif name in self.scope.functions:
                del self.scope.functions[name]


def _kept(value: object) -> object:
    return copied(value.data) if isinstance(value, State) else copied(value)


class Line:
    """A line as it ran: `owner` is what the journal knows it by, `place` where it stands
    (``boot.kxs:3``; empty: it was typed), `ok` whether it succeeded. `script` is what a
    script has to say for it (empty: nothing), `changed` the names that it changed."""

    def __init__(self, owner: object, text: str, place: str, before: Snapshot | None) -> None:
        self.owner = owner
        self.text = text
        self.place = place
        self.before = before
        self.script = text
        self.changed: list[str] = []
        self.ok = False

    @property
    def shown(self) -> str:
        """The line's begin, for people; untrusted, and without a passphrase."""
        if has_secret(self.text):
            return "(a line with a passphrase)"
        first, _, more = self.text.strip().partition("\n")
        return f"{first} ..." if more else first


class Lines:
    """All lines, oldest first. `interpreter` runs them, `journal` knows what they did."""

    def __init__(self, interpreter: Interpreter, journal: Journal) -> None:
        self._interpreter = interpreter
        self._journal = journal
        self.all: list[Line] = []
        self.take_script()

    def begin(self, source: Source) -> Line:
        """Note that a typed line begins to run."""
        line = Line(source, source.text, "", Snapshot(self._interpreter.session))
        self.all.append(line)
        return line

    def end(self, line: Line) -> None:
        """Note what a typed line has changed; a script that it ran on has lines of its own."""
        before = line.before
        if before is not None and before.scope is self._interpreter.session and line.script:
            line.changed = before.changed()

    def take_script(self) -> None:
        """Note how far the script has come since this was asked last."""
        progress = self._interpreter.progress
        if progress is None:
            return
        for index, statement in enumerate(progress.statements[: progress.index + 1]):
            known = next((line for line in self.all if line.owner is statement), None)
            done = index < progress.index and not progress.was_skipped(statement)
            if known is not None and (known.ok or not done):
                continue
            if known is not None:  # it failed before, and is younger now than what came between
                self.all.remove(known)
            place = f"{statement.span.source.name}:{statement.span.line}"
            line = Line(statement, statement.span.text, place, None)
            line.ok = done
            self.all.append(line)

    def rest(self) -> list[Line]:
        """Return what the script has still to do after the statement where it stopped."""
        progress = self._interpreter.progress
        if progress is None:
            return []
        rest = [Line(item, item.span.text, "", None) for item in progress.statements]
        for line in rest:
            line.ok = True
        return rest[progress.index + 1 :]

    def forget_script(self) -> None:
        """Forget the script's lines, since it begins anew: but for what they did that is
        still so, and can be undone."""
        self.all = [line for line in self.all if not line.place or self._journal.of(line.owner)]
        for line in self.all:
            line.ok = line.ok and not line.place

    def remove(self, line: Line) -> None:
        self.all.remove(line)

    def place_of(self, effect: Effect) -> str:
        """Return which line did something: ``boot.kxs:3``, or what was typed; untrusted."""
        for line in self.all:
            if line.owner is effect.owner and not line.place:
                return f"`{line.shown}`"
        span = effect.span
        return f"{span.source.name}:{span.line}" if span is not None else ""
