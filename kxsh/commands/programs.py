"""The system around the script: modprobe, keymap, run."""

from __future__ import annotations

from kxsh.commands.context import Context
from kxsh.commands.registry import command
from kxsh.errors import IoFailure, UsageError
from kxsh.signature import argument, flag, option, rest
from kxsh.text import display
from kxsh.values import DURATION, NULL, STR, TEXT


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
