"""What of a locked menu may start without a password: the same as at first, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kxsh.boot.entry import Entry, elsewhere
from kxsh.commands.context import Choice, Context
from kxsh.errors import Failure
from kxsh.machine.gone import gone_text, named
from kxsh.machine.protocol import Device


class Unasked:
    """The choices that a menu had when it was made (`hold`), the default among them, and the
    disks that were there.

    Whoever pulls a disk and plugs in another one, with the same names on it, gets nothing
    started by that. In a menu that is not locked none of this is looked at.
    """

    def __init__(self, context: Context) -> None:
        self._machine = context.machine
        self._esp = context.esp
        self.looks = context.console.locked
        self._disks = self._now() if self.looks else {}
        self.default: Choice | None = None
        self._default = ""
        self._first: dict[str, Entry | None] = {}

    def hold(self, choices: Sequence[Choice], default: str) -> None:
        """Remember the choices of the beginning."""
        self.default = next((one for one in choices if one.id == default), None)
        self._default = self.default.identity if self.default else ""
        self._first = {one.identity: one.entry for one in choices} if self.looks else {}

    def among(self, choices: Sequence[Choice]) -> str:
        """Return the identity of the choice that everybody may start: the first default. What
        was not there once as it had been is not the same any more."""
        if not self.looks:
            return self._default
        self._first = {one.identity: one.entry for one in self.kept(choices)}
        return self._default if self._default in self._first else ""

    def kept(self, choices: Iterable[Choice]) -> list[Choice]:
        """Return those of the choices that are what they were at first."""
        now = self._now()
        return [
            one
            for one in choices
            if one.identity in self._first
            and self._first[one.identity] == one.entry
            and (one.entry is None or self._stays(one.entry, now))
        ]

    def lost(self, choice: Choice) -> str:
        """Return why a choice of a locked menu is not what it was at first; empty: it is."""
        if not self.looks or self.kept([choice]):
            return ""
        entry = choice.entry
        missing = self._missing(entry, self._now()) if entry else None
        if missing is None:
            return "it is not what it was when this menu was made"
        was, there = missing
        return f"another disk is {named(was)} now" if there else gone_text(was)

    def own(self, choices: Sequence[Choice]) -> Choice | None:
        """Return the first of the choices of which all that is known lies on the loader's own
        disk, while that is there; or the first of all where it is a block of the script's
        that starts no boot entry."""
        if choices and choices[0].entry is None:
            return choices[0]
        esp = self._esp
        here = self._disks.get(esp.path) if esp else None
        if esp is None or here is None or (here.uuid, here.sequence) != (esp.uuid, esp.sequence):
            return None
        disk = esp.disk or esp.path
        return next((one for one in choices if one.entry and self._is_on(disk, one.entry)), None)

    def _is_on(self, disk: str, entry: Entry) -> bool:
        for path in _files(entry):
            if not path.startswith(("/", "image:/")):
                return False  # from the network
            node = self._node(path)[0]
            device = self._disks.get(node)
            if node and (device is None or (device.disk or node) != disk):
                return False
        return True

    def _stays(self, entry: Entry, now: dict[str, Device]) -> bool:
        return self._missing(entry, now) is None

    def _missing(self, entry: Entry, now: dict[str, Device]) -> tuple[Device, bool] | None:
        """Return the first of an entry's disks that is not the one of the beginning, and
        whether another is in its place."""
        for path in _files(entry):
            node, mounted = self._node(path)
            if not node:
                continue
            found = mounted or now.get(node)
            was = self._disks.get(node) or Device(node)
            if node not in now:
                return was, False
            if was != found:
                return was, True
        return None

    def _node(self, path: str) -> tuple[str, Device | None]:
        """Return the device that a file of an entry is on, and what is mounted of it; an empty
        name where it is in an image file on such a disk, or the loader's own."""
        location = elsewhere(path)
        if location is not None and location[0] != "image":
            return location[0], None
        mounts = {mount.path.rstrip("/"): mount.device for mount in self._machine.mounts()}
        on = [at for at in mounts if at and path.startswith(f"{at}/")]
        if on:
            found = mounts[max(on, key=len)]
            return found.path, found
        return "", None

    def _now(self) -> dict[str, Device]:
        try:
            return {device.path: device for device in self._machine.devices()}
        except Failure:  # nothing is known then, so nothing is the same
            return {}


def _files(entry: Entry) -> list[str]:
    """Return the paths of all files of an entry, that of its menu among them."""
    modules = [module.partition(" ")[0] for module in entry.modules]
    files = (entry.source, entry.kernel, *entry.initrds, *modules, entry.dtb, entry.image)
    return [path for path in files if path]
