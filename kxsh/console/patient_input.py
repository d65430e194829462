"""prompt_toolkit's input for a machine that is slow at times: a key's sequence is not given up
while the rest of it waits to be read."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING

from prompt_toolkit.input.vt100 import Vt100Input

if TYPE_CHECKING:
    from prompt_toolkit.key_binding.key_processor import KeyPress


class PatientInput(Vt100Input):
    """A terminal's keys. The time for the rest of a sequence counts only as long as nothing
    has come: else, on a busy machine, an arrow key would be Esc and two letters."""

    def flush_keys(self) -> list[KeyPress]:
        """Return what no more can belong to; nothing while there is more to read."""
        if select.select([self.fileno()], [], [], 0)[0]:
            return []  # reading it begins the time anew
        return super().flush_keys()
