"""The system around the script: modprobe, keymap, has, run."""

from __future__ import annotations

from kxsh import __version__
from kxsh.commands.context import Context
from kxsh.commands.registry import command
from kxsh.errors import IoFailure, UsageError
from kxsh.signature import argument, flag, option, rest
from kxsh.text import display
from kxsh.usage import probe_fault
from kxsh.values import BOOL, DURATION, NULL, STR, TEXT


@command(
    "modprobe",
    argument("module", STR, "the module's name"),
    rest("parameters", STR, "module parameters, as name=value"),
    raises=("not-found", "io", "denied"),
    effects=("modules",),
    examples=("modprobe usb-storage delay_use=0",),
)
def modprobe(context: Context, module: str, *parameters: str) -> None:
    """Load a kernel module and what it needs; one that is there already is fine.

    The usual storage modules are loaded before the script starts.
    """
    context.machine.load_module(module, " ".join(parameters))


@command(
    "keymap",
    argument("layout", STR, "such as de, fr, uk, us"),
    raises=("not-found", "io", "denied"),
    examples=("keymap de",),
)
def keymap(context: Context, layout: str) -> None:
    """Set the keyboard layout of the machine's own screen; a serial line has none.

    Without it the layout is the American one. Every loader has those that most keyboards are
    sold with, one that was built `--with keymaps` all that there are. `de` is de-latin1,
    with umlauts; so are `fr`, `fi` and their like.
    """
    known = layout.replace("-", "").replace("_", "").replace(".", "")
    if not known.isascii() or not known.isalnum() or layout[0] in "-.":
        raise UsageError(f"`{display(layout)}` is no layout's name", code="KX204")
    context.machine.set_keymap(layout)


@command(
    "has",
    argument(
        "kind", STR, "what is asked about",
        choices=("module", "filesystem", "program", "feature", "version"),
    ),
    argument("name", STR, "its name; a version: numbers with points"),
    returns=BOOL,
    examples=(
        'if has filesystem btrfs { say "btrfs can be mounted" }',
        'if not has feature luks { say "this loader opens no LUKS" }',
        "let new = has version 0.2",
    ),
)  # fmt: skip
def has(context: Context, kind: str, name: str) -> bool:
    """Tell whether this loader has something, so that one script serves several loaders.

    `module`: the kernel has it, built in or to be loaded. `filesystem`: the kernel can mount it.
    `program`: `run` finds it. `feature`: what `kximage loader --with` luks, lvm, md or net
    brings. `version`: this kxsh is that one, or newer. It changes and loads nothing.

    Commands and options cannot be asked about: a script with one that is unknown does not pass
    the check before it starts, and the first line, `kxs 1`, says which there are. For a keyboard
    layout, `keymap NAME ?` does. A rehearsal with `--image` does not know the loader: it
    takes all for there, and says so.
    """
    fault = probe_fault(kind, name)
    if fault is not None:
        raise fault
    if kind == "version":
        return _numbers(__version__) >= _numbers(name)
    return context.machine.has(kind, name)


def _numbers(version: str) -> list[int]:
    """Return a version's numbers, to be compared; 1.0 is 1."""
    numbers = [int(part or 0) for part in version.split(".")]
    while numbers and not numbers[-1]:
        numbers.pop()
    return numbers


@command(
    "run",
    argument("program", STR, "a program's name or path"),
    rest("arguments", TEXT, "its arguments, options too", raw=True),
    option("timeout", DURATION, "end it after this long (before the program's name)"),
    flag("capture", "return what it prints instead of showing it (before the program's name)"),
    returns=STR.or_null(),
    raises=("not-found", "io", "timeout", "denied"),
    examples=("run lsblk -f", "let text = run --capture lsblk\nsay $text"),
    results=("capture", {True: STR, False: NULL}),
)
def run(
    context: Context, program: str, *arguments: str, timeout: float | None, capture: bool
) -> str | None:
    """Run another program with these arguments: no shell, no expansion.

    It has the terminal, and Ctrl-C is its own. Without `--capture` the result is null. An
    exit status other than 0 is a failure of class io, and so is an end by a signal. After
    `--timeout` it and all that it has started get SIGTERM, a second later SIGKILL; what
    hangs in the kernel is left behind, and the script goes on with a failure of class timeout.
    """
    finished = context.machine.run((program, *arguments), capture=capture, timeout=timeout)
    if finished.status:
        said = finished.output.strip().splitlines()
        raise IoFailure(
            f"{display(program)} {how_it_ended(finished.status)}",
            tried=[f"it said: {line}" for line in said[-3:]],
        )
    return finished.output.removesuffix("\n") if capture else None


def how_it_ended(status: int) -> str:
    """Return a program's exit status in words; below 0 it is the signal that ended it."""
    if status >= 0:
        return f"ended with status {status}"
    import signal

    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    return f"was ended by {name}" + (" (Ctrl-C)" if status == -2 else "")
