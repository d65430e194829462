"""What is remembered from boot to boot: state, save."""

from __future__ import annotations

from kxsh.boot.state import State, file_of, format_state, is_name, parse_state, read_state
from kxsh.commands.context import Context
from kxsh.commands.registry import command
from kxsh.errors import NotFound, UsageError
from kxsh.machine.protocol import Mount
from kxsh.signature import argument, option
from kxsh.text import display
from kxsh.values import MAP, STATE, STR, TEXT, split_location, split_spec

_EXAMPLE = (
    "let boot = state slots --default [left: [A: 3, B: 3]]\n"
    'set boot.left["A"] = $boot.left["A"] - 1\n'
    "save $boot"
)


@command(
    "state",
    argument("name", STR, "the state's name: small letters, digits, - and _"),
    option("default", MAP, "its keys and values at first; also those that the file lacks"),
    option("at", TEXT, "where it is kept: a device, a directory or a file"),
    returns=STATE,
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=(_EXAMPLE,),
)
def state(
    context: Context, name: str, *, default: dict[str, object] | None, at: str | None
) -> State:
    """Return a map that is remembered from boot to boot, as `save` left it.

    It is read with `$boot.key` and changed with `set boot.key = ...`, as a map is. It is
    kept in kxsh/state/NAME.json on the partition of the loader, unless `--at` names
    another place. Without a file yet it is the `--default`; without that, the failure is
    not-found. A file that a power cut has torn is told, and its copy used.
    """
    if not is_name(name):
        raise UsageError(
            f"`{display(name)}` is no name for a state",
            code="KX204",
            hint="up to 32 small letters, digits, - and _, beginning with a letter or digit",
        )
    device, path = _place(context, name, at)
    root, inner = context.machine.locate(_absolute(context, device, path))
    first = {} if default is None else parse_state(format_state(default), "the default")
    try:
        data, problem = read_state(root, inner)
    except NotFound:
        if default is None:
            raise
        data, problem = {}, ""
    if problem:
        context.console.warn(display(f"state {name}: {problem}", 4000))
    return State(name, {**first, **data}, device, path)


@command(
    "save",
    argument("state", STATE, "what `state` returned"),
    raises=("not-found", "io", "format", "denied"),
    effects=("writes",),
    examples=(_EXAMPLE,),
)
def save(context: Context, state: State) -> None:
    """Write a state to its file, so that a power cut leaves the old one or the new one.

    Its partition is writable for that moment only. A state holds strings, whole numbers,
    true, false, null, lists and maps, 64 KiB in all.
    """
    data = format_state(state.data)
    context.machine.replace_file(_absolute(context, state.device, state.path), data)


def _absolute(context: Context, device: str, path: str) -> str:
    return context.mount_unseen(device).path + path if device else path


def _place(context: Context, name: str, at: str | None) -> tuple[str, str]:
    """Return the device (empty: none, a file of this machine) and the file's path on it."""
    if at is None:
        if context.esp is None:
            raise NotFound(
                "no loader started this, so there is no partition to keep a state on",
                hint="rehearse it on the image: `kxsh --dry-run --image disk.img boot.kxs`; or"
                " name a place: --at LABEL=DATA, or --at FILE",
            )
        return context.esp.path, file_of(name)
    if split_spec(at) or (at.startswith("/dev/") and ":/" not in at):
        return context.find_device(at).path, file_of(name)
    location = split_location(at)
    path = context.mount_unseen(location[0]).path + location[1] if location else at
    root, inner = context.machine.locate(path)
    facts = root.stat(inner)
    if facts is not None and facts.kind == "directory":
        path = path.rstrip("/") + file_of(name)
    return _on_device(context, path)


def _on_device(context: Context, path: str) -> tuple[str, str]:
    """Take a path apart: the mount may be closed by the time that `save` comes."""
    best: Mount | None = None
    for mount in context.machine.mounts():
        inside = path.startswith(mount.path.rstrip("/") + "/")
        if inside and (best is None or len(mount.path) >= len(best.path)):
            best = mount
    return (best.device.path, path[len(best.path.rstrip("/")) :]) if best else ("", path)
