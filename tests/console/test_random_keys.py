"""A thousand random key sequences at a locked machine: no way in, no crash, no hang.

After every tenth the program has to react: Ctrl-C leads to the password question from
wherever it stands, and Esc away from it, mostly to a restart.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time
from pathlib import Path

import pytest
from screen import Screen

from kxsh.machine import passwords
from kxsh.machine.supervisor import ABANDONED

PASSWORD = "correct horse"
CMDLINE = f"kxsh.recovery=password,0s kxsh.password={passwords.make(PASSWORD)}"
INSIDE = re.compile(rb"kxsh>|edit>|Edit: |UiApp|A SHELL RAN|ANOTHER STARTED")
CRASH = re.compile(rb"Traceback|KX999\]: (?!kxsh ended unex)")
# The machine's end, or the person's word that a hung kxsh has to go; PID 1 starts it again.
ENDS = (0, ABANDONED)
QUESTION = r"Password .*\(empty: (?:back|it restarts)\):.*"
NO_TRIES = "only a restart gives new tries"
EACH = 10  # so many sequences between two that it has to react to
PATIENCE = 60.0  # until a reaction, on a busy machine
# Keys of menus and editors, control characters, sequences of terminals, whole and cut off.
KEYS = [
    *"abcehnqrsxyz0123456789 /:;'\"$(){}[]|&<>*?!#~-_=+.,",
    *(chr(code) for code in range(32) if code not in (0x11, 0x13)), "\x7f", "\x9b", "\u202e",
    "\xe9", "\x1b", "\x1b[", "\x1bO", "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F",
    "\x1b[5~", "\x1b[6~", "\x1bOP", "\x1b[11~", "\x1b[1;5C", "\x1b[200~", "\x1b[201~",
    "\x1b[<0;1;1M", "\x1b[24;80R", "\x1b]52;c;b3du\x07", "\x1bP1$r\x1b\\", "\x1b[?1;2c",
    "\r", "\n", "\r\r", "\x03\x03", "\x04\x04", "sh\r", "exit\r", "2\r", "reboot\r",
]  # fmt: skip


def sequences(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    return [
        "".join(chance.choice(KEYS) for _ in range(chance.randint(1, 30))) for _ in range(count)
    ]


def settle(screen: Screen, quiet: float = 0.08, limit: float = 15) -> bool:
    """Read until nothing comes for a moment; False at the end of the program."""
    deadline = time.monotonic() + limit
    while time.monotonic() < deadline:
        before = len(screen.output)
        if not screen.pump(quiet):
            return False
        if len(screen.output) == before:
            return True
    raise AssertionError("it writes without an end")


def run(store: Path, script: str, cmdline: str, restarted: bool, term: str = "linux") -> Screen:
    arguments = ["--store", str(store), "--cmdline", cmdline, "--script", script, "--fast"]
    if restarted:
        arguments.append("--restarted")
    return Screen("locked_program.py", *arguments, term=term, background=True)


def start(store: Path, script: str, restarted: bool, term: str) -> Screen:
    screen = run(store, script, CMDLINE, restarted, term)
    screen.wait(r"Kiosk|Password|only a restart|machine: ")
    return screen


def reacts(screen: Screen, patience: float = PATIENCE) -> bool:
    """Have it ask for the password, or say that it asks no more, and take that back; False
    where the machine ended."""
    deadline = time.monotonic() + patience
    screen.type("\x1b[201~")  # the end of a paste, which no key begins
    while not re.fullmatch(QUESTION, screen.cursor_line):
        before = len(screen.output)
        screen.type("\x03")
        if not comes(screen, before, deadline):
            return False
        if NO_TRIES.encode() in screen.output[before:]:
            return True
    while re.fullmatch(QUESTION, screen.cursor_line):
        before = len(screen.output)
        screen.type("\x1b")
        if not comes(screen, before, deadline):
            return False
    return True


def comes(screen: Screen, before: int, deadline: float) -> bool:
    """Wait for anything after so many bytes of output, and for its end; False at the end of
    the program."""
    while len(screen.output) == before:
        if not screen.pump():
            return False
        assert time.monotonic() < deadline, "it does not react"
    return settle(screen)


def ended(screen: Screen) -> bool:
    """Wait for the end of a program that has closed its terminal; tell whether it may end so.
    What it said last may be lost: a Ctrl-Z behind it discards what was not read yet."""
    deadline = time.monotonic() + 10
    while screen.process.isalive() and not screen.pump() and time.monotonic() < deadline:
        time.sleep(0.05)
    return screen.process.exitstatus in ENDS


def told(screen: Screen, what: str) -> str:
    """Return what a failure says: with the whole output and, of a program that has ended,
    how."""
    ended(screen)
    how = f"exit status {screen.process.exitstatus}, signal {screen.process.signalstatus}"
    return f"{what} ({how}):\n{screen.text}\n-- all output:\n{screen.everything}"


@pytest.mark.slow
@pytest.mark.parametrize(("script", "seed", "count", "term"), [
    ("menu", 1, 350, "linux"), ("menu", 2, 350, "linux"), ("recovery", 3, 150, "linux"),
    ("menu", 5, 250, "dumb"),
])  # fmt: skip
def test_outside(tmp_path: Path, script: str, seed: int, count: int, term: str) -> None:
    """At the menu and at the question: each machine that ends is started again, by turns
    from the beginning and as PID 1 does after a death."""
    screen: Screen | None = None
    machines = 0
    for number, keys in enumerate(sequences(seed, count), 1):
        if screen is None:
            if machines % 2 == 0:
                (tmp_path / "lock").unlink(missing_ok=True)
            screen = start(tmp_path / "lock", script, machines % 2 == 1, term)
        if screen.process.isalive():
            screen.type(keys)
        alive = settle(screen)
        if alive and (number % EACH == 0 or number == count):
            try:
                alive = reacts(screen)
            except AssertionError as error:
                raise AssertionError(told(screen, f"{number}, {keys!r}: {error}")) from None
        said = bytes(screen.output)
        assert not INSIDE.search(said), told(screen, f"{number}: {keys!r} got in")
        assert not CRASH.search(said), told(screen, f"{number}: {keys!r} crashed")
        if not alive:
            assert ended(screen), told(screen, f"{number}: {keys!r} ended it")
            screen.close()  # a Ctrl-C may come after the machine's end
            machines += 1
            screen = None
    assert machines > 3
    if screen is not None:
        screen.close()


@pytest.mark.parametrize(("script", "term"), [
    ("menu", "linux"), ("menu", "dumb"), ("recovery", "linux"),
])  # fmt: skip
def test_one_that_hangs_is_seen(tmp_path: Path, script: str, term: str) -> None:
    screen = start(tmp_path / "lock", script, False, term)
    screen.type("x")
    assert reacts(screen) or ended(screen), told(screen, "it should react")
    screen.close()
    screen = start(tmp_path / "lock", script, False, term)
    processes = [screen.process.pid, *children(screen.process.pid)]
    assert len(processes) > 1
    for process in processes:
        os.kill(process, signal.SIGSTOP)
    screen.type("x\x1b[B")
    assert settle(screen)
    with pytest.raises(AssertionError, match="does not react"):
        reacts(screen, 2)
    for process in processes:
        os.kill(process, signal.SIGCONT)
    screen.close()


def children(parent: int) -> list[int]:
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii")
    found = [int(child) for child in text.split()]
    return [one for child in found for one in (child, *children(child))]


def inside(tmp_path: Path) -> Screen:
    (tmp_path / "lock").unlink(missing_ok=True)
    screen = start(tmp_path / "lock", "recovery", False, "linux")
    screen.type(PASSWORD + "\r")
    screen.wait_cursor("kxsh>")
    return screen


def answers(screen: Screen, word: str) -> bool:
    """Get back to an empty prompt and have it say a word; False where the machine ended."""
    for _ in range(8):  # out of whatever it stands in: a question, a pager, an editor
        screen.type("\x1b[201~\x1b")  # the end of a paste, which no key begins
        time.sleep(0.15)
        screen.type("\x03")
        if not settle(screen):
            return False
        if re.fullmatch("kxsh>", screen.cursor_line):
            break
    screen.type(f"say {word}\r")
    try:
        screen.wait(f"^{word}")
    except AssertionError:
        if ended(screen):  # it was about to
            return False
        raise
    return True


@pytest.mark.slow
def test_inside(tmp_path: Path) -> None:
    """At the prompt behind the password: no crash, and it still answers after each."""
    screen = inside(tmp_path)
    for number, keys in enumerate(sequences(4, 150)):
        screen.type(keys)
        alive = settle(screen) and answers(screen, f"alive{number}")
        assert not CRASH.search(screen.output), told(screen, f"{number}: {keys!r} crashed")
        if not alive:  # `reboot` was typed
            assert ended(screen), told(screen, f"{number}: {keys!r} ended it")
            screen.close()
            screen = inside(tmp_path)
        screen.output = b""
    screen.close()


@pytest.mark.slow
@pytest.mark.parametrize(("script", "seed"), [("menu", 5), ("fails", 6), ("sleeps", 7)])
def test_an_open_one_while_it_starts(tmp_path: Path, script: str, seed: int) -> None:
    """From the first moment on: nothing but a person's word ends it, and then, at the
    latest when PID 1 has started it again, it answers."""
    chance = random.Random(seed)
    for number, keys in enumerate(sequences(seed, 25)):
        screen = run(tmp_path / "lock", script, "", False)
        alive = True
        for key in keys + "\x03":
            screen.type(key)
            alive = screen.pump(chance.random() / 10)
        if script == "sleeps":
            screen.type("\x03")
        if alive:
            alive = settle(screen, quiet=0.4) and answers(screen, f"alive{number}")
        assert not CRASH.search(screen.output), told(screen, f"{number}: {keys!r} crashed")
        if not alive:
            assert ended(screen), told(screen, f"{number}: {keys!r} ended it")
        screen.close()
