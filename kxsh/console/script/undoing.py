"""`undo`: the last line that changed something, taken back as far as that can be."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.boot.load import load as load_plan
from kxsh.boot.plan import Plan
from kxsh.console.prompt.lines import Line, Lines
from kxsh.console.script.again import line_of
from kxsh.console.script.journal import Effect, Journal
from kxsh.errors import Failure
from kxsh.interpreter.interpreter import Interpreter
from kxsh.interpreter.scope import Scope, holds
from kxsh.machine.protocol import OLD, Mount, Opened
from kxsh.text import display

# What cannot be taken back, and why.
_STAYS = {
    "run": "cannot be undone: a program ran: {} - what it did stays",
    "module": "cannot be undone: the module {} stays loaded; that harms nothing",
    "keymap": "cannot be undone: the keyboard layout {} stays; `keymap` sets another",
    "lock": "cannot be undone: the machine stays locked ({}); nothing that runs opens it",
    "close": "cannot be undone: {} was closed; it has to be opened again",
    "firmware": "cannot be undone: the firmware was told that {}; `next-boot` tells it otherwise",
}


class Undo:
    """Takes back lines of a session, newest first."""

    def __init__(self, interpreter: Interpreter, journal: Journal, lines: Lines) -> None:
        self._interpreter = interpreter
        self._journal = journal
        self._lines = lines

    def last(self) -> Line | None:
        """Return the newest line that changed anything."""
        for line in reversed(self._lines.all):
            if self._journal.of(line.owner) or self._changed(line):
                return line
        return None

    def _changed(self, line: Line) -> list[str]:
        before = line.before
        return line.changed if before is not None and before.scope is self._session else []

    @property
    def _session(self) -> Scope:
        return self._interpreter.session

    def preview(self) -> list[str]:
        """Return what `undo` would take back, newest first, one text a line."""
        told: list[str] = []
        for line in reversed(self._lines.all):
            what = [f"{effect.verb} {effect.what}" for effect in self._journal.of(line.owner)]
            what += [f"${name}" for name in self._changed(line)]
            if what:
                head = f"{line.place}: " if line.place else ""
                told.append(display(f"{head}{line.shown}  ({', '.join(what)})"))
        return told

    def take_back(self, line: Line) -> list[str]:
        """Undo a line; return what was done, and what could not be, in sentences."""
        told: list[str] = []
        stays: list[str] = []
        names = self._changed(line)
        for effect in reversed(self._journal.of(line.owner)):
            sentence, gone = self._take_back(effect)
            told.append(display(sentence, 1000))
            if not gone:
                again = line_of(self._interpreter.machine, effect, self._interpreter.loaded)
                stays.insert(0, again or "")
            if effect in self._journal.effects:  # closing has not forgotten it
                self._journal.effects.remove(effect)
        if names and line.before is not None:
            line.before.restore(names)
            told.append(f"as before: {', '.join(f'${name}' for name in names)}")
        self._forget_change(line)
        self._step_back(line)
        self._lines.remove(line, "\n".join(filter(None, stays)))
        return told

    def _forget_change(self, line: Line) -> None:
        """The script's statement has changed nothing any more."""
        progress = self._interpreter.progress
        if progress is not None:
            progress.changes = [one for one in progress.changes if one[0] is not line.owner]

    def _step_back(self, line: Line) -> None:
        """Let the script go on from the line that was undone."""
        progress = self._interpreter.progress
        if progress is None:
            return
        for index, statement in enumerate(progress.statements[: progress.index]):
            if statement is line.owner:
                progress.index = index

    def _take_back(self, effect: Effect) -> tuple[str, bool]:
        """Undo an effect; return what to say of it, and whether it is gone."""
        stays = _STAYS.get(effect.verb)
        if stays:
            return stays.format(effect.what), False
        try:
            return _WAYS[effect.verb](self, effect), True
        except Failure as error:
            return f"could not be undone: {effect.verb} {effect.what}: {error.message}", False

    def _close(self, effect: Effect) -> str:
        resource = effect.resource
        machine = self._interpreter.machine
        for scope in self._interpreter.open_scopes():
            if resource in scope.resources:
                scope.resources.remove(resource)
        if isinstance(resource, Mount):
            if resource not in machine.mounts():
                self._journal.forget(resource)
                return f"{effect.what} is not mounted any more"
            machine.unmount(resource)
        elif isinstance(resource, Opened):
            machine.release(resource)
        if resource is not None:
            self._forget_variables(resource)
        return f"unmounted {effect.what}" if effect.verb == "mount" else f"closed {effect.what}"

    def _forget_variables(self, resource: Mount | Opened) -> None:
        """Drop the variables that would lead to what is closed."""
        variables = self._session.variables
        for name in [key for key, value in variables.items() if value and holds(value, resource)]:
            del variables[name]

    def _mount_again(self, effect: Effect) -> str:
        mount = effect.resource
        if not isinstance(mount, Mount):
            return f"cannot be undone: {effect.what} was no mount"
        again = self._interpreter.machine.mount(
            mount.device,
            mount.path,
            fstype=mount.fstype,
            options=mount.options,
            writable=mount.writable,
        )
        for scope in self._interpreter.open_scopes():
            if scope in effect.given:  # else it was to stay (`--keep`)
                scope.resources.append(again)
        opener = self._journal.opener(mount)
        if opener is not None:  # its own line can be undone as before
            opener.resource = again
        return f"mounted {mount.device} on {again.path} again"

    def _unload(self, effect: Effect) -> str:
        interpreter, before = self._interpreter, effect.before
        interpreter.machine.unload_kernel()
        interpreter.loaded = None
        gone = effect.what
        if not isinstance(before, Plan):
            return f"unloaded {gone} (`kexec -u`); nothing is loaded now"
        try:
            load_plan(interpreter.machine, before)
        except Failure as error:
            # No line before this one has loaded what is there now.
            journal = self._journal
            journal.effects = [one for one in journal.effects if one.verb != "load"]
            return (
                f"unloaded {gone} (`kexec -u`); nothing is loaded now:"
                f" {before.kernel} could not be loaded again: {error.message}"
            )
        interpreter.loaded = before
        return f"unloaded {gone} (`kexec -u`); {before.kernel} is loaded again, as before"

    def _write_back(self, effect: Effect) -> str:
        if effect.lost:
            return (
                f"cannot be undone: what {effect.what} was before is not kept here, since"
                f" {effect.lost}; {effect.what}{OLD} beside it has it, if nothing came after"
            )
        if not isinstance(effect.before, bytes):
            return f"cannot be undone: {effect.what} was new, and stays; it can be removed by hand"
        self._interpreter.machine.replace_file(effect.what, effect.before)
        return f"{effect.what} is as it was before"

    def _set_policy_back(self, effect: Effect) -> str:
        policy, before = self._interpreter.policy, effect.before
        if isinstance(before, tuple):
            policy.set(*before)
        return f"what follows a failure is as before: {policy.action}"

    def _give_back(self, effect: Effect) -> str:
        for scope in self._interpreter.open_scopes():
            scope.resources = [item for item in scope.resources if item is not effect.resource]
        return f"{effect.what} was open before this line, and stays so"

    def _set_back(self, effect: Effect) -> str:
        if effect.lost:
            return f"cannot be undone: what {effect.what} was is not known: {effect.lost}"
        self._interpreter.machine.set_loader_variable(effect.what, str(effect.before or ""))
        return f"the firmware's variable {effect.what} is as it was before"


_WAYS: dict[str, Callable[[Undo, Effect], str]] = {
    "mount": Undo._close,
    "open": Undo._close,
    "unmount": Undo._mount_again,
    "load": Undo._unload,
    "write": Undo._write_back,
    "variable": Undo._set_back,
    "borrow": Undo._give_back,
    "policy": Undo._set_policy_back,
}
