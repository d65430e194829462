"""What outlives kxsh at one start of the machine, beside the lock and the log: which disk it
came from, and what is to follow a failure. In a file in memory."""

from __future__ import annotations

import os
from contextlib import suppress

from kxsh.machine.protocol import Device
from kxsh.options import ACTIONS
from kxsh.record import replace

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from kxsh.interpreter.interpreter import Interpreter


class Kept:
    """The file `path` and the interpreter that it is about."""

    def __init__(self, path: str, interpreter: Interpreter) -> None:
        self._path = path
        self._interpreter = interpreter

    def save(self) -> None:
        """Write it anew; where that fails it is done without."""
        policy, esp = self._interpreter.policy, self._interpreter.esp
        fields = [policy.action, str(float(policy.delay))]
        if esp is not None:
            fields += [str(getattr(esp, name)) for name in _FIELDS]
            fields += esp.names
        new = f"{self._path}.new"
        with suppress(OSError, ValueError):
            with open(new, "wb") as file:
                file.write("\0".join(fields).encode("utf-8", "surrogateescape"))
            os.replace(new, self._path)

    def restore(self) -> None:
        """Take over what an earlier kxsh kept; nothing is read from a disk for it."""
        try:
            with open(self._path, "rb") as file:
                text = file.read().decode("utf-8", "surrogateescape")
            action, delay, *fields = text.split("\0")
            policy = self._interpreter.policy
            policy.action, policy.delay = ACTIONS[ACTIONS.index(action)], float(delay)
            if fields:
                values = {name: _read(name, fields.pop(0)) for name in _FIELDS}
                self._interpreter.set_esp(replace(_BLANK, **values, names=tuple(fields)))
        except (OSError, ValueError, IndexError):  # there is none, or it is damaged
            return


_BLANK = Device("")
# As words; the names, of which there may be several, come last.
_FIELDS = [name for name in Device.__slots__ if name != "names"]  # type: ignore[attr-defined]


def _read(name: str, word: str) -> object:
    kind = type(getattr(_BLANK, name))
    return word == "True" if kind is bool else kind(word)
