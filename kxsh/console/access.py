"""Who may do what here: one decision, made in one place, and denied in case of doubt.

The loader's own settings come first, then what a script or a menu with superusers asks
for: each can close, none can open. See docs/access.md.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress

from kxsh.options import LOCK_DELAY, LOCKS
from kxsh.text import duration

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from kxsh.boot.entry import Entry, Menu
    from kxsh.console.terminal import Terminal

# Wrong passwords until nothing is asked any more. The pauses between: 1, 2, 4, 8, 16 s.
TRIES = 6
_QUESTION_TIME = 60.0
_HELD, _DECIDED = "held", "decided"
# What may be done: as a password is asked for, and as it is named.
_WHAT = {
    "prompt": ("for the recovery prompt", "The recovery prompt"),
    "edit": ("to edit this entry", "Editing an entry"),
    "boot": ("to start this entry", "Starting this entry"),
    "firmware": ("for the firmware's entries", "Choosing what the firmware starts"),
}


class Access:
    """What is allowed at one terminal. Without a word of `restrict`: everything.

    `store` is a file in memory that outlives this process: killing it must not open
    anything, nor give more tries.
    """

    def __init__(self, terminal: Terminal, store: str = "") -> None:
        self.delay = LOCK_DELAY
        # What comes where no password is given.
        self.without = "back"
        self._terminal = terminal
        self._store = store
        self._demanded = "open"
        self.heard = 0  # how often `restrict` has run
        # What a script's lock will demand: "" where none was seen, else held or decided.
        self._awaited = ""
        self._fixed = False
        self._secrets: list[str] = []
        self._menu: Menu | None = None
        self._guarded: frozenset[Entry] = frozenset()
        self._proven: set[str] = set()
        self._tries = 0

    # -- what is demanded

    @property
    def mode(self) -> str:
        """What is demanded now: open, password or off."""
        return "off" if self._held else self._demanded

    @property
    def _held(self) -> bool:
        return self._awaited == _HELD and self._demanded == "open"

    def hold(self, delay: float = LOCK_DELAY) -> None:
        """Count as `off` where nothing is demanded yet, until `decide`: what a lock will
        demand is in a menu that was not read. It is decided once at each start of the machine.
        """
        if self._awaited:
            return
        self._awaited = _HELD
        if self._demanded == "open":
            self.delay = delay
        self._save()

    def decide(self) -> None:
        """Let what was demanded meanwhile take the place of what `hold` did."""
        if self._awaited == _HELD:
            self._awaited = _DECIDED
            self._save()

    def restrict(
        self,
        mode: str,
        secrets: Iterable[str] = (),
        delay: float = LOCK_DELAY,
        *,
        fixed: bool = False,
        menu: Menu | None = None,
    ) -> None:
        """Demand `mode`; it holds unless something stricter is demanded.

        `secrets` are hashes of passwords, any of which opens. Once a `fixed` demand (the
        loader's) has named some, no script adds another. `menu`: a guarded one, whose
        superusers open as well.
        """
        self.heard += 1
        if menu is not None:
            secrets = [*secrets, *_of_users(menu, menu.superusers)]
            if self._demanded == "open":
                self._menu, self._guarded = menu, frozenset(menu.entries)
        if mode not in LOCKS:
            mode = "off"
        if mode == "open":
            return
        if LOCKS.index(mode) > LOCKS.index(self._demanded):
            self._demanded, self.delay = mode, delay
        if not self._fixed:
            self._secrets += [
                one for one in secrets if one.isprintable() and one not in self._secrets
            ]
        self._fixed = self._fixed or fixed
        self._save()

    @property
    def can_open(self) -> bool:
        """Whether a password could open what is closed."""
        if self.mode == "password":
            return bool(self._secrets) and self._tries < TRIES
        return self.mode == "open"

    def is_closed(self, action: str) -> bool:
        """Whether `allows` would ask now, or refuse."""
        needed = self._needed(action, None, False)
        return needed is not None and not self._is_proven(needed)

    def asks(self, action: str) -> bool:
        """Whether `allows` would ask for a password now."""
        return self.can_open and self.is_closed(action)

    # -- what is decided

    def before_start(self, entry: Entry | None, *, free: bool = False) -> str:
        """Return in a word what a person needs to start an entry now: empty, ``password``,
        or ``locked`` where nothing opens it. For a menu to show; `allows` decides."""
        needed = self._needed("boot", entry, free)
        if needed is None or self._is_proven(needed):
            return ""
        asked = self.mode == "password" and needed and self._tries < TRIES
        return "password" if asked else "locked"

    def allows(self, action: str, entry: Entry | None = None, *, free: bool = False) -> bool:
        """Tell whether `action` may be done, asking for a password where one is due.

        Actions: prompt, edit, boot, firmware. `entry` is the one that is meant;
        `free`: its menu lets everybody start it. Whatever goes wrong here means no.
        """
        try:
            needed = self._needed(action, entry, free)
            return needed is None or self._ask(action, needed) is True
        except (Exception, KeyboardInterrupt):
            return False

    def _needed(self, action: str, entry: Entry | None, free: bool) -> list[str] | None:
        """Return the secrets of which one has to be known, None where none has to."""
        if self.mode == "open":
            return None
        if action != "boot":
            return self._secrets
        if self._menu is None:
            return None if free else self._secrets
        # GRUB's own rules; what another disk brings is none of its entries.
        if entry is None or entry not in self._guarded:
            return self._secrets
        return self._secrets + _of_users(self._menu, entry.users) if entry.protected else None

    def _ask(self, action: str, needed: list[str]) -> bool:
        if self._is_proven(needed):
            return True
        if not self._may_ask(action, needed) or not self._terminal.stream_in.isatty():
            return False
        from kxsh.console.keys import Keys
        from kxsh.console.secret import read_password

        question = f"Password {_WHAT[action][0]} (empty: {self.without}): "
        # From here on no key is shown, and none is a signal; not between two tries either.
        with Keys(self._terminal.stream_in) as keys:
            while self._may_ask(action, needed):
                password = read_password(self._terminal, keys, question, _QUESTION_TIME)
                if not password:
                    return False
                if self._proves(password, needed):
                    self._terminal.log.add(f"the password {_WHAT[action][0]} was given")
                    return True
                self._refuse()
        return False

    def _is_proven(self, needed: list[str]) -> bool:
        return self.mode == "password" and bool(self._proven.intersection(needed))

    def _proves(self, password: str, needed: list[str]) -> bool:
        from kxsh.machine.passwords import matches

        # Counted before it is checked: who ends this process meanwhile gains nothing.
        self._tries += 1
        self._save()
        proven = [secret for secret in needed if matches(password, secret)]
        if proven:
            self._proven.update(proven)
            self._tries = 0
            self._save()
        return bool(proven)

    def _may_ask(self, action: str, needed: list[str]) -> bool:
        name = _WHAT[action][1]
        if self._held:
            self._terminal.tell(
                f"{name} is closed: who may have it was not decided yet, since the menu that "
                "says so (`lock --menu`) could not be read."
            )
        elif self.mode != "password":
            self._terminal.tell(f"{name} is switched off on this machine; no password opens it.")
        elif not needed:
            self._terminal.tell(f"{name} is locked, and no password was set that opens it.")
        elif self._tries >= TRIES:
            self._terminal.tell(f"{TRIES} wrong passwords: only a restart gives new tries.")
        else:
            return True
        return False

    def _refuse(self) -> None:
        if self._tries >= TRIES:
            return
        pause = 2 ** (self._tries - 1)
        left = TRIES - self._tries
        tries = "1 try is" if left == 1 else f"{left} tries are"
        self._terminal.tell(f"Wrong password; {tries} left. Wait {duration(pause)}.")
        time.sleep(pause)

    # -- what outlives this process

    def restore(self) -> None:
        """Take over what an earlier process at this machine kept. A file that cannot be
        understood closes everything."""
        try:
            with open(self._store, encoding="utf-8", errors="surrogateescape") as file:
                mode, delay, tries, fixed, awaited, *secrets = file.read().split("\n")
        except FileNotFoundError:
            return
        except (OSError, ValueError):
            self.restrict("off", fixed=True)
            return
        try:
            self._tries = int(tries)
            if awaited not in ("", _HELD, _DECIDED) or (mode == "open" and awaited != _HELD):
                raise ValueError
            self._awaited, self.delay = awaited, float(delay)
            self.restrict(mode, secrets[:-1], float(delay), fixed=fixed == "fixed")
        except ValueError:
            self.restrict("off", fixed=True)

    def _save(self) -> None:
        if not self._store:
            return
        if self.mode == "open":  # PID 1 gives a shell where there is no such file
            with suppress(FileNotFoundError):
                os.unlink(self._store)
            return
        fixed = "fixed" if self._fixed else ""
        state = [self._demanded, str(float(self.delay)), str(self._tries), fixed, self._awaited]
        lines = [*state, *self._secrets, ""]
        data = "\n".join(lines).encode("utf-8", "surrogateescape")
        new = f"{self._store}.new"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, data)
        finally:
            os.close(descriptor)
        os.replace(new, self._store)


def _of_users(menu: Menu, names: Iterable[str]) -> list[str]:
    return [menu.passwords[name] for name in names if menu.passwords.get(name)]
