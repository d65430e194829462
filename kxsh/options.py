"""What the loader's own kernel command line says to kxsh."""

from __future__ import annotations

from kxsh.boot.cmdline import Cmdline
from kxsh.units import Duration, parse_quantity


class LoaderOptions:
    """``kxsh.script= kxsh.on-failure= kxsh.debug kxsh.console= kxsh.id=``.

    `faults` are options that could not be understood, in words; they are shown and
    otherwise ignored: a typing mistake must not keep a machine from booting.
    """

    ACTIONS = ("recovery", "reboot", "poweroff")

    def __init__(self, text: str) -> None:
        line = Cmdline(text.strip())
        self.identity = line.get("kxsh.id") or ""
        self.script = line.get("kxsh.script") or ""
        self.console = line.get("kxsh.console") or ""
        self.debug = "kxsh.debug" in line
        self.faults: list[str] = []
        self.action, self.delay = self._policy(line.get("kxsh.on-failure"))

    def _policy(self, value: str | None) -> tuple[str, float]:
        """Return the action and delay of ``reboot``, ``reboot,30s`` and their like."""
        if not value:
            return "recovery", 0.0
        action, _, rest = value.partition(",")
        delay = parse_quantity(rest) if rest else Duration(30)
        if action in self.ACTIONS and isinstance(delay, Duration):
            return action, float(delay)
        self.faults.append(
            f"kxsh.on-failure={value} is not understood: write recovery, reboot,30s or poweroff"
        )
        return "recovery", 0.0
