"""The report that `why --save` writes: all that is known, as one text file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from kxsh import __version__
from kxsh.console import tables
from kxsh.console.prompt.disk_list import disk_list
from kxsh.console.prompt.history import has_secret, shows_secret, without_password
from kxsh.console.script import why
from kxsh.errors import Failure
from kxsh.text import display

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kxsh.console.prompt.session import Session

T = TypeVar("T")
_WIDTH = 79
# So many columns that no line is cut.
_UNBROKEN = 10_000
# The newest of the log; older ones are mostly about other things.
_LOG_LINES = 2000


def report(session: Session) -> str:
    """Return the report: failures, lines, disks, mounts, what is loaded, the log."""
    lines: list[str] = []
    for heading, body in _sections(session):
        lines += [f"== {heading}", *(_harmless(line.rstrip()) for line in body), ""]
    return "\n".join(lines)


def _sections(session: Session) -> Iterator[tuple[str, list[str]]]:
    interpreter = session.interpreter
    machine = session.journal.machine
    system = os.uname()
    yield (
        "kxsh recovery report",
        [
            f"written  {time.strftime('%Y-%m-%d %H:%M:%S')} by this machine's clock",
            f"kxsh     {__version__}, Linux {display(system.release)} {display(system.machine)}",
            f"loader   {display(str(interpreter.esp)) if interpreter.esp else 'unknown'}",
        ],
    )
    failures = list(session.failures())
    for number, error in enumerate(failures, 1):
        yield f"failure {number} of {len(failures)}, newest first", why.explain(error).splitlines()
    if not failures:
        yield "failures", ["none"]
    before = session.lines.all[:-1]  # the last one is the one that asks for this
    lines = [line for line in before if not line.text.startswith((" ", "\t"))]
    yield "lines", [_line(line.ok, line.place, line.text) for line in lines]
    yield "disks", disk_list(_looked_at(machine.devices), _WIDTH, machine.mounts()).splitlines()
    yield "mounts", tables.mounts(list(session.mounts()), _UNBROKEN).splitlines()
    loaded = interpreter.loaded
    yield "loaded kernel", loaded.describe().splitlines() if loaded else ["none"]
    log = session.terminal.log.lines(_looked_at(machine.timed_log))
    yield "what was said, and the kernel's messages", log[-_LOG_LINES:]


def _harmless(line: str) -> str:
    """Return a line of the report without the passphrase that an excerpt may show."""
    line = without_password(line)
    number, bar, text = line.partition(" | ")
    if not bar:
        return "(a line with a passphrase)" if shows_secret(line) else line
    return f"{number}{bar}(a line with a passphrase)" if has_secret(text) else line


def _line(ok: bool, place: str, text: str) -> str:
    mark = "ok    " if ok else "failed"
    if has_secret(text):
        text = "(it has a passphrase)"
    return display(f"{mark} {place + ': ' if place else ''}{text.strip()}", 1000)


def _looked_at(look: Callable[[], list[T]]) -> list[T]:
    """Return what a look at the machine gives, or nothing where that fails too."""
    try:
        return look()
    except Failure:
        return []
