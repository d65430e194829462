"""`kxsh state get|set`: states of the boot script, read and changed on the booted system."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from kxsh.boot.state import SIZE_LIMIT, SUFFIX, file_of, format_state, is_name, read_state
from kxsh.cli.reading import report
from kxsh.errors import Failure, FormatFailure, KxshError, NotFound
from kxsh.machine.linux import LinuxMachine, durable
from kxsh.machine.root import DirectoryRoot
from kxsh.text import display

DESCRIPTION = """\
Read or change what `state` and `save` of a boot script keep from boot to boot.

  kxsh state get slots                 all of it
  kxsh state get slots left.A          one value
  kxsh state set slots left.A 3        from the booted system: this slot works

A NAME is looked for in kxsh/state on every FAT filesystem that is mounted, then (as root)
on the others. A file's path (with a / or .json in it) is taken as it is.
"""
ACTIONS = ("get", "set")


def is_call(words: Sequence[str]) -> bool:
    """Tell whether a command line is `kxsh state ...`; a script of that name is ./state."""
    return words[:1] == ["state"] and len(words) > 1 and words[1] in (*ACTIONS, "-h", "--help")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of what follows `kxsh state`."""
    parser = argparse.ArgumentParser(
        prog="kxsh state",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=ACTIONS)
    parser.add_argument("state", metavar="NAME", help="the state's name, or its file")
    parser.add_argument("key", metavar="KEY", nargs="?", help="left.A; a list's place: order.0")
    parser.add_argument("value", metavar="VALUE", nargs="?", help="JSON; anything else is text")
    parser.add_argument("--esp", metavar="DIR", help="where the loader's partition is mounted")
    return parser


def run(words: Sequence[str]) -> int:
    """Do what the words after `state` say; return the exit code."""
    parser = build_parser()
    arguments = parser.parse_args(words)
    if arguments.action == "set" and arguments.value is None:
        parser.error("set needs KEY and VALUE")
    if arguments.action == "get" and arguments.value is not None:
        parser.error("get takes no VALUE")
    try:
        with _place(arguments.state, arguments.esp) as (base, path):
            data, _ = read_state(DirectoryRoot(base, ignores_case=True), path)
            if arguments.action == "get":
                print(_shown(_value(data, arguments.key)))
                return 0
            _change(data, arguments.key, _parsed(arguments.value))
            durable.replace(base, path, format_state(data))
            return 0
    except KxshError as error:
        return report(error)


@contextmanager
def _place(state: str, esp: str | None) -> Iterator[tuple[str, str]]:
    """Give the directory and the path below it of a state's file."""
    if "/" in state or state.endswith(SUFFIX):
        folder, name = os.path.split(os.path.abspath(state))
        yield folder, name
        return
    if not is_name(state):
        raise FormatFailure(f"{display(state)!r} is no state's name", hint="a file: ./NAME.json")
    path = file_of(state)
    if esp is not None:
        yield esp, path
        return
    there = [folder for folder in _mounted() if _holds(folder, path)]
    if len(there) > 1:
        raise FormatFailure(
            f"several filesystems have a state {state}: {', '.join(map(display, there))}",
            hint="choose one: --esp DIR",
        )
    if there:
        yield there[0], path
        return
    with _unmounted(state, path) as folder:
        yield folder, path


def _mounted() -> list[str]:
    """Return where FAT filesystems are mounted (proc_mounts(5))."""
    with open("/proc/mounts", encoding="utf-8", errors="surrogateescape") as file:
        rows = [line.split() for line in file]
    folders = [row[1] for row in rows if len(row) > 2 and row[2] in ("vfat", "msdos")]
    return [folder.replace("\\040", " ") for folder in dict.fromkeys(folders)]


@contextmanager
def _unmounted(state: str, path: str) -> Iterator[str]:
    """Mount the one FAT filesystem that has the state, until this ends."""
    machine = LinuxMachine()
    found = []
    for device in machine.devices():
        if device.fstype not in ("vfat", "msdos"):
            continue
        try:
            mount = machine.mount(device)
        except Failure:  # in use, broken, or we are not root
            continue
        if _holds(mount.path, path):
            found.append(device)
        machine.unmount(mount)
    if not found:
        raise NotFound(
            f"there is no state {state} on any FAT filesystem",
            hint="only root may look at those that are not mounted; or name it: --esp DIR"
            if os.geteuid() != 0
            else "the boot script makes it, with `save`",
        )
    if len(found) > 1:
        raise FormatFailure(
            f"several filesystems have a state {state}: {', '.join(map(str, found))}",
            hint="mount the right one and name it: --esp DIR",
        )
    mount = machine.mount(found[0], writable=True)
    try:
        yield mount.path
    finally:
        machine.unmount(mount)


def _holds(folder: str, path: str) -> bool:
    try:
        return DirectoryRoot(folder, ignores_case=True).stat(path) is not None
    except Failure:
        return False


# -- values


def _value(data: object, key: str | None) -> object:
    for name in key.split(".") if key else ():
        data = _step(data, name, key or "")
    return data


def _step(data: object, name: str, key: str) -> object:
    if isinstance(data, dict) and name in data:
        return data[name]
    if isinstance(data, list) and name.isascii() and name.isdigit() and int(name) < len(data):
        return data[int(name)]
    keys = f"its keys: {', '.join(map(display, data))}" if isinstance(data, dict) else ""
    raise NotFound(f"the state has no {display(key)}", hint=keys)


def _change(data: dict[str, object], key: str, value: object) -> None:
    *before, last = key.split(".")
    target = _value(data, ".".join(before))
    if isinstance(target, dict):
        target[last] = value
    elif isinstance(target, list):
        _step(target, last, key)
        target[int(last)] = value
    else:
        raise FormatFailure(f"{display('.'.join(before))} is neither a map nor a list")


def _parsed(text: str) -> object:
    """Return a value from the command line: `3`, `true`, `["A"]`; what is no JSON is text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _shown(value: object) -> str:
    """Return a string as it is, for scripts, and all else as JSON."""
    return display(value, SIZE_LIMIT) if isinstance(value, str) else json.dumps(value, indent=2)
