"""`ls` and `cat` at the prompt: on any filesystem, mounted or not, as fingers expect them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from kxsh.commands.context import Context
from kxsh.console.tables import table
from kxsh.errors import Failure, FormatFailure
from kxsh.interpreter.scope import Scope, close_resource
from kxsh.machine.protocol import FileFacts, Machine
from kxsh.text import display, size
from kxsh.values import split_location, split_spec

# A person scrolls no further, and a terminal line shows no more.
_NAMES = 2000
_TEXT = 1024 * 1024
_LINE = 4000


@contextmanager
def closing(machine: Machine, scope: Scope) -> Iterator[None]:
    """Close at the end what a look has opened: it changes nothing, so `undo` has nothing."""
    before = list(scope.resources)
    try:
        yield
    finally:
        for resource in [item for item in reversed(scope.resources) if item not in before]:
            with suppress(Failure):  # it stays open, and `mounts` and `undo` know it
                close_resource(machine, resource)
                scope.resources.remove(resource)


def listing(
    machine: Machine, path: str, columns: int, shown: Callable[[str], str] = display
) -> str:
    """Return what is in a directory, folders first: names and sizes; a file is itself."""
    root, inside = machine.locate(path)
    facts = root.stat(inside)
    if facts is None or facts.kind != "directory":
        if facts is None:
            root.list(inside)  # says what is missing, and the nearest name
        return _rows([FileFacts("file", facts.size if facts else 0, path)], columns, shown)
    names = root.list(inside)
    if not names:
        return "an empty directory"
    found: list[FileFacts] = []
    for name in names[:_NAMES]:
        one = root.stat(f"{inside.rstrip('/')}/{name}")
        found.append(FileFacts(one.kind if one else "other", one.size if one else 0, name))
    listed = _rows(sorted(found, key=lambda one: one.kind != "directory"), columns, shown)
    if len(names) > _NAMES:
        listed += f"\n... and {len(names) - _NAMES} more"
    return listed


def is_device(machine: Machine, path: str) -> bool:
    """Tell whether a path names no file but a device, as ``LABEL=X``."""
    if path.startswith("/dev/"):
        return any(path in (device.path, *device.names) for device in machine.devices())
    return split_spec(path) is not None and split_location(path) is None


def on_device(context: Context, path: str) -> str:
    """Return where the file of ``/dev/sda1/boot`` is: `$esp/boot` is written so."""
    if path.startswith("/dev/"):
        for device in context.machine.devices():
            for name in (device.path, *device.names):
                if path.startswith(f"{name}/"):
                    return context.mount_unseen(device.path).path + path[len(name) :]
    return path


def _rows(found: list[FileFacts], columns: int, shown: Callable[[str], str]) -> str:
    rows = []
    for one in found:
        folder = one.kind == "directory"
        about = "" if folder else size(one.size) if one.kind == "file" else "-"
        rows.append((about.rjust(10), one.path + ("/" if folder else "")))
    return table(rows, columns, shown)


def contents(machine: Machine, path: str) -> str:
    """Return a text file's lines, what is no printable character in them as escapes."""
    root, inside = machine.locate(path)
    facts = root.stat(inside)
    if facts is not None and facts.kind == "directory":
        raise FormatFailure(f"{path} is a directory", hint=f"`ls {path}` shows what is in it")
    data = root.read(inside, _TEXT)
    if b"\0" in data[:4096]:
        raise FormatFailure(f"{path} is no text", hint=f"`ls` and `stat` tell of it: stat {path}")
    text = data.decode("utf-8", "surrogateescape").removesuffix("\n")
    return "\n".join(display(line.expandtabs(), _LINE) for line in text.split("\n"))
