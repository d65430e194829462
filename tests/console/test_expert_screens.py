"""An expert finds out why boot.kxs failed, and boots by hand: every screen, on every terminal.

The screens are in tests/console/screens, one file for each size. `KXSH_UPDATE=1` writes
them anew from the linux terminal; read the difference.
"""

from __future__ import annotations

import os
import re
import sys
import time

import pytest
from screen import HERE, QUERIES, Screen

sys.path.insert(0, str(HERE.parent))

from expert_steps import EXEC, MARK, Step, as_text, compare, converse, read_screens, steps

from kxsh.image.serial import plain

SCREENS = HERE / "screens"
TERMINALS = [("linux", ()), ("xterm", ()), ("vt220", ("--serial",)), ("vt100", ("--serial",))]
SIZES = [(80, 24), (40, 10), (200, 60)]


class Expert(Screen):
    """A terminal whose screens are kept, step by step."""

    def __init__(self, *arguments: str, term: str, columns: int = 80, rows: int = 24) -> None:
        super().__init__("expert_program.py", *arguments, term=term, columns=columns, rows=rows)
        self._typed = 0
        self.seen: list[tuple[str, str]] = []
        self.wanted: list[str] = []

    def type(self, text: str) -> None:
        self._typed = len(self.output)
        super().type(text)

    def wait(self, wanted: str, timeout: float = 20) -> None:
        """Wait for what is on the screen, or came since the last keys: a small screen has
        scrolled on."""
        deadline = time.monotonic() + timeout
        while not self._has(wanted):
            assert self.pump() or self._has(wanted), f"it ended before {wanted!r}:\n{self.text}"
            assert time.monotonic() < deadline, f"no {wanted!r} on the screen:\n{self.text}"

    def _has(self, wanted: str) -> bool:
        came = plain(self.output[self._typed :].decode("utf-8", "replace"))
        return any(re.search(wanted, text, re.MULTILINE) for text in (self.text, came))

    def keep(self, step: Step) -> None:
        self.settle()
        self.seen.append((step.name, self._picture()))

    def _picture(self) -> str:
        return self.text + "".join(f"\nunderlined: {piece}" for piece in self.underlined)

    def settle(self) -> None:
        """Read until the screen is the one that is wanted, or nothing has come for a while
        where none is, or another: then the comparison tells."""
        wanted = self.wanted[len(self.seen)] if len(self.seen) < len(self.wanted) else ""
        pause = 5.0 if wanted else 0.3
        size, quiet = len(self.output), time.monotonic() + pause
        while time.monotonic() < quiet and self._picture() != wanted:
            self.pump()
            if len(self.output) != size:
                size, quiet = len(self.output), time.monotonic() + pause

    def run(self, *, moving: bool) -> int:
        self.wait_cursor("kxsh>", 60)
        self.keep(Step("the error", "", ""))
        return converse(self, moving=moving, patience=30, after=self.keep)

    def start_kernel(self) -> None:
        self.type(EXEC)
        self.wait(f"^started with: console=ttyS0 {MARK}$")


@pytest.mark.slow
@pytest.mark.parametrize(("columns", "rows"), SIZES)
@pytest.mark.parametrize(("term", "options"), TERMINALS)
def test_every_screen_from_the_error_to_exec(
    term: str, options: tuple[str, ...], columns: int, rows: int
) -> None:
    path = SCREENS / f"expert-{columns}x{rows}.txt"
    update = bool(os.environ.get("KXSH_UPDATE")) and term == "linux"
    with Expert(*options, term=term, columns=columns, rows=rows) as expert:
        if not update:
            expert.wanted = [text for _, text in read_screens(path)]
        assert expert.run(moving=True) >= 40
        expert.start_kernel()
        assert QUERIES.findall(expert.output) == []
        if update:
            path.parent.mkdir(exist_ok=True)
            path.write_text(as_text(expert.seen), encoding="utf-8")
        compare(expert.seen, read_screens(path))


@pytest.mark.slow
def test_a_dumb_terminal_is_enough() -> None:
    path = SCREENS / "expert-dumb-80x24.txt"
    with Expert("--serial", term="dumb") as expert:
        if not os.environ.get("KXSH_UPDATE"):
            expert.wanted = [text for _, text in read_screens(path)]
        assert expert.run(moving=False) == len(list(steps(moving=False)))
        expert.start_kernel()
        assert b"\x1b" not in expert.output
        assert expert.output.isascii()
        if os.environ.get("KXSH_UPDATE"):
            path.write_text(as_text(expert.seen), encoding="utf-8")
        compare(expert.seen, read_screens(path))
