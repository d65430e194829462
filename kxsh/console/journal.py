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

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Any, cast

    from kxsh.interpreter.interpreter import Interpreter


class Effect:
    """One thing done to the machine.

    `verb` is mount, unmount, open, close, load, write, module, keymap, run or firmware;
    `what` it was done to, untrusted; `span` is the call's place. `owner` is the typed line
    or the statement that did it; `before` a replaced file's bytes (None: there was none).
    """

    __slots__ = ("before", "owner", "resource", "span", "verb", "what")

    def __init__(
        self,
        verb: str,
        what: str,
        *,
        resource: Resource | None = None,
        before: bytes | None = None,
    ) -> None:
        self.verb = verb
        self.what = what
        self.resource = resource
        self.before = before
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
        self._note(Effect("mount", mount.path, resource=mount))
        return mount

    def unmount(self, mount: Mount) -> None:
        self.machine.unmount(mount)
        if not self._close(mount):
            self._note(Effect("unmount", mount.path, resource=mount))

    def open_luks(self, device: Device, name: str, key: bytes) -> Opened:
        return self._opened(self.machine.open_luks(device, name, key))

    def activate_volumes(self, group: str) -> Opened:
        return self._opened(self.machine.activate_volumes(group))

    def assemble_arrays(self, members: Sequence[Device] = ()) -> Opened:
        return self._opened(self.machine.assemble_arrays(members))

    def open_loop(self, path: str) -> Opened:
        return self._opened(self.machine.open_loop(path))

    def network_up(self, interface: str, timeout: float) -> Opened:
        return self._opened(self.machine.network_up(interface, timeout))

    def _opened(self, opened: Opened) -> Opened:
        self._note(Effect("open", str(opened), resource=opened))
        return opened

    def release(self, opened: Opened) -> None:
        self.machine.release(opened)
        if not self._close(opened):
            self._note(Effect("close", str(opened), resource=opened))

    def load_kernel(self, image: KernelImage) -> LoadMethod:
        method = self.machine.load_kernel(image)
        self._note(Effect("load", image.kernel))
        return method

    def load_module(self, name: str, arguments: str = "") -> None:
        self.machine.load_module(name, arguments)
        self._note(Effect("module", name))

    def set_keymap(self, name: str) -> None:
        self.machine.set_keymap(name)
        self._note(Effect("keymap", name))

    def set_next_boot(self, number: int) -> None:
        self.machine.set_next_boot(number)
        self._note(Effect("firmware", f"entry {number:04X} starts next"))

    def replace_file(self, path: str, data: bytes) -> None:
        before = self._contents(path)
        self.machine.replace_file(path, data)
        self._note(Effect("write", path, before=before))

    def _contents(self, path: str) -> bytes | None:
        try:
            root, inside = self.machine.locate(path)
            return root.read(inside)
        except Failure:
            return None

    def run(
        self, argv: Sequence[str], *, capture: bool = False, timeout: float | None = None
    ) -> Completed:
        before = self.machine.mount_points()
        try:
            return self.machine.run(argv, capture=capture, timeout=timeout)
        finally:
            self._note(Effect("run", argv[0] if argv else ""))
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
    return journal


def _as_machine(journal: Journal) -> Machine:
    """Return a journal as what it is: its other methods are the machine's own."""
    return cast("Machine", journal) if TYPE_CHECKING else journal
