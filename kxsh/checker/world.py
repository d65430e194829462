"""What the facts say of a script's devices, paths, modules and programs."""

from __future__ import annotations

import posixpath

from kxsh.checker.constants import (
    DiskOf,
    Esp,
    Mounted,
    Named,
    Part,
    Text,
    constant,
    device_of,
    evaluate,
    place_of,
)
from kxsh.commands import COMMANDS
from kxsh.commands.devices import matching
from kxsh.errors import Failure, NotFound
from kxsh.machine.drivers import mounts_as
from kxsh.machine.protocol import Device, FileFacts, Root
from kxsh.source import Span
from kxsh.text import display, nearest
from kxsh.values import split_location, split_spec

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.arguments import Argument, Call
    from kxsh.checker.facts import Facts

# Commands that ask whether something is there; they need not find it.
_ASKING = frozenset(("exists", "glob"))
# Folders serve these too.
_FOLDERS = frozenset(("entries", "bls-entries", "bls-entry", "stat"))


def resolve(facts: Facts, device: object) -> list[Device] | None:
    """Return the devices of the images that a value names; None: that cannot be told."""
    if isinstance(device, Named):
        tag = split_spec(device.spec)
        return matching(list(facts.devices()), device.spec) if tag and facts.devices() else None
    if isinstance(device, Esp):
        esp = facts.esp()
        return [esp] if esp is not None else None
    if isinstance(device, DiskOf):
        return _disk_of(facts, device)
    if isinstance(device, Part):
        return _part(facts, device)
    return None


def _disk_of(facts: Facts, wanted: DiskOf) -> list[Device] | None:
    found = resolve(facts, wanted.device)
    if found is None or len(found) != 1:
        return None
    disk = found[0].disk or found[0].path
    return [device for device in facts.devices() if device.path == disk] or None


def _part(facts: Facts, wanted: Part) -> list[Device] | None:
    """As the command `part` does: the first of a disc without a table is the disc itself."""
    disks = resolve(facts, wanted.disk)
    if disks is None or len(disks) != 1:
        return None
    whole = disks[0].disk or disks[0].path
    there = [device for device in facts.devices() if device.disk == whole]
    found = [device for device in there if device.number == wanted.number]
    if not found and wanted.number == 1:
        found = [device for device in there if device.path == whole and device.fstype]
    return found


def check_device(call: Call, argument: Argument, facts: Facts) -> None:
    """Check that the images have the one device that is named: KX605, KX608."""
    value = argument.value
    spec = constant(value)
    if not isinstance(value, Text) or spec is None or call.handled:
        return
    located = split_location(spec)
    name = located[0] if located else spec
    found = resolve(facts, Named(name))
    if found is None or call.command in _ASKING or "disk" in call.given:
        return
    report = call.walker.report
    if len(found) > 1:
        help = "name one by UUID=... or PARTUUID=..., or as a partition of ${esp.disk}"
        there = ", ".join(map(describe, found))
        report.add(
            "KX605",
            f"{display(name)} is there {len(found)} times: {there}",
            value.place(name),
            help,
        )
    elif not found:
        tag, text = split_spec(name) or ("", "")
        known = {_tag(device, tag) for device in facts.devices()} - {""}
        near = nearest(text, known)
        help = f"did you mean {tag}={display(near)}?" if near else f"there is: {_named(known)}"
        report.add("KX608", f"the image has no {display(name)}", value.place(name), help)


def check_part(call: Call, facts: Facts) -> None:
    """Check that the disk has the partition of a `part`: KX608."""
    disk, number = call.argument("disk"), call.argument("number")
    if disk is None or number is None or call.handled:
        return
    text = constant(number.value)
    wanted = int(text) if text is not None and text.isdecimal() else number.value
    if type(wanted) is not int or resolve(facts, Part(device_of(disk.value), wanted)) != []:
        return
    disks = resolve(facts, device_of(disk.value)) or []
    whole = disks[0].disk or disks[0].path if disks else ""
    there = [item for item in facts.devices() if item.disk == whole and item.number]
    listed = ", ".join(f"{item.number} ({describe(item)})" for item in there)
    help = f"its partitions: {listed}" if there else "it has no partitions"
    call.walker.report.add("KX608", f"the disk has no partition {wanted}", number.span, help)


def check_mount(call: Call, facts: Facts) -> None:
    """Check that a device holds what `mount --type` says: KX608."""
    device, wanted = call.argument("device"), call.argument("type")
    fstype = constant(wanted.value) if wanted is not None else None
    if device is None or wanted is None or fstype is None or call.handled:
        return
    found = resolve(facts, device_of(device.value)) or []
    if len(found) == 1 and not mounts_as(found[0].fstype, fstype):
        told = f"{describe(found[0])} holds no {display(fstype)}"
        call.walker.report.add("KX608", told, wanted.span, "leave it out: it is recognised")


def describe(device: Device) -> str:
    """Return a device as a finding names it: ``partition 1 (iso9660, GENTOO)``."""
    about = ", ".join(filter(None, (device.fstype, display(device.label))))
    what = f"partition {device.number}" if device.number else "the whole disk"
    return f"{what} ({about})" if about else what


def _tag(device: Device, tag: str) -> str:
    return device.fstype if tag == "TYPE" else str(getattr(device, tag.lower(), ""))


def _named(known: set[str]) -> str:
    return ", ".join(map(display, sorted(known)[:6])) or "none at all"


class Place:
    """A file on a device of the facts, and where the script says so."""

    def __init__(self, call: Call, span: Span, device: Device, root: Root, path: str) -> None:
        self.call = call
        self.span = span
        self.device = device
        self.root = root
        self.path = posixpath.normpath("/" + path.lstrip("/"))

    def beside(self, path: str) -> Place:
        """Return another file of the same filesystem, told at the same place."""
        return Place(self.call, self.span, self.device, self.root, path)

    def stat(self) -> FileFacts | None:
        try:
            return self.root.stat(self.path)
        except Failure:  # a loop of links, damage: nothing there that can be read
            return None


def locate(call: Call, argument: Argument, facts: Facts) -> Place | None:
    """Return the file that an argument names, where the facts know its filesystem."""
    value = argument.value
    found = place_of(value)
    if found is None or not isinstance(value, Text):
        return None
    if found[0] is None:
        found = _below_mount(call, found[1]) or found
    devices = resolve(facts, found[0])
    if devices is None or len(devices) != 1:
        return None
    root = facts.root(devices[0])
    path = found[1]
    if argument.parameter.name == "module":  # Multiboot's, whose arguments follow it
        path = path.partition(" ")[0]
    return Place(call, value.span, devices[0], root, path) if root is not None else None


def _below_mount(call: Call, path: str) -> tuple[object, str] | None:
    """Return the device and the path on it of a path below a directory that one mount of
    the script names."""
    around = call.walker.around
    if "run" in around.calls or around.imports:
        return None
    path = posixpath.normpath(path)
    found = []
    for node in around.calls.get("mount", ()):
        mount = evaluate(call.walker, node, call.scope)
        where = mount.where.rstrip("/") if isinstance(mount, Mounted) and mount.where else ""
        if where and path.startswith(f"{where}/"):
            found.append((getattr(mount, "device", None), path[len(where) :]))
    return found[0] if len(found) == 1 else None


def check_path(call: Call, argument: Argument, facts: Facts) -> None:
    """Check that a file that is read is there: KX502, KX503, KX507."""
    if not isinstance(argument.value, Text):
        return
    if split_location(argument.value.sketch("x")):
        check_device(call, argument, facts)
    command = COMMANDS.get(call.command)
    if command is None or "reads" not in command.effects or call.command in _ASKING:
        return
    if call.handled or call.walker.around.is_asked(argument.node):
        return
    place = locate(call, argument, facts)
    if place is not None:
        check_there(place, facts, folder=call.command in _FOLDERS)


def check_there(place: Place, facts: Facts, *, folder: bool = False, what: str = "") -> bool:
    """Check that a file is there under the name that is written; `what` names its user."""
    found = place.stat()
    plain = facts.is_plain_iso(place.device)
    if plain and _is_raw_name(place.path):
        _report_raw(place, found)
        return found is not None
    if found is None:
        _report_missing(place, what)
        return False
    if found.kind == "directory" and not folder:
        _add(place, "KX507", f"{what}{display(place.path)} is a folder")
        return False
    if found.path != place.path and found.path.casefold() == place.path.casefold():
        _add(
            place,
            "KX503" if plain else "KX502",
            f"{what}on the disk it is spelled {display(found.path)}",
            "names here are found in any case, but only on this filesystem",
        )
    elif place.root.ignores_case:
        _check_twins(place)
    return True


def _report_missing(place: Place, what: str) -> None:
    hint = ""
    try:
        place.root.read(place.path, 0)
    except NotFound as error:
        hint = error.hint
        if error.message.count(":") and not hint:
            hint = error.message.partition(": ")[2]
    except Failure:
        pass
    message = f"{what}{display(place.path)} is not on {describe(place.device)}"
    _add(place, "KX507", message, hint)


def _check_twins(place: Place) -> None:
    """Two names on FAT that differ in case only: a copy from ext4 makes such."""
    folder, _, name = place.path.rpartition("/")
    try:
        names = place.root.list(folder or "/")
    except Failure:
        return
    twins = [other for other in names if other.casefold() == name.casefold()]
    if len(twins) > 1:
        _add(place, "KX502", f"{' and '.join(map(display, twins))} are one name on FAT")


def _is_raw_name(path: str) -> bool:
    """Tell whether a path has a name as it stands on a plain ISO, or one it cannot hold."""
    return any(
        ";" in name or name != name.lower() or len(name.partition(".")[0]) > 31
        for name in path.split("/")
    )


def _report_raw(place: Place, found: FileFacts | None) -> None:
    shown = "/".join(name.partition(";")[0].rstrip(".") for name in place.path.lower().split("/"))
    _add(
        place,
        "KX503",
        "this ISO has no Rock Ridge: Linux shows its names in lower case, without `;1`",
        f"write `{display(shown)}`" if found is None or shown != place.path else "",
    )


def _add(place: Place, code: str, message: str, help: str = "") -> None:
    place.call.walker.report.add(code, message, place.span, help)


def check_module(call: Call, facts: Facts) -> None:
    """Check that the initramfs has a module: KX211."""
    module, known = call.argument("module"), facts.modules()
    name = constant(module.value) if module is not None else None
    if module is None or name is None or known is None or call.handled:
        return
    if call.walker.around.is_probed("module", name):
        return
    if name.replace("-", "_") in known:
        return
    near = nearest(name.replace("-", "_"), known)
    call.walker.report.add(
        "KX211",
        f"the initramfs has no module `{display(name)}`",
        module.span,
        f"did you mean `{near}`?" if near else "what a loader carries: kximage loader --help",
    )


def check_program(call: Call, facts: Facts) -> None:
    """Check that the initramfs has a program: KX210."""
    program, known = call.argument("program"), facts.programs()
    name = constant(program.value) if program is not None else None
    if program is None or name is None or known is None or call.handled:
        return
    if call.walker.around.is_probed("program", name):
        return
    if name in known or (name.startswith("/") and not _is_own(name)):
        return
    near = nearest(name, known)
    call.walker.report.add(
        "KX210",
        f"the initramfs has no program `{display(name)}`",
        program.span,
        f"did you mean `{near}`?" if near else "put it on the ESP, and run it from there",
    )


def _is_own(path: str) -> bool:
    return path.startswith(("/bin/", "/sbin/", "/usr/", "/lib/"))
