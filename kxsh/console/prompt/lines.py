"""The lines of a session: those that were typed and those of its script, as they ran."""

from __future__ import annotations

from kxsh.console.prompt.history import has_secret
from kxsh.console.script.edits import origin, text_at
from kxsh.console.script.journal import Effect, Journal
from kxsh.interpreter.interpreter import Interpreter
from kxsh.interpreter.progress import Progress
from kxsh.interpreter.snapshot import Snapshot
from kxsh.source import Source, Span


class Line:
    """A line as it ran: `owner` is what the journal knows it by, `place` where it stands
    (``boot.kxs:3``; empty: it was typed), `ok` whether it succeeded. `script` is the part of
    it that did, as a script has it, `changed` the names that all of it changed. `asks` says
    that it is the prompt's own command: what it did to the machine is no part of a script;
    `of_others` that what it changed is other lines' doing: the script ran on, or one was
    undone; `stays` that it was undone, but for what `script` says."""

    def __init__(self, owner: object, text: str, place: str, before: Snapshot | None) -> None:
        self.owner = owner
        self.text = text
        self.place = place
        self.before = before
        self.script = ""
        self.changed: list[str] = []
        self.ok = False
        self.asks = False
        self.of_others = False
        self.stays = False

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

    def worked(self, line: Line, text: str) -> None:
        """Note that this part of a typed line ended well."""
        line.script += f"{text}\n"
        self._journal.vouch(line.owner)

    def end(self, line: Line) -> None:
        """Note what a typed line has changed; a script that it ran on has lines of its own."""
        before = line.before
        if before is not None and not line.of_others and before.scope is self._interpreter.session:
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
                if known.script:  # a function's body may have been edited since
                    known.script = in_script(progress, index)
                continue
            if known is None or done:  # younger now than what came between, if it failed before
                place = f"{statement.span.source.name}:{statement.span.line}"
                line = Line(statement, statement.span.text, place, None)
                line.ok = done
                if done:
                    line.script = in_script(progress, index)
                    self._journal.vouch(statement)
                self.all = [one for one in self.all if one is not known]
                self.all.append(line)
            else:
                line = known
            change = next((one for one in progress.changes if one[0] is statement), None)
            if change is not None:
                _, line.before, line.changed = change

    def rest(self) -> list[Line]:
        """Return what the script has still to do after the statement that failed."""
        progress = self._interpreter.progress
        if progress is None:
            return []
        rest: list[Line] = []
        first = progress.index if progress.waiting else progress.index + 1
        for index in range(first, len(progress.statements)):
            statement = progress.statements[index]
            place = f"{statement.span.source.name}:{statement.span.line}"
            rest.append(Line(statement, statement.span.text, place, None))
            rest[-1].script = in_script(progress, index)
            rest[-1].asks = True  # it does all that it did once more
        return rest

    def forget_script(self) -> None:
        """Forget the script's lines, since it begins anew, and those that were typed in it:
        but for what they did that is still so, and can be undone."""
        self.all = [
            line
            for line in self.all
            if not line.place or line.stays or self._journal.of(line.owner)
        ]
        scopes = self._interpreter.open_scopes()
        for line in self.all:
            gone = line.before is not None and line.before.scope not in scopes
            if gone:
                line.changed = []  # its variables are gone, too
            if not line.stays and (line.place or gone):
                line.ok, line.script = line.ok and not line.place, ""
                self._journal.doubt(line.owner)

    def remove(self, line: Line, instead: str) -> None:
        """Forget a line that was undone; what stays of it is written `instead`."""
        kept = Line(object(), line.text, line.place, None)
        kept.ok = kept.stays = True
        kept.script = instead
        at = self.all.index(line)
        self.all[at : at + 1] = [kept] if instead else []

    def place_of(self, effect: Effect) -> str:
        """Return which line did something: ``boot.kxs:3``, or what was typed; untrusted."""
        for line in self.all:
            if line.owner is effect.owner and not line.place:
                return f"`{line.shown}`"
        span = effect.span
        return f"{span.source.name}:{span.line}" if span is not None else ""


def in_script(progress: Progress, index: int) -> str:
    """Return a script's statement with the comments above and behind it, and blank lines;
    one that was edited as it is now, with the comments of what it was."""
    statements = [origin(progress, one.span) for one in progress.statements]
    span, text = statements[index], text_at(progress, progress.statements[index].span)
    whole = span.source.text
    begin = max((one.end for one in statements if _is_before(one, span)), default=0)
    above = whole[begin : span.start].split("\n")
    if begin:
        above = above[1:]  # what is behind the statement before is that one's
    above = [line.strip() for line in above[:-1] if not line.strip() or line.strip()[0] == "#"]
    behind = whole[span.end :].partition("\n")[0]
    comment = f" {behind.strip()}" if behind.strip().startswith("#") else ""
    if span in statements[:index]:  # an edit made several of one
        above = []
    if span in statements[index + 1 :]:
        comment = ""
    return "\n".join([*above, text + comment])


def _is_before(one: Span, other: Span) -> bool:
    return one.source is other.source and one.end <= other.start
