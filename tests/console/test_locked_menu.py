"""What a locked menu keeps from who has no password, beside its entries: editing them, adding
words to their command lines, and what the firmware starts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from standard_machine import LineConsole
from test_access import LOCKED, OFF, PASSWORD, give, locked

from kxsh.boot.entry import Entry
from kxsh.commands.context import Chosen, Offer
from kxsh.errors import Interrupted
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.fake import FakeMachine
from kxsh.source import Source

# What keys in a menu come to behind the password, and what nobody may see without.
EDITOR, STARTED, FIRMWARE = "Edit: Gentoo", "DEFAULT STARTED", "UiApp"
KEYS = [
    ("e", "to edit this entry", EDITOR),
    ("g\r", "to edit this entry", STARTED),
    ("s\r", "to edit this entry", STARTED),
    (":a single\r", "to edit this entry", STARTED),
    ("mn", "for the firmware's entries", FIRMWARE),
]
# The same in lines; the first key ends the countdown.
LINES = [
    ("\x15e\r", "to edit this entry", EDITOR),
    ("g\r\r", "to edit this entry", STARTED),
    ("a single\r", "to edit this entry", STARTED),
    ("m\rn\r", "for the firmware's entries", FIRMWARE),
]
ALL = [*(("linux", *row) for row in KEYS), *(("dumb", *row) for row in LINES)]


@pytest.mark.parametrize(("term", "keys", "what", "behind"), ALL)
def test_the_password_opens(tmp_path: Path, term: str, keys: str, what: str, behind: str) -> None:
    """The default starts without it, but as it is."""
    with locked(tmp_path, "--script", "menu", term=term) as screen:
        screen.wait("any key stops")
        screen.type(keys)
        screen.wait_cursor(f"Password {what} .*")
        for hidden in (EDITOR, STARTED, FIRMWARE, "Starting The default\\."):
            assert not re.search(hidden, screen.everything)
        give(screen, "wrong")
        screen.wait("5 tries are left")
        give(screen, PASSWORD)
        screen.wait(behind)


@pytest.mark.parametrize(("term", "keys", "what", "behind"), ALL)
@pytest.mark.parametrize("off", [False, True])
def test_nothing_else_does(
    tmp_path: Path, term: str, keys: str, what: str, behind: str, off: bool
) -> None:
    cmdline = OFF if off else LOCKED
    with locked(tmp_path, "--script", "menu", cmdline=cmdline, term=term) as screen:
        screen.wait("any key stops")
        screen.type(keys)
        if not off:
            screen.wait_cursor(f"Password {what} .*")
            give(screen, "")
        screen.wait("that is not allowed here")
        for hidden in (EDITOR, STARTED, FIRMWARE):
            assert hidden not in screen.everything


class Person(LineConsole):
    """Chooses the default as it was edited, which no screen does without asking."""

    def __init__(self, entry: Entry | None) -> None:
        super().__init__()
        self.entry = entry
        self.asked: list[str] = []

    @property
    def locked(self) -> bool:
        return True

    def choose(self, offer: Offer) -> Chosen:
        if self.asked:
            raise Interrupted("left")
        words = () if self.entry else ("single",)
        return Chosen(offer.default, words=words, entry=self.entry, by_person=True)

    def allows(self, action: str, entry: Entry | None = None, *, free: bool = False) -> bool:
        self.asked.append(action)
        return free


@pytest.mark.parametrize("entry", [None, Entry("a", "Edited", "/k")])
def test_what_was_edited_is_asked_about_whatever_the_screen_did(entry: Entry | None) -> None:
    person = Person(entry)
    script = 'kxs 1\nmenu "M" --timeout 1s { entry a "A" { say "STARTED" } }\n'
    with pytest.raises(Interrupted):
        Interpreter(FakeMachine(), person).run_script(Source("boot.kxs", script))
    assert person.asked == ["edit"]
    assert person.lines == []
