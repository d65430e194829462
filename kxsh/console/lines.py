"""The lines of a session: those that were typed and those of its script, as they ran."""

from __future__ import annotations

from kxsh.console.history import has_secret
from kxsh.console.journal import Effect, Journal
from kxsh.interpreter.interpreter import Interpreter
from kxsh.interpreter.snapshot import Snapshot
from kxsh.source import Source


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
            if known is not None and known.ok:
                continue
            if known is None or done:  # younger now than what came between, if it failed before
                place = f"{statement.span.source.name}:{statement.span.line}"
                line = Line(statement, statement.span.text, place, None)
                line.ok = done
                self.all = [one for one in self.all if one is not known]
                self.all.append(line)
            else:
                line = known
            change = next((one for one in progress.changes if one[0] is statement), None)
            if change is not None:
                _, line.before, line.changed = change

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
