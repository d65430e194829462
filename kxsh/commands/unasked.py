"""What of a locked menu may start without a password: the same as at first, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kxsh.boot.entry import Entry, elsewhere
from kxsh.commands.context import Choice, Context
from kxsh.errors import Failure
from kxsh.machine.gone import gone_text, named
from kxsh.machine.protocol import Device


class Unasked:
    """The choices that a menu had when it was made, `default` among them, and the disks that
    were there.

    Whoever pulls a disk and plugs in another one, with the same names on it, gets nothing
    started by that. In a menu that is not locked none of this is looked at.
    """

    def __init__(self, context: Context, choices: Sequence[Choice], default: str) -> None:
        self._machine = context.machine
        self.default = next((one for one in choices if one.id == default), None)
        self._default = self.default.identity if self.default else ""
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

    def lost(self, choice: Choice) -> str:
        """Return why a choice of a locked menu is not what it was at first; empty: it is."""
        if not self._looks or self.kept([choice]):
            return ""
        entry = choice.entry
        missing = self._missing(entry, self._now()) if entry else None
        if missing is None:
            return "it is not what it was when this menu was made"
        was, there = missing
        return f"another disk is {named(was)} now" if there else gone_text(was)

    def _stays(self, entry: Entry, now: dict[str, Device]) -> bool:
        return self._missing(entry, now) is None

    def _missing(self, entry: Entry, now: dict[str, Device]) -> tuple[Device, bool] | None:
        """Return the first of an entry's disks that is not the one of the beginning, and
        whether another is in its place."""
        mounts = {mount.path.rstrip("/"): mount.device for mount in self._machine.mounts()}
        modules = [module.partition(" ")[0] for module in entry.modules]
        for path in (entry.source, entry.kernel, *entry.initrds, *modules, entry.dtb, entry.image):
            location = elsewhere(path)
            if location is not None and location[0] != "image":
                node = location[0]
                found = now.get(node)
            else:
                on = [at for at in mounts if at and path.startswith(f"{at}/")]
                if not on:
                    continue  # in an image file on such a disk, or the loader's own
                found = mounts[max(on, key=len)]
                node = found.path
            was = self._disks.get(node) or Device(node)
            if node not in now:
                return was, False
            if was != found:
                return was, True
        return None

    def _now(self) -> dict[str, Device]:
        try:
            return {device.path: device for device in self._machine.devices()}
        except Failure:  # nothing is known then, so nothing is the same
            return {}
