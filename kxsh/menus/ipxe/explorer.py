"""Runs a script once for each choice that its menus offer, and lists what is started."""

from __future__ import annotations

from kxsh.boot.entry import Entry, Menu
from kxsh.menus import limits
from kxsh.menus.ipxe import commands, settings
from kxsh.menus.ipxe.commands import Choice, Outcome, Result
from kxsh.menus.ipxe.script import Script, is_script, parse, segments
from kxsh.menus.ipxe.state import Frame, Item, State
from kxsh.menus.reading import Reading
from kxsh.menus.syslinux import programs

# Lines that are run: of one way through the script, of all ways together.
_STEPS = 5_000
_ALL_STEPS = 50_000


class Explorer:
    """Explores one script with those that it leads to."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._scripts: dict[str, Script | None] = {}
        self._taken: set[tuple[str, int, str]] = set()
        self._listed: dict[tuple[object, ...], str] = {}
        self._steps = 0

    def menu(self) -> Menu:
        source = self._reading.source
        text = self._reading.text(source)
        if not is_script(text):
            if text:
                self._reading.complain(source, 1, "not an iPXE script: the first line is no #!ipxe")
            return self._reading.menu()
        script = parse(source, text)
        self._scripts[source] = script
        self._note_cut(script)
        first, title, started = self._unattended(script)
        self._explore(script)
        default = self._listed.get(_key(*started), "") if started else ""
        return self._reading.menu(default, first, title)

    # -- the two ways of running it

    def _unattended(self, script: Script) -> tuple[float | None, str, tuple[State, Outcome] | None]:
        """Run it as if nobody were there; return (timeout and title of the first menu,
        what is started)."""
        state = State([Frame(script)])
        timeout: float | None = 0.0
        title = ""
        seen = 0
        while True:
            result = self._run(state)
            if not isinstance(result, Choice):
                return timeout, title, (state, result) if result else None
            if not seen:
                timeout, title = result.timeout, _plain(result.screen.title)
            seen += 1
            if seen > limits.DEPTH:
                return timeout, title, None
            state = self._chosen(state, result, _default_item(result))

    def _explore(self, script: Script) -> None:
        """List what every choice leads to, in the order of the menus."""
        waiting: list[tuple[State, Choice | None, Item | None]] = [
            (State([Frame(script)]), None, None)
        ]
        while waiting and not self._reading.full and self._steps < _ALL_STEPS:
            state, choice, item = waiting.pop()
            if choice is not None and item is not None:
                state = self._chosen(state.copy(), choice, item)
            result = self._run(state)
            if isinstance(result, Choice):
                items = self._fresh(state, result)
                waiting += [(state, result, item) for item in reversed(items)]
            elif result is not None:
                self._list(state, result)
        if self._steps >= _ALL_STEPS:
            self._reading.complain(self._reading.source, 0, "the script has too many ways: cut off")

    def _fresh(self, state: State, choice: Choice) -> list[Item]:
        """Return the items to follow: those that were not taken here before. Where another
        way took them all, the default; where this very way did, it came back to a menu
        that is listed already."""
        place = self._place(state)
        items = [item for item in choice.screen.items if item.label]
        new = [item for item in items if (*place, item.label) not in self._taken]
        self._taken.update((*place, item.label) for item in new)
        if new:
            return new
        if any(passed[:2] == place for passed in state.places):
            return []
        return [_default_item(choice)]

    def _chosen(self, state: State, choice: Choice, item: Item) -> State:
        if choice.name:
            settings.store(state.settings, choice.name, item.label)
        state.places |= {(*self._place(state), item.label)}
        state.chosen = (*state.chosen, item)[-limits.DEPTH :]
        state.ok = True
        return state

    def _place(self, state: State) -> tuple[str, int]:
        frame = state.frames[-1]
        return frame.script.path, frame.index

    # -- one run

    def _run(self, state: State) -> Outcome | Choice | None:
        """Run until something is started, a menu waits (its line can be resumed), or the
        script ends; None: it ended in nothing."""
        while state.frames:
            frame = state.frames[-1]
            if frame.index >= len(frame.script.lines):
                state.frames.pop()
                if not state.frames:
                    return self._ended(state)
                continue
            state.steps += 1
            self._steps += 1
            if state.steps > _STEPS:
                line = frame.script.lines[frame.index].number
                self._reading.complain(frame.script.path, line, "the script does not end here")
                return None
            result = self._line(state, frame)
            if isinstance(result, Choice | Outcome):
                return result
            if not result:  # a failure ends the script
                state.frames.pop()
                if not state.frames:
                    return self._ended(state)
        return None

    def _line(self, state: State, frame: Frame) -> Result:
        """Run a line from where it was left; the next one is then the script's place."""
        line = frame.script.lines[frame.index]
        parts = segments(line.words)
        at = max(state.resumed, 0)
        if at == 0:
            state.ok = True
        state.resumed = at
        for index in range(at, len(parts)):
            operator, words = parts[index]
            if (operator == "&&" and not state.ok) or (operator == "||" and state.ok):
                continue
            result = self._command(state, frame, line.number, words)
            if isinstance(result, Outcome):
                return result
            if isinstance(result, Choice):
                state.resumed = index + 1
                return result
            state.ok = result
            if state.resumed < 0:  # it went elsewhere
                state.resumed = 0
                self._step_over(state, frame)
                return True
        state.resumed = 0
        state.frames[-1] = Frame(frame.script, frame.index + 1)
        return state.ok

    def _step_over(self, state: State, frame: Frame) -> None:
        """Let a caller go on behind the line that called another script."""
        if len(state.frames) > 1 and state.frames[-2] is frame:
            state.frames[-2] = Frame(frame.script, frame.index + 1)

    def _command(self, state: State, frame: Frame, line: int, words: list[str]) -> Result:
        expanded = [settings.expand(word, state.settings) for word in words]
        if not expanded or not expanded[0]:
            return True
        if not commands.known_command(expanded[0]):
            message = f"{expanded[0][:40]}: iPXE has no such command"
            self._reading.complain(frame.script.path, line, message)
            return False
        return commands.run(state, expanded, self._load)

    def _load(self, path: str, state: State) -> Script | None:
        if path not in self._scripts:
            self._scripts[path] = None
            if self._reading.holds(path):
                frame = state.frames[-1]
                text = self._reading.text(path, frame.script.path)
                if is_script(text):
                    self._scripts[path] = parse(path, text)
                    self._note_cut(self._scripts[path])
        return self._scripts[path]

    def _note_cut(self, script: Script | None) -> None:
        if script is not None and script.cut_off:
            self._reading.complain(script.path, 0, "the script is too long: its end is left out")

    def _ended(self, state: State) -> Outcome | None:
        """Return what was to be started when a script ends without ``boot``."""
        if state.selected and state.image("") is not None:
            return commands.started(state, state.selected)
        return None

    # -- entries

    def _list(self, state: State, outcome: Outcome) -> None:
        if outcome.silent and not state.chosen:
            return
        name = outcome.kernel.rpartition("/")[2]
        item = state.chosen[-1] if state.chosen else Item(name, name)
        title = _plain(item.text) or item.label or "iPXE"
        key = _key(state, outcome)
        if key in self._listed:
            return
        obstacle = outcome.obstacle or self._obstacle(outcome)
        source = state.frames[-1].script.path if state.frames else self._reading.source
        self._listed[key] = self._reading.add(
            Entry(
                id=item.label or title,
                title=title,
                kernel=outcome.kernel,
                initrds=outcome.initrds,
                cmdline=outcome.cmdline,
                handover="" if obstacle else outcome.cmdline,
                not_bootable=obstacle,
                source=source,
                parents=tuple(_plain(above.text) or above.label for above in state.chosen[:-1]),
            )
        )

    def _obstacle(self, outcome: Outcome) -> str:
        for path in (outcome.kernel, *outcome.initrds):
            if not path.startswith("/"):
                return f"comes from the network: {path}"
        reason = programs.obstacle("linux", outcome.kernel)
        if not reason:
            for path in (outcome.kernel, *outcome.initrds):
                if not self._reading.holds(path):
                    self._reading.complain(self._reading.source, 0, f"no file {path}")
        return reason


def _key(state: State, outcome: Outcome) -> tuple[object, ...]:
    """Return what two ways to one and the same entry have in common."""
    label = state.chosen[-1].label if state.chosen else ""
    return label, outcome.kernel, outcome.initrds, outcome.cmdline, outcome.obstacle


def _default_item(choice: Choice) -> Item:
    """Return what a menu takes by itself: its default, else its first line."""
    items = [item for item in choice.screen.items if item.label]
    return next((item for item in items if item.label == choice.default), items[0])


def _plain(text: str) -> str:
    """Return text without the escape sequences that scripts colour it with."""
    parts = text.split("\x1b[")
    plain = parts[0]
    for part in parts[1:]:
        end = next((at for at, c in enumerate(part) if c.isalpha()), len(part))
        plain += part[end + 1 :]
    return " ".join(plain.split())
