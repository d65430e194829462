"""`search` and `probe` (grub-core/commands/search.c, search_wrap.c, probe.c)."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.menus.grub2.devices import Volume
from kxsh.menus.grub2.interpreter import Interpreter
from kxsh.menus.grub2.numbers import (
    BAD_ARGUMENT,
    FILE_NOT_FOUND,
    INVALID_COMMAND,
    NONE,
    UNKNOWN_DEVICE,
    UNKNOWN_FS,
)
from kxsh.menus.grub2.options import Options
from kxsh.menus.grub2.tree import Block
from kxsh.text import display

Builtin = Callable[[Interpreter, list[str], Block | None], int]

_SEARCH = Options(
    "f:file l:label u:fs-uuid s:set? n:no-floppy h:hint= -:hint-ieee1275= -:hint-bios= "
    "-:hint-baremetal= -:hint-efi= -:hint-arc= -:efidisk-only -:part-uuid -:fs-label",
    dashes=True,
)
_PROBE = Options("s:set= d:driver p:partmap f:fs u:fs-uuid l:label -:part-uuid")


def _search(script: Interpreter, words: list[str], _: Block | None) -> int:
    parsed = _SEARCH.parse(words)
    if parsed is None or not parsed[1]:
        return script.fail(BAD_ARGUMENT, "search: an argument is missing or wrong")
    options, arguments = parsed
    name = (options["set"][-1] or "root") if "set" in options else ""
    hints = [hint for key, values in options.items() if key.startswith("hint") for hint in values]
    for key, kind in (
        ("label", "label"),
        ("fs-label", "label"),
        ("fs-uuid", "uuid"),
        ("part-uuid", "partuuid"),
        ("file", "file"),
    ):
        if key in options:
            return _find(script, kind, arguments[0], name, hints)
    return script.fail(INVALID_COMMAND, "search: neither --file, --label nor --fs-uuid")


def _direct(kind: str) -> Builtin:
    """Return `search.file` and its like: what, then the variable, then hints."""

    def run(script: Interpreter, words: list[str], _: Block | None) -> int:
        if not words:
            return script.fail(BAD_ARGUMENT, "search: an argument is missing")
        return _find(script, kind, words[0], words[1] if len(words) > 1 else "", words[2:])

    return run


def _find(script: Interpreter, kind: str, wanted: str, name: str, hints: list[str]) -> int:
    volumes = script.world.devices.all()
    hinted = {hint.strip("()").rstrip(",") for hint in hints}
    volumes.sort(key=lambda volume: volume.name not in hinted)
    for volume in volumes:
        if _is(script, volume, kind, wanted):
            if name:
                script.set(name, volume.name)
            else:
                script.say(f" {volume.name}\n")
            return NONE
    return script.fail(FILE_NOT_FOUND, f"search: no device with {kind} {display(wanted, 80)}")


def _is(script: Interpreter, volume: Volume, kind: str, wanted: str) -> bool:
    if kind == "label":
        return volume.device.label == wanted
    if kind == "uuid":
        return bool(volume.device.uuid) and volume.device.uuid.casefold() == wanted.casefold()
    if kind == "partuuid":
        return (
            bool(volume.device.partuuid) and volume.device.partuuid.casefold() == wanted.casefold()
        )
    if not wanted.startswith("/"):
        return False
    facts = script.world.facts(volume, wanted)
    return facts is not None and facts.kind != "directory"


def _probe(script: Interpreter, words: list[str], _: Block | None) -> int:
    parsed = _PROBE.parse(words)
    if parsed is None or not parsed[1]:
        return script.fail(BAD_ARGUMENT, "probe: an argument is missing or wrong")
    options, arguments = parsed
    volume = script.world.volume(arguments[0], script.root)
    if volume is None:
        return script.fail(UNKNOWN_DEVICE, f"probe: no such device: {display(arguments[0], 60)}")
    value = _fact(volume, options)
    if value is None:
        return BAD_ARGUMENT
    if not value:
        return UNKNOWN_FS
    if "set" in options:
        script.set(options["set"][-1], value)
    else:
        script.say(value)
    return NONE


def _fact(volume: Volume, options: dict[str, list[str]]) -> str | None:
    partition = volume.name.partition(",")[2].rstrip("0123456789")
    facts = {
        "driver": "biosdisk",
        "partmap": partition or "none",
        "fs": volume.filesystem,
        "fs-uuid": volume.device.uuid,
        "label": volume.device.label,
        "part-uuid": volume.device.partuuid,
    }
    return next((value for key, value in facts.items() if key in options), None)


BUILTINS: dict[str, Builtin] = {
    "search": _search,
    "search.file": _direct("file"),
    "search.fs_label": _direct("label"),
    "search.fs_uuid": _direct("uuid"),
    "search.part_uuid": _direct("partuuid"),
    "probe": _probe,
}
