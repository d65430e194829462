"""What was done, as lines of a script that do it again. None stands for what has no such
line: a name that no script can spell, a file that was written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kxsh.boot.entry import Entry, elsewhere
from kxsh.boot.plan import Plan
from kxsh.console.prompt.grub_names import spelled
from kxsh.console.script.journal import Effect
from kxsh.console.words.quoting import quoted
from kxsh.machine.protocol import Device, Machine, Mount, Opened
from kxsh.text import display


def entry_of(kernel: object) -> Entry | None:
    """Return what `load` takes as an entry: files and a command line."""
    if isinstance(kernel, Plan):
        return kernel.entry
    return kernel if isinstance(kernel, Entry | None) else Entry("", str(kernel), str(kernel))


def load_line(machine: Machine, entry: Entry, mounts: Sequence[Mount]) -> str | None:
    """Return the line that loads an entry's files, which `mounts` held, with its command
    line."""
    words = [file_word(machine, entry.kernel, mounts)]
    for option, paths in (
        ("--initrd", entry.initrds),
        ("--module", entry.modules),
        ("--dtb", (entry.dtb,) if entry.dtb else ()),
    ):
        for path in paths:
            words += [option, file_word(machine, path, mounts)]
    cmdline = entry.handover or entry.cmdline
    words += ["--cmdline", quoted(cmdline) if cmdline else "''"]
    return _line("load", words)


def file_word(machine: Machine, path: str, mounts: Sequence[Mount]) -> str | None:
    """Return a file as a script names it: on its device, whatever that is called."""
    place = elsewhere(path)
    if place is not None:
        device = next((one for one in machine.devices() if one.path == place[0]), None)
        return None if device is None else _on(device, place[1], machine)
    holding = [one for one in mounts if path.startswith(one.path.rstrip("/") + "/")]
    if not holding:
        return quoted(path)
    mount = max(holding, key=lambda one: len(one.path))
    return _on(mount.device, path[len(mount.path.rstrip("/")) :], machine)


def devices_of(effect: Effect, loaded: Plan | None) -> list[Device]:
    """Return the devices that a mount, or the load of the kernel that is loaded now, takes."""
    if isinstance(effect.resource, Mount):
        return [effect.resource.device]
    entry = entry_of(loaded)
    if effect.verb != "load" or entry is None:
        return []
    found = []
    modules = [module.partition(" ")[0] for module in entry.modules]
    for path in filter(None, (entry.kernel, *entry.initrds, *modules, entry.dtb)):
        holding = [one for one in effect.mounts if path.startswith(one.path.rstrip("/") + "/")]
        if holding:
            found.append(max(holding, key=lambda one: len(one.path)).device)
    return found


def is_same(one: Device, other: Device) -> bool:
    """Tell whether two devices have the same filesystem, whatever number a loop device got."""
    named = bool(one.uuid or one.label)
    facts = [(device.uuid, device.label, device.fstype) for device in (one, other)]
    return one.path == other.path or (named and facts[0] == facts[1])


def _on(device: Device, path: str, machine: Machine) -> str | None:
    word = quoted(path)
    return None if word is None else f"{spelled(device, machine.devices())}:{word}"


def mount_line(machine: Machine, mount: Mount) -> str | None:
    """Return the line that mounts the same again, where it was."""
    words = [spelled(mount.device, machine.devices()), quoted(mount.path)]
    if mount.options:
        words += ["--options", quoted(",".join(mount.options))]
    if mount.writable:
        words.append("--rw")
    return _line("mount", words)


def line_of(machine: Machine, effect: Effect, loaded: Plan | None) -> str | None:
    """Return the line that does once more what one effect says; `loaded` is the kernel that
    is loaded now."""
    resource, given = effect.resource, effect.given
    if effect.verb == "mount" and isinstance(resource, Mount):
        return mount_line(machine, resource)
    if effect.verb == "open" and isinstance(resource, Opened):
        return _open_line(machine, resource, effect)
    if effect.verb == "load":
        entry = entry_of(loaded)
        return None if entry is None else load_line(machine, entry, effect.mounts)
    if effect.verb == "unmount":
        return _line("umount", [quoted(effect.what)])
    command = {
        "policy": "on-failure",
        "module": "modprobe",
        "keymap": "keymap",
        "run": "run",
        "firmware": "next-boot",
    }
    if effect.verb in command and given:
        return _line(command[effect.verb], [quoted(str(word)) if word else "''" for word in given])
    return None


def _open_line(machine: Machine, opened: Opened, effect: Effect) -> str | None:
    devices = machine.devices()
    words = [
        spelled(one, devices)
        if isinstance(one, Device)
        else file_word(machine, str(one), effect.mounts)
        for one in effect.given
    ]
    if opened.kind == "luks":
        return _line("luks-open", [*words, "--name", quoted(opened.name)])
    if opened.kind == "volumes":
        return _line("lvm-activate", [quoted(opened.name)])
    if opened.kind == "arrays":
        return _line("md-assemble", words)
    if opened.kind == "loop":
        return _line("loop-open", words)
    if opened.kind == "network":
        return _line("net-up", ["--interface", *words] if words else [])
    return None


def _line(command: str, words: Iterable[str | None]) -> str | None:
    known = list(words)
    return None if None in known else " ".join([command, *(word for word in known if word)])


def literal(value: object) -> str | None:
    """Return a value as an expression writes it, None where none does.

    >>> literal(["it's", 2, True, None, {"a b": "$x"}])
    '["it\\'s", 2, true, null, [\\'a b\\': \\'$x\\']]'
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):  # sizes and durations with their unit
        return str(value)
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, list):
        return _joined([literal(item) for item in value])
    if isinstance(value, dict):
        pairs = [(_string(key), literal(item)) for key, item in value.items()]
        if not pairs:
            return "[:]"
        return _joined([key and item and f"{key}: {item}" for key, item in pairs])
    return None


def _joined(items: list[str | None]) -> str | None:
    return None if None in items else f"[{', '.join(item for item in items if item)}]"


def _string(text: str) -> str | None:
    plain = text.replace("\n", "")
    if plain != display(plain, len(plain) + 1):
        return None
    if "'" not in text and "\n" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return '"' + escaped.replace("\n", "\\n") + '"'
