"""Words that name one of a known set: modules, layouts, programs, topics, types of files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator

from kxsh.commands import COMMANDS
from kxsh.commands import help as builtin_help
from kxsh.completion.candidates import Candidate, begins
from kxsh.completion.position import Call, Position
from kxsh.console.help import topics
from kxsh.console.prompt.session import Session
from kxsh.console.words.places import Places
from kxsh.console.words.quoting import quoted, unquoted
from kxsh.machine.protocol import Root
from kxsh.signature import Parameter
from kxsh.text import MIB
from kxsh.usage import PROBED

Named = Iterable[tuple[str, str]]  # words, each with its second column

_LIMIT = 8 * MIB
# Modules whose files are opened for their description: a short list's.
_DESCRIBED = 12
_DESCRIPTION = re.compile(rb"(?:^|\0)description=([^\0]{1,200})")
_LAYOUTS = "/usr/share/keymaps"
_LAYOUT = ".bmap"


def named_words(
    session: Session, places: Places, position: Position, call: Call, parameter: Parameter
) -> Iterator[Candidate] | None:
    """Return the words of the set that a parameter names; None: it names no such set."""
    find = _SETS.get((call.name, parameter.name))
    if (call.name, parameter.name) == ("has", "name"):
        find = _PROBED.get(call.arguments[0]) if call.arguments else None
    if find is None:
        return None
    typed = unquoted(position.word)
    found = [(word, note) for word, note in find(session, places) if begins(word, typed)]
    if call.name == "modprobe":
        found = _described(found, places)
    return _candidates(position, found)


def _candidates(position: Position, found: Named) -> Iterator[Candidate]:
    for word, note in found:
        text = quoted(word)
        if text:
            yield Candidate(text + " ", position.start, word, note)


# -- the sets


def _topics(session: Session, places: Places) -> Named:
    for command in (*session.commands.values(), *COMMANDS.values()):
        yield command.name, command.summary
    for name in topics.topic_names():
        yield name, "a topic"
    for name in builtin_help.library_names():
        yield name, "of the library"
    if session.failure(1) is not None:
        yield str(getattr(session.failure(1), "code", "")), "the last failure's code"


def _mounts(session: Session, places: Places) -> Named:
    for mount in session.interpreter.machine.mounts():
        yield mount.path, str(mount.device)


def programs(session: Session, places: Places) -> Named:
    """Yield the programs that a name alone starts."""
    for directory in session.program_directories():
        for facts in places.listing(directory):
            if facts.kind == "file":
                yield facts.path, "program"


def _layouts(session: Session, places: Places) -> Named:
    for facts in places.listing(_LAYOUTS):
        if facts.path.endswith(_LAYOUT):
            yield facts.path.removesuffix(_LAYOUT), ""


def _interfaces(session: Session, places: Places) -> Named:
    for facts in places.listing("/sys/class/net"):
        if facts.path != "lo":
            yield facts.path, ""


def _firmware(session: Session, places: Places) -> Named:
    for entry in places.firmware():
        notes = ["started this machine"] * entry.current + ["is next"] * entry.following
        yield str(entry), ", ".join([entry.title, *notes])


def _filesystems(session: Session, places: Places) -> Named:
    """Yield the types that devices have, then those that the kernel knows."""
    for device in places.devices():
        if device.fstype:
            yield device.fstype, f"as on {device.path}"
    data = places.read("/proc/filesystems", _bytes, b"").decode("utf-8", "replace")
    for line in data.splitlines():
        flags, _, name = line.partition("\t")
        if name and flags != "nodev":
            yield name, ""


def _modules(session: Session, places: Places) -> Named:
    """Yield the running kernel's modules with their folder, as modules.dep lists them."""
    for name, path in sorted(_module_files(places)):
        yield name, path.rpartition("/")[0].removeprefix("kernel/")


def _module_files(places: Places) -> Iterator[tuple[str, str]]:
    data = places.read(f"{_module_folder()}/modules.dep", _bytes, b"")
    for line in data.decode("utf-8", "replace").splitlines():
        path = line.partition(":")[0]
        if path:
            yield path.rpartition("/")[2].partition(".ko")[0], path


def _features(session: Session, places: Places) -> Named:
    for name in PROBED:
        yield name, "a feature"


def _module_folder() -> str:
    return f"/lib/modules/{os.uname().release}"


def _described(found: list[tuple[str, str]], places: Places) -> list[tuple[str, str]]:
    """Return modules with their own description beside the folder, where they are few."""
    if len(found) > _DESCRIBED:
        return found
    files = dict(_module_files(places))
    folder = _module_folder()

    def described(name: str, note: str) -> tuple[str, str]:
        text = places.read(f"{folder}/{files[name]}", _description, "")
        return name, f"{note}: {text}" if text else note

    return [described(name, note) for name, note in found]


def _bytes(root: Root, path: str) -> bytes:
    return root.read(path, _LIMIT)


def _description(root: Root, path: str) -> str:
    """Return the description in a module's .modinfo section; empty: it has none that can be
    read (modules are compressed in several ways)."""
    data = root.read(path, _LIMIT)
    if path.endswith(".xz"):
        import lzma

        data = lzma.LZMADecompressor().decompress(data, _LIMIT)
    elif path.endswith(".gz"):
        import zlib

        data = zlib.decompressobj(31).decompress(data, _LIMIT)
    match = _DESCRIPTION.search(data)
    return match[1].decode("utf-8", "replace") if match else ""


_SETS: dict[tuple[str, str], Callable[[Session, Places], Named]] = {
    ("devices", "type"): _filesystems,
    ("help", "topic"): _topics,
    ("keymap", "layout"): _layouts,
    ("modprobe", "module"): _modules,
    ("mount", "type"): _filesystems,
    ("net-up", "interface"): _interfaces,
    ("next-boot", "entry"): _firmware,
    ("run", "program"): programs,
    ("umount", "mount"): _mounts,
}
# By what `has` asks about.
_PROBED: dict[str, Callable[[Session, Places], Named]] = {
    "feature": _features,
    "filesystem": _filesystems,
    "module": _modules,
    "program": programs,
}
