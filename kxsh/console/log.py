"""All that was said, with times: in memory, on a debug console where one is set."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence

from kxsh.text import display, fold

# From here on there is room for times beside what goes on in a second line.
_WIDE = 60
# Lines that are kept, and how long each may be.
_KEPT = 2000
_LONGEST = 1000
# What the file in memory may grow to before its older half goes.
_FILE_LIMIT = 512 * 1024
# Private lines that are known at a time, and the shortest that is looked for inside others.
_PRIVATE = 200
_SHORTEST = 8
_HIDDEN = "(a line that is not kept)"


class Log:
    """What this terminal said, newest last, each line with seconds since the machine started.

    `path` is a file in memory that outlives this process: why kxsh died is in it.
    `consoles` are device paths that show every line at once, such as a second screen.
    """

    def __init__(self, path: str = "", consoles: Sequence[str] = ()) -> None:
        self._lines: list[tuple[float, str]] = []
        self._path = path
        self._size = 0
        self._private: list[str] = []
        if path:
            self._restore()
        self._consoles = [
            (fd, "utf-8" if _shows_unicode(name) else "ascii")
            for name in consoles
            if (fd := _open(name)) >= 0
        ]

    def add(self, text: str) -> None:
        """Keep what was said. It never fails: what cannot be written is dropped."""
        now = time.monotonic()
        lines = plain(text).split("\n")
        new = [(now, display(self._without_secrets(line), _LONGEST)) for line in lines]
        self._lines += new
        if len(self._lines) > 2 * _KEPT:
            del self._lines[:-_KEPT]
        data = "".join(f"{_shown(*line)}\n" for line in new)
        for console, encoding in self._consoles:
            _write(console, data.replace("\n", "\r\n"), encoding)
        if self._path:
            self._append(data)

    def hide(self, text: str) -> None:
        """Keep nothing that shows lines of this text: a passphrase may be in them."""
        lines = [display(line.replace("\t", " "), _LONGEST).strip() for line in text.split("\n")]
        self._private = [*self._private, *filter(None, lines)][-_PRIVATE:]

    def _without_secrets(self, line: str) -> str:
        """Return a line without what an excerpt, or a sentence, repeats of private ones."""
        number, bar, source = line.partition(" | ")
        if bar and not number.strip(" 0123456789"):
            part = source.strip().removesuffix("...").removeprefix("...").strip()
            if (part and any(part in one for one in self._private)) or _has_secret(source):
                return f"{number}{bar}{_HIDDEN}"
        for one in self._private:
            if len(one) >= _SHORTEST:
                line = line.replace(one, _HIDDEN)
        return _without_password(line) if "://" in line and "@" in line else line

    def lines(self, kernel: Iterable[tuple[float, str]] = ()) -> list[str]:
        """Return what was said and the kernel's messages, in the order of their times."""
        said = [(when, 1, text) for when, text in self._lines[-_KEPT:]]
        kernel_said = [(when, 0, f"kernel: {display(text, _LONGEST)}") for when, text in kernel]
        # What was said at one time stays in its order.
        both = sorted([*said, *kernel_said], key=lambda line: line[:2])
        return [_shown(when, text) for when, _, text in both]

    def _restore(self) -> None:
        try:
            with open(self._path, encoding="utf-8", errors="replace") as file:
                data = file.read(2 * _FILE_LIMIT)
        except OSError:
            return
        self._size = len(data)
        for line in data.splitlines()[-_KEPT:]:
            when, bracket, text = line.removeprefix("[").partition("] ")
            if bracket:
                try:
                    self._lines.append((float(when), text))
                except ValueError:
                    continue

    def _append(self, data: str) -> None:
        self._size += len(data)
        flags = os.O_APPEND
        if self._size > _FILE_LIMIT:
            data = "".join(f"{_shown(*line)}\n" for line in self._lines[-_KEPT // 2 :])
            self._size, flags = len(data), os.O_TRUNC
        try:
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | flags, 0o600)
        except OSError:
            return
        _write(fd, data)
        os.close(fd)


def _has_secret(source: str) -> bool:
    # Not on the way to the jump, where no excerpt is shown: it imports re.
    from kxsh.console.prompt.history import has_secret

    return has_secret(source)


def _without_password(line: str) -> str:
    from kxsh.console.prompt.history import without_password

    return without_password(line)


def _open(name: str) -> int:
    try:
        console = os.open(name, os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return -1
    _show_no_keys(console)
    return console


def _show_no_keys(console: int) -> None:
    """Keep a terminal from showing what is typed there: nobody reads it, and it would stand
    in the middle of what is said. One that we are talked to on stays as it is."""
    import termios  # few have such a console

    try:
        if os.fstat(0).st_rdev == os.fstat(console).st_rdev:
            return
        modes = termios.tcgetattr(console)
        modes[0] &= ~termios.IMAXBEL  # nor a bell for each key once there is no room for more
        modes[3] &= ~(termios.ECHO | termios.ECHONL)
        termios.tcsetattr(console, termios.TCSANOW, modes)
    except (OSError, termios.error):
        return


def _shows_unicode(name: str) -> bool:
    """Tell whether a console is a screen of this machine (tty0, tty1, ...): nobody knows what
    reads a serial line."""
    return name.removeprefix("/dev/tty").isdigit()


def _write(fd: int, data: str, encoding: str = "utf-8") -> None:
    """Write what fits now: a console that nobody reads must not stop a boot."""
    try:
        os.write(fd, data.encode(encoding, "backslashreplace"))
    except OSError:
        return


def _shown(when: float, text: str) -> str:
    return f"[{when:12.6f}] {text}"


def in_lines(lines: Iterable[str], columns: int) -> list[str]:
    """Return lines of a log broken between words; what goes on stands below what was said."""
    indent = " " * (len(_shown(0, "")) if columns >= _WIDE else 2)
    shown = []
    for line in lines:
        stamp, text = line[: len(_shown(0, ""))], line[len(_shown(0, "")) :]
        first, *others = fold(text, max(8, columns - len(stamp)))
        shown += [stamp + first, *(indent + other for other in others)]
    return shown


def plain(text: str) -> str:
    """Return a text of ours without its colours (ECMA-48's SGR)."""
    kept, *pieces = text.split("\x1b[")
    for piece in pieces:
        code, mark, rest = piece.partition("m")
        colour = mark and not code.strip("0123456789;")
        kept += rest if colour else f"\x1b[{piece}"
    return kept.rstrip("\n")
