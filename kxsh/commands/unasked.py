"""What of a locked menu may start without a password: the same as at first, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kxsh.boot.entry import Entry, elsewhere
from kxsh.commands.context import Choice, Context
from kxsh.errors import Failure
from kxsh.machine.protocol import Device


class Unasked:
    """The choices that a menu had when it was made, and the disks that were there.

    Whoever pulls a disk and plugs in another one, with the same names on it, gets nothing
    started by that. In a menu that is not locked none of this is looked at.
    """

    def __init__(self, context: Context, choices: Sequence[Choice], default: str) -> None:
        self._machine = context.machine
        self._default = next((one.identity for one in choices if one.id == default), "")
        self._looks = context.console.locked
        self._disks = self._now() if self._looks else {}
        self._first = {one.identity: one.entry for one in choices} if self._looks else {}

    def among(self, choices: Sequence[Choice]) -> str:
        """Return the identity of the choice that everybody may start: the first default. What
        was not there once as it had been is not the same any more."""
        if not self._looks:
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

    def _stays(self, entry: Entry, now: dict[str, Device]) -> bool:
        """Tell whether what an entry loads lies on the disks of the beginning."""
        mounts = {mount.path.rstrip("/"): mount.device for mount in self._machine.mounts()}
        modules = [module.partition(" ")[0] for module in entry.modules]
        for path in (entry.source, entry.kernel, *entry.initrds, *modules, entry.dtb, entry.image):
            location = elsewhere(path)
            if location is not None and location[0] != "image":
                found = now.get(location[0])
            else:
                on = [at for at in mounts if at and path.startswith(f"{at}/")]
                if not on:
                    continue  # in an image file on such a disk, or the loader's own
                found = mounts[max(on, key=len)]
            if found is None or self._disks.get(found.path) != found:
                return False
        return True

    def _now(self) -> dict[str, Device]:
        try:
            return {device.path: device for device in self._machine.devices()}
        except Failure:  # nothing is known then, so nothing is the same
            return {}
