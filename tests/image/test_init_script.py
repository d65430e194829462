"""Functions of PID 1's script, run by busybox's shell as on the target."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
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
    "console=ttyS0 -- x kxsh.recovery=off", 'x="a kxsh.recovery=off', "kxsh.password=$7$x",
    "kxsh.recovery=open kxsh.password=$7$x", 'x="a kxsh.password=$7$x',
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
    if "kxsh.password" not in cmdline and "kxsh.recovery" not in cmdline.replace(
        "kxsh.recovery=open ", ""
    ):
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


# -- the plain shell, and the way out

SHELLS = SCRIPT[SCRIPT.index("# A plain shell on every console;") :]
LAST = ("tell", "usable", "shell_on", "answered")


@contextmanager
def last_shells(consoles: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run PID 1's last loop on consoles; it says `RESTART` in place of restarting."""
    script = "".join(function(name) for name in LAST)
    script += f"CONSOLES='{consoles}'\nrestart_machine() {{ echo RESTART; exit; }}\n"
    script += SHELLS.replace("/run/", f"{folder}/")
    busybox = tools.require("busybox")
    with subprocess.Popen(
        [busybox, "sh", "-c", script], start_new_session=True, stdout=subprocess.PIPE
    ) as process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGKILL)


class Console:
    """A pseudo-terminal in a console's place, and the person at it."""

    def __init__(self) -> None:
        self._person, self._keep = os.openpty()
        self.name = os.ttyname(self._keep).removeprefix("/dev/")
        self._seen = b""

    def type(self, text: str) -> None:
        os.write(self._person, text.encode())

    def expect(self, text: bytes) -> None:
        deadline = time.monotonic() + 30
        while text not in self._seen:
            left = deadline - time.monotonic()
            assert left > 0, f"{text!r} did not come: {self._seen!r}"
            if select.select([self._person], [], [], left)[0]:
                self._seen += os.read(self._person, 4096)

    def close(self) -> None:
        os.close(self._keep)
        os.close(self._person)


def test_a_console_that_vanished_restarts_nothing(tmp_path: Path) -> None:
    """Somebody works at the other one, whose Ctrl-C ends programs."""
    console, gone = Console(), Console()
    gone.close()
    with last_shells(f"{gone.name} {console.name}", tmp_path) as process:
        console.expect(b"plain shell")
        console.type("echo on$((1 + 1))e; sleep 100\n")
        console.expect(b"on2e")
        time.sleep(1)
        console.type("\x03")
        time.sleep(1)
        console.type("echo ali$((1 + 1))ve\n")
        console.expect(b"ali2ve")
        assert process.poll() is None
        began = time.monotonic()
        console.type("exit\n")
        console.expect(b"restarts in 10 seconds")
        assert process.stdout is not None
        assert process.stdout.readline() == b"RESTART\n"
        assert time.monotonic() - began > 8
    console.close()


def test_enter_gives_another_shell(tmp_path: Path) -> None:
    console = Console()
    with last_shells(console.name, tmp_path):
        console.type("exit\n")
        console.expect(b"restarts in 10 seconds")
        console.type("\n")
        console.type("echo aga$((1 + 1))in\n")
        console.expect(b"aga2in")
    console.close()


def test_input_that_ends_at_once_has_its_ten_seconds(tmp_path: Path) -> None:
    began = time.monotonic()
    answer = run(("answered",), "answered null || echo nobody", "", PATH="/usr/bin:/bin")
    assert answer == "nobody"
    assert time.monotonic() - began > 8


MOUNTS = r"""rootfs / rootfs rw 0 0
proc /proc proc rw 0 0
/dev/sda1 /run/kxsh/mnt/1 vfat rw 0 0
efivarfs /sys/firmware/efi/efivars efivarfs rw 0 0
/dev/sdb1 /mnt/a\040*\134b ext4 rw 0 0
/dev/loop0 /mnt/a\040*\134b/inner squashfs ro 0 0
"""


@pytest.mark.parametrize(
    ("sync", "umount", "least", "most"),
    [
        (":", ":", 0, 4),
        ("sleep 60", ":", 4, 15),
        (":", "sleep 60", 2, 15),
        ("sleep 60", "sleep 60", 4, 15),
    ],
)
def test_a_disk_that_hangs_holds_up_no_restart(
    tmp_path: Path, sync: str, umount: str, least: float, most: float
) -> None:
    """And all that is mounted is unmounted before, the innermost first."""
    began = time.monotonic()
    mounts, told = tmp_path / "mounts", tmp_path / "told"
    mounts.write_text(MOUNTS)
    told.write_text("")
    program = "".join(function(name) for name in ("places", "wait_until", "restart_machine"))
    for name, other in (("/proc/sysrq-trigger", "/dev/null"), ("/proc/mounts", str(mounts))):
        assert name in program
        program = program.replace(name, other)
    stubs = f'umount() {{ echo "$*" >>{told}; {umount}; }}\ntell() {{ sleep 60; }}\n'
    stubs += f"sync() {{ echo sync >>{told}; {sync}; }}\nreboot() {{ echo reboot $*; exit; }}\n"
    busybox = tools.require("busybox")
    with subprocess.Popen(
        [busybox, "sh", "-c", f"{program}{stubs}restart_machine"],
        env={"PATH": "/usr/bin:/bin"}, start_new_session=True, stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == b"reboot -nf\n"
        assert least <= time.monotonic() - began <= most
        os.killpg(process.pid, signal.SIGKILL)
    assert told.read_text().splitlines() == [
        r"-r -- /mnt/a *\b/inner", r"-r -- /mnt/a *\b", "-r -- /run/kxsh/mnt/1", "sync",
    ]  # fmt: skip
