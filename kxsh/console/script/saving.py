"""Files that the prompt writes: a script of the session, a report, the history.

They go to the loader's own partition, which is writable only for that moment, or where a
path says. Nothing that is there is replaced without a word.
"""

from __future__ import annotations

import errno
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from kxsh.errors import Denied, Failure, NotFound
from kxsh.machine.protocol import OLD
from kxsh.text import display
from kxsh.values import split_location

if TYPE_CHECKING:
    from collections.abc import Callable

    from kxsh.commands.context import Context
    from kxsh.machine.protocol import Device, Machine
    from kxsh.source import Source
    from kxsh.syntax import ast

_REPORTS = "/kxsh/reports"
# Of one name; then somebody should clean up.
_MOST_REPORTS = 1000
_ELSEWHERE = "name a disk: LABEL=DATA:/name; `disks` lists them"


# -- where


def place(
    context: Context, path: str, *, in_memory: bool = False, instead: str = _ELSEWHERE
) -> str:
    """Return the absolute path that a file's name stands for: one without a device is on
    the loader's partition, unless it lies below something that is mounted. `in_memory`: the
    rest is lost with the next start, as a loader's own files are; `instead` is what to type
    then."""
    location = split_location(path)
    if location is not None:
        return context.mount_unseen(location[0]).path + location[1]
    mounts = context.machine.mounts()
    if any(path.startswith(mount.path.rstrip("/") + "/") for mount in mounts):
        return path
    if context.esp is not None:
        return f"{context.mount_unseen(context.esp.path).path}/{path.lstrip('/')}"
    if in_memory:
        raise NotFound(
            f"the loader's own partition is not known, and {display(path)} would be in memory"
            " only: lost with the next start",
            hint=f"{instead}. `retry` looks for the loader's partition again",
        )
    if path.startswith("/"):
        return path
    raise NotFound(
        f"no loader started this, so there is no partition for {display(path)}",
        hint="give a whole path: /root/new.kxs, or LABEL=DATA:/new.kxs",
    )


def shown(context: Context, path: str) -> str:
    """Return a path with the device that it is on, as people know it; untrusted text made
    harmless."""
    for mount in context.machine.mounts():
        if path.startswith(mount.path.rstrip("/") + "/"):
            return display(f"{path.removeprefix(mount.path.rstrip('/'))} on {mount.device}")
    return display(path)


def parsed(context: Context, name: str, find_import: Callable[[str], Source] | None) -> ast.Script:
    """Return the script of a name: beside the one that ran, else where `place` says."""
    from kxsh.syntax.decode import decode_source
    from kxsh.syntax.parser import parse_script

    if find_import is not None and not name.startswith("/") and ":/" not in name:
        with suppress(NotFound):
            return parse_script(find_import(name))
    root, inside = context.machine.locate(place(context, name))
    return parse_script(decode_source(name, root.read(inside)))


def write_beside_loader(machine: Machine, esp: Device, path: str, text: str) -> None:
    """Write a file on the loader's partition, wherever that is mounted by now, if it is."""
    mount = next((one for one in machine.mounts() if one.device.path == esp.path), None)
    own = machine.mount(esp) if mount is None else None
    try:
        machine.replace_file(f"{mount or own}/{path}", text.encode("utf-8", "surrogateescape"))
    finally:
        if own is not None:
            machine.unmount(own)


def kept(path: str) -> str:
    """Return where what a file was before it was replaced is; untrusted text made harmless."""
    return display(f"what it was before is in {path.rpartition('/')[2]}{OLD} beside it")


def exists(context: Context, path: str) -> bool:
    root, inside = context.machine.locate(path)
    return root.stat(inside) is not None


def write(context: Context, path: str, text: str, *, instead: str) -> None:
    """Write a file whole; what stands against it is said with what to type `instead`."""
    try:
        context.machine.replace_file(path, text.encode("utf-8", "surrogateescape"))
    except Failure as error:
        reason = _REASONS.get(error.errno or 0) or error.message.rpartition(": ")[2]
        hint = instead if error.errno in (*_REASONS, errno.EACCES) else error.hint or instead
        message = f"{shown(context, path)} could not be written: {reason}"
        raise type(error)(message, errno=error.errno, hint=hint, log=error.log) from error


_REASONS = {
    errno.EROFS: "its medium is write-protected",
    errno.ENOSPC: "its filesystem is full",
    errno.EIO: "its medium may be failing",
}


# -- reports


def new_report(context: Context, *, in_memory: bool, instead: str) -> str:
    """Return the path of a report's file that is not there yet; without a loader it is in
    the directory where kxsh was started. `in_memory` and `instead` as for `place`."""
    folder = _REPORTS if context.esp or in_memory else os.getcwd()
    stem = time.strftime("report-%Y%m%d-%H%M")
    for number in range(1, _MOST_REPORTS):
        suffix = f"-{number}" if number > 1 else ""
        name = f"{folder.rstrip('/')}/{stem}{suffix}.txt"
        path = place(context, name, in_memory=in_memory, instead=instead)
        if not exists(context, path):
            return path
    raise Denied(
        f"{display(folder)} has {_MOST_REPORTS} reports of this minute", hint="remove some of them"
    )
