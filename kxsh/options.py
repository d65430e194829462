"""What the loader's own kernel command line says to kxsh."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.boot.cmdline import Cmdline
from kxsh.units import Duration, parse_quantity

ACTIONS = ("recovery", "reboot", "poweroff")
# From the weakest to the strictest.
LOCKS = ("open", "password", "off")
LOCK_DELAY = 30.0


class LoaderOptions:
    """``kxsh.script= kxsh.on-failure= kxsh.recovery= kxsh.password= kxsh.keymap= kxsh.debug
    kxsh.id=``; ``kxsh.console= kxsh.term= kxsh.size=`` are PID 1's.

    `lock` is the strictest that ``kxsh.recovery=`` demands, wherever it stands: unlike the
    other words behind ``--`` as well, and in quotes that do not end. `faults` are options that
    could not be understood, in words; they are shown and otherwise ignored: a typing
    mistake must not keep a machine from booting.
    """

    def __init__(self, text: str) -> None:
        line = Cmdline(text.strip())
        self.identity = line.get("kxsh.id") or ""
        self.keymap = line.get("kxsh.keymap") or ""
        self.script = line.get("kxsh.script") or ""
        self.debug = "kxsh.debug" in line
        named = (line.get("kxsh.debug") or "").split(",")
        self.debug_consoles = [f"/dev/{name}" for name in named if name.isalnum()]
        self.faults: list[str] = []
        self.action, self.delay = self._policy(line.get("kxsh.on-failure"))
        self.lock = self._lock(text)

    def _policy(self, value: str | None) -> tuple[str, float]:
        """Return the action and delay of ``reboot``, ``reboot,30s`` and their like."""
        if not value:
            return "recovery", 0.0
        action, _, rest = value.partition(",")
        delay = parse_quantity(rest) if rest else Duration(30)
        if action in ACTIONS and isinstance(delay, Duration):
            return action, float(delay)
        self.faults.append(
            f"kxsh.on-failure={value} is not understood: write recovery, reboot,30s or poweroff"
        )
        return "recovery", 0.0

    def _lock(self, text: str) -> Lock:
        named = list(dict.fromkeys(_values(text, "kxsh.password")))
        hashes = [one for one in named if one]
        # What asks for a password, and does not say for what, is for the prompt.
        values = list(_values(text, "kxsh.recovery")) or ["password"] * bool(named)
        locks = [parse_lock(value) for value in values]
        lock = max(locks, key=lambda lock: LOCKS.index(lock.mode), default=Lock("open"))
        if any(lock.fault for lock in locks):
            # Unlike any other option: who asked for a lock must not get an open door.
            self.faults.append("kxsh.recovery= is none of open, password, off: it counts as off")
        if lock.mode == "password" and not hashes:
            self.faults.append("kxsh.recovery=password without kxsh.password=: nobody gets in")
        return Lock(lock.mode, lock.delay, tuple(hashes))


def _values(text: str, name: str) -> Iterator[str]:
    """Yield the value of each word that has `name` in it, whatever stands around it; PID 1
    looks for them in the same way. A word that is not quite it has an empty value."""
    for word in text.split():
        key, _, value = word.replace('"', "").partition("=")
        if name in word:
            yield value if key == name else ""


class Lock:
    """Who may have the recovery prompt and what goes with it: `mode` open, password or off;
    the machine restarts `delay` seconds after a failure; `hashes` are of passwords. `awaited`:
    only a menu that the script reads tells what is demanded."""

    __slots__ = ("awaited", "delay", "fault", "hashes", "mode")

    def __init__(
        self,
        mode: str,
        delay: float = LOCK_DELAY,
        hashes: tuple[str, ...] = (),
        fault: str = "",
        *,
        awaited: bool = False,
    ) -> None:
        self.mode = mode
        self.delay = delay
        self.hashes = hashes
        self.fault = fault
        self.awaited = awaited


def parse_lock(value: str) -> Lock:
    """Return what ``open``, ``password``, ``off``, ``off,10s`` and their like demand; what
    cannot be understood (``0``, nothing) is `off`, with a fault."""
    mode, comma, rest = value.partition(",")
    delay = parse_quantity(rest) if comma else Duration(LOCK_DELAY)
    if mode not in LOCKS or not isinstance(delay, Duration):
        return Lock("off", fault=f"{value} is not open, password or off")
    return Lock(mode, float(delay))


def written_locks(script: bytes) -> Iterator[Lock]:
    """Yield what the `lock` lines of a script demand, before any of it runs, and of one
    that is no text, too.

    A script that fails early, or is refused, must not leave the prompt open that it means
    to close. Lines inside of blocks can count only when they run.
    """
    for line in _lines(script):
        if not _is_lock(line):
            continue
        words = line.partition("#")[0].replace("=", " ").split()[1:]
        options = {
            word: words[index + 1] if index + 1 < len(words) else ""
            for index, word in enumerate(words)
            if word in ("--delay", "--menu")
        }
        values = [word for word in words if word not in (*options, *options.values())]
        mode = next(iter(values), "off")
        delay = parse_quantity(options.get("--delay", ""))
        hashes = tuple(word.strip("\"'") for word in values if "$" in word or word.count(".") > 3)
        yield Lock(
            mode,
            float(delay) if isinstance(delay, Duration) else LOCK_DELAY,
            hashes,
            awaited="--menu" in options and mode != "off",
        )


def _lines(script: bytes) -> list[str]:
    """Return the lines of a script as far as they can be read; options on a line of their own
    go on with the one before."""
    if script.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = script.decode("utf-16", "replace")
    else:
        text = script.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip()[:1] in ("", "#"):
            continue
        if lines and line.lstrip().startswith("--"):
            lines[-1] = f"{lines[-1].partition('#')[0]} {line.lstrip()}"
        else:
            lines.append(line)
    return lines


def _is_lock(line: str) -> bool:
    """Tell whether a line calls `lock`; a damaged sign behind the word is not of a name."""
    rest = line.removeprefix("lock")
    goes_on = rest[:1].isascii() and (rest[:1].isalnum() or rest[:1] in ("_", "-"))
    return rest != line and not goes_on


def written_policy(script: str) -> tuple[str, float] | None:
    """Return the action and delay that a script's first lines ask for, or None.

    For a script that cannot run: its ``on-failure`` line counts even so, since a machine
    far away must not wait at a prompt for a typing mistake two lines below.
    """
    for line in script.splitlines()[:20]:
        words = line.partition("#")[0].split()
        if words[:1] == ["on-failure"] and len(words) in (2, 3) and words[1] in ACTIONS:
            delay = parse_quantity(words[2]) if len(words) == 3 else Duration(30)
            if isinstance(delay, Duration):
                return words[1], float(delay)
    return None
