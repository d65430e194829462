"""How fast the console answers: a key to the redrawn screen, and from start to prompt.

Natively on a pty whose screen pyte keeps, and over the serial line of an emulated machine,
beside busybox `sh` there. A part of `make bench`; each `measure_...` gives `Figure`s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import legacy_images
import pexpect
import pyte

from kxsh.image import loader
from kxsh.image.adapt import Request, adapt
from kxsh.image.guest import Guest
from kxsh.image.progress import Progress
from kxsh.image.qemu import Disk, VirtualMachine

ROOT = Path(__file__).resolve().parents[1]
ENTRIES = 500
COLUMNS, ROWS = 80, 24
_PATIENCE = 30.0
_BOOT = 240.0
# What a person types to boot one of many entries by hand; a wrong word is underlined.
_LINE = "load $image/isolinux/kernel --cmdline 'root=LABEL=X quit' --initrd $imag/initrd.gz --rw"


@dataclass(frozen=True, slots=True)
class Figure:
    """Milliseconds of many tries, and what they should stay below (0: nothing is promised)."""

    name: str
    values: tuple[float, ...]
    aim: int = 0

    @property
    def row(self) -> str:
        aim = f"{self.aim} ms" if self.aim else "-"
        median, slowest = statistics.median(self.values), max(self.values)
        return f"| {self.name} | {median:.0f} ms | {slowest:.0f} ms | {aim} |"


class Screen:
    """A program on a pty, and its screen."""

    def __init__(self, argv: Sequence[str]) -> None:
        environment = {**os.environ, "TERM": "xterm", "PYTHONDONTWRITEBYTECODE": ""}
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self.began = time.perf_counter()
        self.process = pexpect.spawn(
            argv[0],
            list(argv[1:]),
            env=environment,  # type: ignore[arg-type]
            dimensions=(ROWS, COLUMNS),
        )
        self.process.delaybeforesend = None

    def __enter__(self) -> Screen:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.close(force=True)

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def cursor_line(self) -> str:
        return self._screen.display[self._screen.cursor.y].rstrip()

    @property
    def cursor(self) -> tuple[int, int]:
        return self._screen.cursor.y, self._screen.cursor.x

    def until(self, there: Callable[[], bool]) -> float:
        """Read until the screen is so; return when that was, by the performance counter."""
        deadline = time.perf_counter() + _PATIENCE
        while not there():
            if time.perf_counter() > deadline:
                raise TimeoutError(f"this never came:\n{self.text}")
            self._stream.feed(self.process.read_nonblocking(65536, timeout=_PATIENCE))
        return time.perf_counter()

    def settle(self) -> None:
        """Read what else is drawn, until nothing comes for a while."""
        while True:
            try:
                self._stream.feed(self.process.read_nonblocking(65536, timeout=0.3))
            except pexpect.TIMEOUT:
                return

    def key(self, key: str, there: Callable[[], bool]) -> float:
        """Type a key; return the milliseconds until the screen is so."""
        began = time.perf_counter()
        os.write(self.process.child_fd, key.encode())
        return (self.until(there) - began) * 1000


def measure_ready(rounds: int = 10) -> list[Figure]:
    """From the start of the process `kxsh` until its prompt stands there; and how much of a
    processor that took, which a busy machine changes less."""
    times, busy = [], []
    for _ in range(rounds + 1):
        with Screen([str(Path(sys.executable).parent / "kxsh")]) as screen:
            there = screen.until(lambda: screen.cursor_line == "kxsh>")
            times.append((there - screen.began) * 1000)
            busy.append(processor_time(screen.process.pid))
    return [  # the first fills caches
        Figure("start of `kxsh` to its prompt", tuple(times[1:]), 250),
        Figure("processor time of that", tuple(busy[1:])),
    ]


def processor_time(pid: int) -> float:
    """Return the milliseconds that a process and all that it has started have run so far:
    `kxsh` is two processes, of which one only watches (proc(5), stat)."""
    ticks, parents = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        number = int(path.parent.name)
        parents[number] = int(fields[1])
        ticks[number] = sum(map(int, fields[11:15]))  # with those of children that ended
    family = [pid]
    for one in family:
        family += [child for child, parent in parents.items() if parent == one]
    return sum(ticks[one] for one in family) * 1000 / os.sysconf("SC_CLK_TCK")


def measure_prompt() -> list[Figure]:
    """Keys at a prompt on a machine whose one menu has `ENTRIES` entries."""
    with Screen([sys.executable, __file__, "--machine"]) as screen:
        screen.until(lambda: screen.cursor_line == "kxsh>")
        screen.settle()
        keys = []
        for key in _LINE:
            before = screen.cursor
            keys.append(screen.key(key, lambda: screen.cursor != before))  # noqa: B023
        screen.settle()
        os.write(screen.process.child_fd, b"\x03isolinux-entry $image/isolinux/isolinux.cfg ")
        screen.until(lambda: screen.cursor_line.endswith("isolinux.cfg"))
        screen.settle()
        opened = screen.key("\t", lambda: "Entry number 3 " in screen.text)
        moved = [
            screen.key("\x1b[B", lambda: f"isolinux.cfg e{number}" in screen.text)  # noqa: B023
            for number in range(ENTRIES // 10)
        ]
    return [
        Figure("a key of a line that is checked while it is typed", tuple(keys), 50),
        Figure(f"Tab to the list of {ENTRIES} entries of a menu", (opened,)),
        Figure(f"a key in that list of {ENTRIES}", tuple(moved), 50),
    ]


def measure_menu() -> list[Figure]:
    """Keys in a full-screen menu of `ENTRIES` entries; each marks another entry."""
    program = str(ROOT / "tests/console/menu_program.py")
    argv = [sys.executable, program, "--count", str(ENTRIES), "--default", "e1"]
    with Screen(argv) as screen:
        opened = (screen.until(lambda: "\n> " in screen.text) - screen.began) * 1000
        screen.settle()
        moved, found = [], []
        for _ in range(ENTRIES // 10):
            before = screen.text
            moved.append(screen.key("\x1b[B", lambda: screen.text != before))  # noqa: B023
            screen.settle()
        screen.key("/", lambda: "find:" in screen.text)
        for key in "77":
            screen.settle()
            before = screen.text
            found.append(screen.key(key, lambda: screen.text != before))  # noqa: B023
    return [
        Figure(f"start to a menu of {ENTRIES} entries on the full screen", (opened,)),
        Figure(f"a key in that menu of {ENTRIES}", tuple(moved), 50),
        Figure("a letter of its search", tuple(found), 50),
    ]


def measure_guest() -> list[Figure]:
    """A key to its echo on the serial line of an emulated machine: the prompt, then sh."""
    with tempfile.TemporaryDirectory(prefix="kxsh-bench-console-") as name:
        folder = Path(name)
        script = folder / "boot.kxs"
        script.write_text('kxs 1\nrecovery "to be measured"\n')
        image = folder / "adapted.img"
        legacy = legacy_images.KINDS["small-isohybrid"](folder / "legacy.img")
        built = loader.default_loader(Progress(quiet=True))
        adapt(Request(legacy, image, script=script, loader=built), Progress(quiet=True))
        with Guest(VirtualMachine((Disk(image),))) as guest:
            guest.expect("to be measured", _BOOT)
            began = time.perf_counter()
            guest.expect(r"^kxsh> ", _BOOT)
            ready = (time.perf_counter() - began) * 1000
            time.sleep(10)  # the checker is loaded meanwhile
            prompt = _echoes(guest, "mount LABEL=X --type ext4")
            guest.send("\x15sh\r")
            guest.expect(r"back to kxsh", _BOOT)
            time.sleep(5)
            shell = _echoes(guest, "mount -t ext4 LABEL=X /mnt")
    return [
        Figure("emulated machine: what a script says last, to the prompt", (ready,)),
        Figure("emulated machine, serial line: a key at the prompt", prompt),
        Figure("the same in busybox sh", shell),
    ]


def _echoes(guest: Guest, text: str) -> tuple[float, ...]:
    """Type a text key by key; return the milliseconds until each was answered, by its
    character or (a blank) by a movement of the cursor."""
    times = []
    for key in text:
        before = len(guest.serial.raw)
        began = time.perf_counter()
        guest.send(key)
        while len(guest.serial.raw) == before:
            if time.perf_counter() - began > _PATIENCE:
                raise TimeoutError(f"{key!r} did not come back")
            time.sleep(0.0005)
        times.append((time.perf_counter() - began) * 1000)
    return tuple(times)


# What there is to measure natively, and with QEMU.
NATIVE: list[Callable[[], list[Figure]]] = [measure_ready, measure_prompt, measure_menu]
EMULATED: list[Callable[[], list[Figure]]] = [measure_guest]


def report(*, emulated: bool = True) -> str:
    """Return the table in Markdown, and how busy the machine was with other work."""
    busy = f"{os.getloadavg()[0]:.1f} processes were running on {os.cpu_count()} processors."
    lines = [f"When it began, {busy}", "", "| | median | slowest | aim |", "|---|---|---|---|"]
    for measure in (*NATIVE, *(EMULATED if emulated else [])):
        lines += [figure.row for figure in measure()]
    return "\n".join(lines)


def run_machine() -> None:
    """Be the prompt on a made-up machine with a menu of many entries."""
    from kxsh.console.prompt import loop as prompt
    from kxsh.console.terminal import Terminal
    from kxsh.interpreter.interpreter import Interpreter
    from kxsh.machine.fake import FakeMachine
    from kxsh.machine.protocol import Device

    menu = "".join(
        f"LABEL e{number}\n  MENU LABEL Entry number {number} of many\n  KERNEL kernel\n"
        for number in range(ENTRIES)
    )
    device = Device("/dev/sda1", label="X", fstype="iso9660", disk="/dev/sda", number=1)
    files: dict[str, bytes | str] = {"/isolinux/isolinux.cfg": menu, "/isolinux/kernel": b""}
    terminal = Terminal(sys.stdin, sys.stdout, color=True, serial=False)
    machine = FakeMachine([device], {"/dev/sda1": files})
    interpreter = Interpreter(machine, terminal, interactive=True)
    interpreter.session.variables["image"] = machine.mount(device)
    prompt.run(interpreter, terminal, error=None)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the console.")
    parser.add_argument("--machine", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--native", action="store_true", help="leave QEMU out")
    arguments = parser.parse_args()
    if arguments.machine:
        run_machine()
        return 0
    print(report(emulated=not arguments.native))
    return 0


if __name__ == "__main__":
    sys.exit(main())
