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
        """Write it anew; without memory it is done without."""
        policy, esp = self._interpreter.policy, self._interpreter.esp
        lines = [policy.action, str(float(policy.delay))]
        if esp is not None:
            lines += [_written(getattr(esp, name)) for name in _FIELDS]
        new = f"{self._path}.new"
        with suppress(OSError):
            with open(new, "w", encoding="ascii") as file:
                file.write("\n".join(lines))
            os.replace(new, self._path)

    def restore(self) -> None:
        """Take over what an earlier kxsh kept; nothing is read from a disk for it."""
        try:
            with open(self._path, encoding="ascii") as file:
                action, delay, *fields = file.read().split("\n")
            policy = self._interpreter.policy
            policy.action, policy.delay = ACTIONS[ACTIONS.index(action)], float(delay)
            if fields:
                values = {n: _read(n, line) for n, line in zip(_FIELDS, fields, strict=True)}
                self._interpreter.set_esp(replace(_BLANK, **values))
        except (OSError, ValueError):  # there is none, or it is damaged
            return


_BLANK = Device("")
_FIELDS: tuple[str, ...] = Device.__slots__  # type: ignore[attr-defined]


def _written(value: object) -> str:
    """Return a field's value as a line of ASCII."""
    text = "\0".join(value) if isinstance(value, tuple) else str(value)
    return text.encode("unicode_escape").decode("ascii")


def _read(name: str, line: str) -> object:
    text = line.encode("ascii").decode("unicode_escape")
    kind = type(getattr(_BLANK, name))
    if kind is tuple:
        return tuple(text.split("\0")) if text else ()
    return text == "True" if kind is bool else kind(text)
