"""What scripts and lines did to the machine, and how each of that is undone.

The journal stands between the interpreter and its machine, from the first statement of
the script on; so it imports little.
"""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.errors import Failure
from kxsh.machine.protocol import (
    Completed,
    Device,
    KernelImage,
    LoadMethod,
    Machine,
    Mount,
    Opened,
    Resource,
)
from kxsh.source import Span
from kxsh.text import MIB, size

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any, cast

    from kxsh.interpreter.interpreter import Interpreter


# What a replaced file may have had for `undo` to write it back.
_MOST = 4 * MIB


class Effect:
    """One thing done to the machine.

    `verb` is mount, unmount, open, borrow, close, load, write, module, keymap, run, firmware,
    variable, policy or lock; `what` it was done to, untrusted; `span` is the call's place.
    `owner` is the typed line or the statement that did it. `before` is what was there in its
    place (None: nothing): a file's bytes, a plan, a variable's text; `lost` tells why that is
    not known. `given` is what doing it again takes, `mounts` what was mounted then; `worked`
    says that its line ended well.
    """

    __slots__ = (
        "before", "given", "lost", "mounts", "owner", "resource", "span", "verb", "what", "worked",
    )  # fmt: skip

    def __init__(
        self,
        verb: str,
        what: str,
        *,
        resource: Resource | None = None,
        before: object = None,
        lost: str = "",
        given: Sequence[object] = (),
    ) -> None:
        self.verb = verb
        self.what = what
        self.resource = resource
        self.before = before
        self.lost = lost
        self.given = given
        self.mounts: Sequence[Mount] = ()
        self.worked = False
        self.span: Span | None = None
        self.owner: object = None


class Journal:
    """A machine whose effects are written down in `effects`; all else passes through.

    `line` is the typed line that runs: without one, the script's statement is the owner.
    Nothing is written down while it is `paused`: completion looks at disks then.
    """

    def __init__(self, machine: Machine, interpreter: Interpreter) -> None:
        self.machine = machine
        self.effects: list[Effect] = []
        self.line: object = None
        self.paused = False
        self._interpreter = interpreter

    def __getattr__(self, name: str) -> Any:
        return getattr(self.machine, name)

    def _note(self, effect: Effect) -> None:
        if self.paused:
            return
        progress = self._interpreter.progress
        effect.owner = self.line or (progress.statement if progress else None)
        effect.span = self._interpreter.calling
        effect.mounts = self.machine.mounts()
        self.effects.append(effect)

    def _close(self, resource: Resource) -> bool:
        """Forget what opened a resource, if the same line closes it, or nobody in particular
        while this is `paused`; else return False."""
        progress = self._interpreter.progress
        owner = self.line or (progress.statement if progress else None)
        effect = self.opener(resource)
        if effect is not None and (self.paused or effect.owner is owner):
            self.effects.remove(effect)
            return True
        return self.paused

    # -- what is written down

    def mount(
        self,
        device: Device,
        where: str = "",
        *,
        fstype: str = "",
        options: Sequence[str] = (),
        writable: bool = False,
    ) -> Mount:
        mount = self.machine.mount(device, where, fstype=fstype, options=options, writable=writable)
        given = (where,) if where else ()
        self._note(Effect("mount", mount.path, resource=mount, given=given))
        return mount

    def unmount(self, mount: Mount) -> None:
        scopes = self._interpreter.open_scopes()
        owners = [scope for scope in scopes if any(item is mount for item in scope.resources)]
        self.machine.unmount(mount)
        if not self._close(mount):
            self._note(Effect("unmount", mount.path, resource=mount, given=owners))

    def open_luks(self, device: Device, name: str, key: bytes) -> Opened:
        return self._opened(self.machine.open_luks(device, name, key), device)

    def activate_volumes(self, group: str) -> Opened:
        return self._opened(self.machine.activate_volumes(group))

    def assemble_arrays(self, members: Sequence[Device] = ()) -> Opened:
        return self._opened(self.machine.assemble_arrays(members), *members)

    def open_loop(self, path: str) -> Opened:
        return self._opened(self.machine.open_loop(path), path)

    def network_up(self, interface: str, timeout: float) -> Opened:
        given = (interface,) if interface else ()
        return self._opened(self.machine.network_up(interface, timeout), *given)

    def _opened(self, opened: Opened, *given: object) -> Opened:
        borrowed = opened.kind == "borrowed"  # it was there before, and stays
        verb, what = ("borrow", opened.name) if borrowed else ("open", str(opened))
        self._note(Effect(verb, what, resource=opened, given=given))
        return opened

    def release(self, opened: Opened) -> None:
        self.machine.release(opened)
        if opened.kind != "borrowed" and not self._close(opened):
            self._note(Effect("close", str(opened), resource=opened))

    def load_kernel(self, image: KernelImage) -> LoadMethod:
        before = self._interpreter.loaded
        method = self.machine.load_kernel(image)
        self._note(Effect("load", image.kernel, before=before))
        return method

    def load_module(self, name: str, arguments: str = "") -> None:
        self.machine.load_module(name, arguments)
        self._note(Effect("module", name, given=(name, *arguments.split())))

    def set_keymap(self, name: str) -> None:
        self.machine.set_keymap(name)
        self._note(Effect("keymap", name, given=(name,)))

    def set_next_boot(self, number: int) -> None:
        self.machine.set_next_boot(number)
        given = (f"{number:04X}",)
        self._note(Effect("firmware", f"entry {number:04X} starts next", given=given))

    def set_loader_variable(self, name: str, text: str) -> None:
        try:
            before, lost = self.machine.loader_variable(name), ""
        except Failure as error:
            before, lost = "", error.message
        self.machine.set_loader_variable(name, text)
        self._note(Effect("variable", name, before=before, lost=lost))

    def replace_file(self, path: str, data: bytes) -> None:
        before, lost = self._contents(path)
        self.machine.replace_file(path, data)
        self._note(Effect("write", path, before=before, lost=lost))

    def _contents(self, path: str) -> tuple[bytes | None, str]:
        """Return what a file holds (None: there is none), or why that is not known."""
        try:
            root, inside = self.machine.locate(path)
            facts = root.stat(inside)
            if facts is None:
                return None, ""
            if facts.size > _MOST:
                return None, f"it was too large to be kept ({size(facts.size)})"
            return root.read(inside, _MOST), ""
        except Failure as error:
            return None, f"it could not be read: {error.message}"

    def noted(
        self, verb: str, what: str, before: object = None, given: Sequence[object] = ()
    ) -> None:
        """Write down what changed besides the machine (`Interpreter.noted`)."""
        self._note(Effect(verb, what, before=before, given=given))

    def run(
        self, argv: Sequence[str], *, capture: bool = False, timeout: float | None = None
    ) -> Completed:
        before = self.machine.mount_points()
        given: Sequence[str] = ()
        try:
            done = self.machine.run(argv, capture=capture, timeout=timeout)
            given = () if done.status else argv  # nobody wants a failure again
            return done
        finally:
            self._note(Effect("run", argv[0] if argv else "", given=given))
            self._reread(before)

    def _reread(self, before: Sequence[str]) -> None:
        """See what a program has mounted and unmounted: the prompt owns that now."""
        new = self.machine.reread_mounts(before)
        for mount in new:
            self._note(Effect("mount", mount.path, resource=mount))
        there = self.machine.mounts()
        for scope in self._interpreter.open_scopes():
            scope.resources = [
                item for item in scope.resources if not isinstance(item, Mount) or item in there
            ]
        self._interpreter.session.resources += new

    # -- questions

    def of(self, owner: object) -> list[Effect]:
        """Return what an owner did, oldest first."""
        return [effect for effect in self.effects if effect.owner is owner]

    def vouch(self, owner: object) -> None:
        """Note that all that an owner has done so far ended well."""
        for effect in self.of(owner):
            effect.worked = True

    def doubt(self, owner: object) -> None:
        """Take that back: no line of a script stands for it any more. What was unmounted
        would be closed by now."""
        for effect in self.of(owner):
            effect.worked = False
            if effect.verb == "unmount" and effect.resource is not None:
                self.forget(effect.resource)

    def forget(self, resource: Resource) -> None:
        """Forget all that was done with a resource."""
        self.effects = [effect for effect in self.effects if effect.resource is not resource]

    def opener(self, resource: Resource) -> Effect | None:
        """Return what opened or mounted a resource, if it was seen."""
        for effect in reversed(self.effects):
            if effect.resource is resource and effect.verb in ("mount", "open"):
                return effect
        return None


def keep_journal(interpreter: Interpreter) -> Journal:
    """Return the journal of an interpreter's machine; put one in between if there is none."""
    machine: Any = interpreter.machine
    if isinstance(machine, Journal):
        return machine
    journal = Journal(machine, interpreter)
    interpreter.machine = _as_machine(journal)
    interpreter.noted = journal.noted
    return journal


def _as_machine(journal: Journal) -> Machine:
    """Return a journal as what it is: its other methods are the machine's own."""
    return cast("Machine", journal) if TYPE_CHECKING else journal
