"""What the loader's own kernel command line says to kxsh."""

from __future__ import annotations

from kxsh.boot.cmdline import Cmdline
from kxsh.units import Duration, parse_quantity

ACTIONS = ("recovery", "reboot", "poweroff")


class LoaderOptions:
    """``kxsh.script= kxsh.on-failure= kxsh.debug kxsh.id=``; ``kxsh.console=`` is PID 1's.

    `faults` are options that could not be understood, in words; they are shown and
    otherwise ignored: a typing mistake must not keep a machine from booting.
    """

    def __init__(self, text: str) -> None:
        line = Cmdline(text.strip())
        self.identity = line.get("kxsh.id") or ""
        self.script = line.get("kxsh.script") or ""
        self.debug = "kxsh.debug" in line
        self.faults: list[str] = []
        self.action, self.delay = self._policy(line.get("kxsh.on-failure"))

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
