"""Running programs: never through a shell, never without an end."""

from __future__ import annotations

import _signal  # `signal` without its enums, which are slow to make
import errno
import os
from _thread import get_native_id
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

from kxsh.errors import (
    Failure,
    FormatFailure,
    Interrupted,
    IoFailure,
    NotFound,
    TimedOut,
    from_os_error,
)
from kxsh.machine.protocol import Completed
from kxsh.text import display, duration, nearest

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from subprocess import Popen
    from typing import Any

# How long a program may take to end once it was told to, in seconds.
_DEATH = 1.0
_DYING = "a disk that does not answer? `log` has what the kernel says of it"
# What a person's keys, or we, send to end one.
_ENDING = sum(1 << number - 1 for number in (_signal.SIGINT, _signal.SIGQUIT, _signal.SIGKILL))
# Those that did not end, and whose end nobody waits for any more.
_left_behind: list[Popen[bytes]] = []


def run(
    argv: Sequence[str],
    *,
    capture: bool = False,
    timeout: float | None = None,
    pass_fds: Sequence[int] = (),
    given: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> Completed:
    """Run a program in a process group of its own; end the group when time is up.

    With `capture`, stdin has only what is `given`, and output and errors come back
    together; else the program has the terminal, and its Ctrl-C, while it runs.
    `environment` is added to ours.
    """
    import subprocess

    if not argv or any("\0" in word for word in argv):
        raise FormatFailure("a program's name and arguments cannot be empty or have a NUL")
    pipe = subprocess.PIPE if capture else None
    with _interrupt_kept(argv[0]) as pass_on:
        with _no_suspend():
            try:
                process = subprocess.Popen(
                    list(argv),
                    stdin=pipe if given else subprocess.DEVNULL if capture else None,
                    stdout=pipe,
                    stderr=subprocess.STDOUT if capture else None,
                    process_group=0,
                    pass_fds=pass_fds,
                    env={**os.environ, **environment} if environment else None,
                )
            except OSError as error:
                pass_on(None)
                raise _start_failure(argv[0], error) from error
        try:
            with _foreground(None if capture else process.pid):
                pass_on(process)
                return _wait(process, argv[0], timeout, given)
        finally:
            _close(process)


@contextmanager
def _interrupt_kept(name: str) -> Iterator[Callable[[Popen[bytes] | None], None]]:
    """Keep a Ctrl-C that comes while a program starts, and yield what passes it on: it was
    meant for that, though the terminal was still ours. It is `Interrupted` where the program
    would not have the terminal, or did not start."""
    if not _hears_signals():
        yield lambda _: None
        return
    pressed: list[int] = []
    before = _signal.signal(_signal.SIGINT, lambda number, _: pressed.append(number))

    def pass_on(process: Popen[bytes] | None) -> None:
        _signal.signal(_signal.SIGINT, before)
        if not pressed:
            return
        if process is not None and process.stdout is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, _signal.SIGINT)
            return
        if process is not None:
            _kill(process)
        raise Interrupted(f"{display(name)} was interrupted")

    try:
        yield pass_on
    finally:
        _signal.signal(_signal.SIGINT, before)


def _hears_signals() -> bool:
    """Tell whether this is the main thread, whose number is the process's."""
    return get_native_id() == os.getpid()


def _wait(process: Popen[bytes], name: str, timeout: float | None, given: bytes) -> Completed:
    import subprocess

    output = b""
    try:
        if process.stdout is None and timeout is None:
            _wait_here(process, name)
        else:
            output = process.communicate(given or None, timeout=timeout)[0] or b""
    except subprocess.TimeoutExpired as error:
        raise _out_of_time(process, name, timeout or 0) from error
    except KeyboardInterrupt:
        _kill(process)
        raise Interrupted(f"{display(name)} was interrupted") from None
    return Completed(process.returncode, output.decode("utf-8", "surrogateescape"))


def _out_of_time(process: Popen[bytes], name: str, timeout: float) -> TimedOut:
    """End a program and all that it has started; return what is to be told of it."""
    limit, hint = duration(timeout), "give it more time with a longer timeout"
    if _ends_by_itself(process):
        _kill(process)  # those of its group that are left
        return TimedOut(f"{display(name)} was stopped after {limit}", hint=hint)
    _kill(process)
    if _reap(process):
        how = f"{display(name)} was killed after {limit}: it did not end by SIGTERM"
        return TimedOut(how, hint=hint)
    return TimedOut(
        f"{display(name)} hangs in the kernel, and is left behind after {limit}", hint=_DYING
    )


def _ends_by_itself(process: Popen[bytes]) -> bool:
    """Ask a program's group to end; tell whether the program has, in time."""
    import subprocess

    _kill(process, _signal.SIGTERM)
    try:
        process.wait(_DEATH)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        return False
    return True


def _wait_here(process: Popen[bytes], name: str) -> None:
    """Wait for a program that has the terminal; give up one that a person's Ctrl-C does not
    reach, and that cannot even be killed."""
    from select import select

    unheard = 0
    try:
        ended = os.pidfd_open(process.pid)
    except OSError:  # a kernel before Linux 5.3
        process.wait()
        return
    try:
        while not select([ended], [], [], _DEATH)[0]:
            unheard = unheard + 1 if _is_deaf(process.pid) else 0
            if unheard < 2:
                continue
            _kill(process)
            if not _reap(process):
                raise IoFailure(
                    f"{display(name)} hangs in the kernel, and is left behind", hint=_DYING
                )
    finally:
        os.close(ended)
    process.wait()


def _is_deaf(group: int) -> bool:
    """Tell whether a signal that ends programs waits in one of a group, which neither has it
    blocked nor ignores it: it is stopped, or hangs in the kernel (proc(5))."""
    for name in os.listdir("/proc"):
        if not name.isdecimal():
            continue
        try:
            if os.getpgid(int(name)) != group:
                continue
            with open(f"/proc/{name}/status", encoding="utf-8", errors="replace") as file:
                facts = dict(line.split(":", 1) for line in file if ":" in line)
        except OSError:  # it ended meanwhile
            continue
        pending, blocked, ignored = (int(facts[key], 16) for key in ("ShdPnd", "SigBlk", "SigIgn"))
        if pending & _ENDING & ~blocked & ~ignored:
            return True
    return False


def _close(process: Popen[bytes]) -> None:
    """Let go of a program; one that cannot be killed must not keep us."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(OSError):
                pipe.close()
    if process not in _left_behind:
        _reap(process)


def _reap(process: Popen[bytes]) -> bool:
    """Take note of a program's end; tell whether it came in time."""
    import subprocess

    try:
        process.wait(_DEATH)
    except subprocess.TimeoutExpired:
        _left_behind.append(process)
        return False
    return True


def _kill(process: Popen[bytes], number: int = _signal.SIGKILL) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


@contextmanager
def _no_suspend() -> Iterator[None]:
    """Start programs with Ctrl-Z ignored: stopped, they could not be continued here.
    Ctrl-\\ ends one that takes no notice of Ctrl-C."""
    if not _hears_signals():
        yield
        return
    before = _signal.signal(_signal.SIGTSTP, _signal.SIG_IGN)
    quit = _signal.signal(_signal.SIGQUIT, _signal.SIG_DFL)
    try:
        yield
    finally:
        _signal.signal(_signal.SIGTSTP, before)
        _signal.signal(_signal.SIGQUIT, quit)


@contextmanager
def _foreground(group: int | None) -> Iterator[None]:
    """Make a process group the terminal's foreground, and take the terminal back."""
    terminal = _terminal() if group is not None else None
    if terminal is None or group is None:
        yield
        return
    before = _signal.signal(_signal.SIGTTOU, _signal.SIG_IGN)
    modes = _modes(terminal)
    _set_modes(terminal, _with_quit(modes))
    try:
        _give(terminal, group)
        # It may have asked for the terminal before that, and been stopped for it.
        with suppress(ProcessLookupError):
            os.killpg(group, _signal.SIGCONT)
        yield
    finally:
        _give(terminal, os.getpgrp())
        _set_modes(terminal, modes)
        _signal.signal(_signal.SIGTTOU, before)
        os.close(terminal)


def _modes(terminal: int) -> list[Any] | None:
    import termios

    try:
        return termios.tcgetattr(terminal)
    except termios.error:
        return None


def _with_quit(modes: list[Any] | None) -> list[Any] | None:
    """Return modes in which Ctrl-\\ sends SIGQUIT; the prompt takes it off the terminal."""
    import termios

    if modes is None:
        return None
    characters = list(modes[6])
    characters[termios.VQUIT] = b"\x1c"
    return [*modes[:6], characters]


def _set_modes(terminal: int, modes: list[Any] | None) -> None:
    """Put a terminal's modes back: a program that was killed leaves its own."""
    import termios

    if modes is not None:
        with suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSADRAIN, modes)


def _terminal() -> int | None:
    """Return the controlling terminal, where we are its foreground."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return None
    if os.tcgetpgrp(terminal) == os.getpgrp():
        return terminal
    os.close(terminal)
    return None


def _give(terminal: int, group: int) -> None:
    try:
        os.tcsetpgrp(terminal, group)
    except OSError:  # the group ended already, or the terminal went away
        return


# feature of `kximage loader --with` -> program -> the Debian package that has it
FEATURES = {
    "luks": {"cryptsetup": "cryptsetup-bin"},
    "lvm": {"lvm": "lvm2"},
    "md": {"mdadm": "mdadm"},
    "net": {"busybox": "busybox-static"},
    "keymaps": {},
}


def missing(program: str, feature: str) -> IoFailure:
    """Return the failure for a program that only some loaders have. Not `NotFound`: what
    was asked for may well be there."""
    package = FEATURES[feature][program]
    return IoFailure(
        f"there is no program {program!r} here",
        hint=f"a loader that has it: `kximage loader --with {feature}`; "
        f"on Debian: apt install {package}",
    )


def _start_failure(name: str, error: OSError) -> Failure:
    shown = display(name)
    if isinstance(error, FileNotFoundError):
        near = nearest(os.path.basename(name), _programs(), most=10_000)
        return NotFound(
            f"there is no program {shown!r}",
            hint=f"did you mean {near!r}?" if near else "",
            errno=error.errno,
        )
    if error.errno == errno.ENOEXEC:
        return FormatFailure(f"{shown} is not a program of this machine", errno=error.errno)
    return from_os_error(error, f"starting {shown}")


def _programs() -> list[str]:
    names: list[str] = []
    for directory in os.environ.get("PATH", os.defpath).split(":"):
        try:
            names += os.listdir(directory or ".")
        except OSError:
            continue
    return names
