"""The checker's ways through a script are those that it can take: made-up scripts are
checked, and run with every outcome of their conditions.

A condition asks for a file on the data partition, so each outcome is a set of files. What
the checker reports has to happen on some run, and what happens on some run has to be
reported: a kernel that is not loaded (KX301), a mount that is closed (KX304, KX305).
Functions are not told of their caller's mounts, so none of these is read in one; they may
unmount what they are given, and that is told where they are called.
"""

from __future__ import annotations

import itertools
import os
import random
import re

import pytest
from standard_machine import DEVICES, ESP, ISO, LineConsole, standard_machine

from kxsh.checker import check_source
from kxsh.errors import KxshError, NotFound, RecoveryRequest, UsageError
from kxsh.interpreter.interpreter import Interpreter
from kxsh.source import Source

CODES = ("KX301", "KX304", "KX305")
# Files that conditions ask for (and one that loops do), files whose absence is a failure.
ASKED, FAILING = 3, 3


class Writer:
    """Writes a script at random, one statement a line."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.lines = ["kxs 1", "let flag0 = false", "let flag1 = true", "let kept = null"]
        self.made = 0
        self.failing = 0
        self.functions: list[str] = []

    def script(self) -> str:
        for number in range(self.dice.choice((0, 0, 1, 2))):
            self.line(0, f"fn f{number}(given: mount) {{")
            self.block(1, 4, [], in_function=True)
            self.line(0, "}")
            self.functions.append(f"f{number}")
        self.block(0, 9, [])
        for name in self.functions:
            self.line(0, f"let end_{name} = mount LABEL=GENTOO")
            self.line(0, f"{name} $end_{name}")
        self.line(0, "exec --dry-run")
        self.line(0, "recovery")
        return "\n".join(self.lines) + "\n"

    def line(self, depth: int, text: str) -> None:
        self.lines.append("  " * depth + text)

    def condition(self) -> str:
        one = self.dice.choice(
            [f"(exists LABEL=DATA:/c{self.dice.randrange(ASKED)})"] * 3
            + ["$flag0", "$flag1", "($kept != null)"]
        )
        two = self.dice.choice(["$flag0", f"(exists LABEL=DATA:/c{self.dice.randrange(ASKED)})"])
        return self.dice.choice(
            [one, one, one, f"not {one}", f"{one} and {two}", f"{one} or {two}"]
        )

    def block(
        self,
        depth: int,
        length: int,
        mounts: list[str],
        *,
        loop: bool = False,
        handled: bool = False,
        in_function: bool = False,
    ) -> None:
        mounts = list(mounts)
        for _ in range(self.dice.randint(1, length)):
            self.statement(depth, mounts, loop, handled, in_function)

    def statement(
        self, depth: int, mounts: list[str], loop: bool, handled: bool, in_function: bool
    ) -> None:
        inner = {"loop": loop, "handled": handled, "in_function": in_function}
        roll = self.dice.randrange(100)
        if handled:  # nothing but what is made to fail can fail on this machine
            name = self.dice.choice(("flag0", "flag1"))
            if roll < 60:
                self.line(depth, f"set {name} = {self.dice.choice(('true', 'false'))}")
            else:
                self.line(depth, f"if ${name} {{ set flag1 = false }}")
        elif roll < 16:
            self.line(depth, "load LABEL=GENTOO:/isolinux/gentoo")
        elif roll < 26:
            self.line(depth, "exec --dry-run")
        elif roll < 36:
            name = self.dice.choice(("flag0", "flag1"))
            self.line(depth, f"set {name} = {self.dice.choice(('true', 'false'))}")
        elif roll < 44:
            self.made += 1
            mounts.append(f"m{self.made}")
            self.line(depth, f"let m{self.made} = mount LABEL=GENTOO")
        elif roll < 56 and mounts:
            name = self.dice.choice(mounts)
            if self.dice.random() < 0.5:
                self.line(depth, f"umount ${name}")
            else:
                self.line(depth, f"say (read ${name}/isolinux/version.txt)")
        elif roll < 60:
            self.line(depth, "set kept = mount LABEL=GENTOO")
        elif roll < 64 and not in_function:
            self.line(depth, "if $kept != null {")
            self.line(depth + 1, "say (read $kept/isolinux/version.txt)")
            self.line(depth, "}")
        elif roll < 68 and self.functions and (mounts or in_function):
            given = "given" if in_function else self.dice.choice(mounts)
            self.line(depth, f"{self.dice.choice(self.functions)} ${given}")
        elif roll < 71 and loop:
            self.line(depth, self.dice.choice(("break", "continue")))
        elif roll < 74 and in_function:
            self.line(depth, self.dice.choice(("return", "umount $given", "umount $given")))
        elif depth < 3:
            self.compound(depth, mounts, inner)

    def compound(self, depth: int, mounts: list[str], inner: dict[str, bool]) -> None:
        kind = self.dice.choice(("if", "if", "if", "for", "try", "match", "handler", "while"))
        if kind in ("try", "handler") and self.failing == FAILING:
            kind = "if"
        if kind == "if":
            self.line(depth, f"if {self.condition()} {{")
            self.block(depth + 1, 3, mounts, **inner)
            if self.dice.random() < 0.5:
                self.line(depth, "} else {")
                self.block(depth + 1, 3, mounts, **inner)
        elif kind == "for":
            items = self.dice.choice(('["a", "b"]', '["a"]', 'glob "LABEL=DATA:/g*"'))
            self.made += 1
            self.line(depth, f"for x{self.made} in {items} {{")
            self.block(depth + 1, 3, mounts, **{**inner, "loop": True})
        elif kind == "while":
            self.line(depth, "while not $flag0 {")
            self.block(depth + 1, 2, mounts, **{**inner, "loop": False})
            self.line(depth + 1, "set flag0 = true")
        elif kind == "match":
            self.line(depth, "match $flag1 { true {")
            self.block(depth + 1, 2, mounts, **inner)
            self.line(depth, "} false {")
            self.block(depth + 1, 2, mounts, **inner)
            self.line(depth, "} }")
            return
        else:
            self.failing += 1
            failing = f"say (read LABEL=DATA:/r{self.failing})"
            if kind == "handler":
                self.line(depth, f"{failing} else {{")
            else:
                self.line(depth, "try {")
                self.block(depth + 1, 2, mounts, **{**inner, "handled": True})
                self.line(depth + 1, failing)
                self.line(depth, "} else {")
            self.block(depth + 1, 2, mounts, **inner)
        self.line(depth, "}")


def place(text: str, line: int) -> int:
    """Return a line; one 0 for all at which a function unmounts what it was given: a run
    stops in the function, and the checker tells of the call."""
    return 0 if re.match(r" *(umount \$given|f\d )", text.splitlines()[line - 1]) else line


def happens(text: str, files: dict[str, str]) -> tuple[str, int] | None:
    """Run a script where these files are on the data partition; return the code and line
    of the mistake that stops it."""
    machine = standard_machine(
        devices=DEVICES, files={"/dev/sda": ISO, "/dev/sda1": ISO, "/dev/sdb2": files, "/": {}}
    )
    interpreter = Interpreter(machine, LineConsole(), esp=ESP)
    try:
        interpreter.run_script(Source("t.kxs", text))
    except RecoveryRequest:
        return None
    except KxshError as error:
        assert error.span is not None
        line = error.span.source.line(error.span.line)
        if isinstance(error, UsageError) and error.code == "KX301":
            return "KX301", error.span.line
        assert isinstance(error, NotFound), f"{error.message}\n{text}"
        return ("KX305" if "umount" in line else "KX304"), place(text, error.span.line)
    return None


def all_that_happens(writer: Writer, text: str) -> set[tuple[str, int]]:
    names = ["g0", *(f"c{place}" for place in range(ASKED))]
    names += [f"r{place}" for place in range(1, writer.failing + 1)]
    found = set()
    for there in itertools.product((True, False), repeat=len(names)):
        files = {f"/{name}": "x" for name, is_ in zip(names, there, strict=True) if is_}
        files |= {"/g1": "x"} if "/g0" in files else {}  # a loop over both turns twice
        found.add(happens(text, files))
    return {item for item in found if item is not None}


@pytest.mark.parametrize("seed", range(int(os.environ.get("KXSH_FLOW_SEEDS", "40"))))
def test_what_is_told_is_what_happens(seed: int) -> None:
    writer = Writer(seed)
    text = writer.script()
    found = check_source(Source("t.kxs", text))
    told = {
        (item.code, place(text, item.span.line))
        for item in found
        if item.span and item.code in CODES
    }
    seen = all_that_happens(writer, text)
    assert bool(seen) == bool(told), f"told {told}, seen {seen}\n{text}"
    # A run ends at its first mistake, so of several some may never be seen.
    assert len(told) != 1 or told <= seen, f"told {told}, seen {seen}\n{text}"
    assert seen & told or not seen, f"told {told}, seen {seen}\n{text}"
