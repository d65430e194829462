"""Functions of PID 1's script, run by busybox's shell as on the target."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from kxsh import image
from kxsh.image import tools
from kxsh.options import LoaderOptions

SCRIPT = (Path(image.__file__).parent / "init.sh").read_text()
LOCKS = [
    "", "quiet", "kxsh.recovery=open", "kxsh.recovery=off", "kxsh.recovery=off,0s",
    "kxsh.recovery=password kxsh.password=$7$x", "kxsh.recovery=0", "kxsh.recovery=",
    "kxsh.recovery", "kxsh.recovery=open kxsh.recovery=off", "kxsh.recovery=off kxsh.recovery=open",
    '"kxsh.recovery=off"', 'kxsh.recovery="off,1s"', 'kxsh.recovery="open"',
    "kxsh.recovery=open,1s",
    "kxsh.recovery=Open", "kxsh-recovery=off", "kxsh.recovery=opens", "x=kxsh.recovery=off",
    "kxsh.recovery=* quiet", "kxsh.recovery=off -- kxsh.recovery=open",
]  # fmt: skip


def function(name: str) -> str:
    found = re.search(rf"^{name}\(\) {{\n.*?^}}\n", SCRIPT, re.MULTILINE | re.DOTALL)
    assert found, name
    return found[0]


def run(names: tuple[str, ...], command: str, cmdline: str, **variables: str) -> str:
    script = "".join(function(name) for name in names) + command
    busybox = tools.require("busybox")
    done = subprocess.run(
        [busybox, "sh", "-c", script],
        env={"CMDLINE": cmdline, **variables},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not done.stderr, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("cmdline", LOCKS)
def test_what_kxsh_locks_has_no_last_shell(cmdline: str) -> None:
    """The script may lock more than kxsh does, never less."""
    answer = run(("locked",), "locked && echo locked || echo open", cmdline)
    if LoaderOptions(cmdline).lock.mode != "open":
        assert answer == "locked"
    if "kxsh.recovery" not in cmdline.replace("kxsh.recovery=open ", ""):
        assert answer == "open"


def test_the_usual_loader_is_open() -> None:
    assert run(("locked",), "locked && echo locked || echo open", "console=tty0 quiet") == "open"
    line = "kxsh.recovery=open console=tty0"
    assert run(("locked",), "locked && echo locked || echo open", line) == "open"


@pytest.mark.parametrize(("console", "cmdline", "term"), [
    ("tty1", "", "linux"), ("ttyS0", "", "vt220"), ("hvc0", "", "vt220"),
    ("ttyS0", "kxsh.term=vt100", "vt100"), ("ttyS0", "kxsh.term=ttyS0:vt100,tty0:linux", "vt100"),
    ("tty1", "kxsh.term=ttyS0:vt100,tty0:dumb", "dumb"), ("tty1", "kxsh.term=ttyS0:vt100", "linux"),
    ("ttyS1", "kxsh.term=dumb,ttyS0:xterm", "dumb"), ("ttyS1", "kxsh.term=$(id)", "vt220"),
])  # fmt: skip
def test_the_terminals_kind(console: str, cmdline: str, term: str) -> None:
    path = "/usr/bin:/bin"
    answer = run(("option", "term_of"), f"term_of {console}; echo $TERM", cmdline, PATH=path)
    assert answer == term
