"""What can be booted, of whatever loader: entries, boot-menus, set-default."""

from __future__ import annotations

from kxsh.boot.entry import Entry, Menu, Write, elsewhere, moved_writes
from kxsh.commands.context import Context
from kxsh.commands.registry import command
from kxsh.errors import Denied, NotFound, UsageError
from kxsh.machine.gone import Watched
from kxsh.machine.protocol import Device, Machine, Mount, Root
from kxsh.record import replace
from kxsh.signature import argument, flag, option, optional
from kxsh.text import display, size, stamped
from kxsh.values import DEVICE, ENTRY, MENU, PATH, STR, Type

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from collections.abc import Callable

# Reading the menus of all disks says what it is at when it has taken this long, in seconds.
_SILENT = 1.5


@command(
    "entries",
    optional("directory", PATH, "a mounted filesystem's root; left out: every disk"),
    returns=Type("list", item=ENTRY),
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=("for e in entries LABEL=GENTOO:/ { say ${e.title} }",),
)
def entries(context: Context, directory: str | None) -> list[Entry]:
    """Return the boot entries of every menu found on a filesystem, or on every disk.

    The menu that its own loader would use comes first. Every format is looked for, also
    in the subvolumes of a btrfs; `boot-menus` keeps the menus apart.
    """
    if directory is None:
        return [entry for menu in _of_machine(context, None) for entry in menu.entries]
    from kxsh.menus.disks import MachineDisks
    from kxsh.menus.search import find_menus

    base = directory.rstrip("/")
    root, inner = context.machine.locate(base or "/")
    if inner.strip("/"):
        device = directory.startswith("/dev/") or not directory.startswith("/")
        raise UsageError(
            f"{directory} is not a filesystem's root",
            code="KX204",
            hint=f"{directory}:/ is one" if device else "a menu's files are found from there",
        )
    mounts = context.machine.mounts()
    here = next((mount.device for mount in mounts if mount.path == base), None)
    disks = MachineDisks(context.machine)
    try:
        menus = find_menus(root, disks.seen_from(here))
    finally:
        disks.close()
    if not menus and isinstance(root, Watched):
        root.check()  # else a pulled disk looks as if it had none
    return [entry.rebased(base) for menu in menus for entry in menu.entries]


@command(
    "boot-menus",
    option("disk", DEVICE, "only the menus of this disk"),
    returns=Type("list", item=MENU),
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=(
        "for m in boot-menus {\n"
        '  say "${m.place}: ${m.format}, in charge: ${m.in_charge}"\n'
        "  for e in $m { say ${e.full_title} }\n}",
    ),
)
def boot_menus(context: Context, *, disk: Device | None) -> list[Menu]:
    """Return every boot menu on every disk, grouped by disk.

    The disk that the loader was started from comes first, and on each disk the menu in
    charge: the one that would have come up by itself. Nothing stays mounted: an entry's
    files are named with their device, and `load` mounts what it needs. Copies of a disk are
    disks of their own; `place` says which have the same UUID.
    """
    return _of_machine(context, disk)


def _of_machine(context: Context, disk: Device | None) -> list[Menu]:
    from kxsh.menus.search import read_machine_menus

    found = read_machine_menus(context.machine, _teller(context))
    if context.interactive:
        for device, menu in found:
            for problem in menu.problems:
                context.console.warn(display(f"{device}: {problem}"))
    own = context.esp.disk if context.esp else ""
    wanted = (disk.disk or disk.path) if disk else ""
    disks = list(dict.fromkeys(device.disk or device.path for device, _ in found))
    disks.sort(key=lambda path: path != own)
    menus = [
        _qualified(device, menu, context.machine.devices())
        for path in disks
        for device, menu in found
        if (device.disk or device.path) == path and wanted in ("", path) and menu.format
    ]
    order = {path: index for index, path in enumerate(disks)}
    return sorted(menus, key=lambda menu: (order[menu.facts["disk"]], not menu.in_charge))


def menu_in_charge(machine: Machine, device: Device) -> Menu | None:
    """Return the menu in charge of the disk that a device is on; no other disk's is read."""
    from kxsh.menus.search import read_machine_menus

    found = read_machine_menus(machine, only=device.disk or device.path)
    return next(
        (_qualified(one, menu, machine.devices()) for one, menu in found if menu.in_charge), None
    )


def _teller(context: Context) -> Callable[[Device], None]:
    """Return what says once which disk is being read, when that has begun to be long."""
    machine = context.machine
    due = machine.now() + _SILENT
    said = False

    def tell(device: Device) -> None:
        nonlocal said
        if not said and machine.now() >= due:
            said = True
            text = f"reading the boot menus of all disks, now of {display(str(device))}"
            context.console.say(stamped(machine.now(), text))

    return tell


def _qualified(device: Device, menu: Menu, devices: list[Device]) -> Menu:
    """Return a menu with its files' device in their paths, and where it is for people."""

    def put(path: str) -> str:
        own = path.startswith("/") and not elsewhere(path)
        return f"{device.path}:{path}" if own else path

    disk = device.disk or device.path
    whole = next((one for one in devices if one.path == disk), device)
    about = " ".join(filter(None, (whole.model, size(whole.size) if whole.size else "")))
    copies: dict[str, str] = {}
    for one in filter(lambda one: _is_copy(one, device), devices):
        copies.setdefault(one.disk or one.path, one.path)
    if copies:  # `root=UUID=...` may then find either of them
        same = f"same UUID as {', '.join(copies.values())}"
        about = f"{about}; {same}" if about else same
    name = f'{device.path} "{device.label}"' if device.label else device.path
    return replace(
        menu,
        source=put(menu.source),
        entries=tuple(replace(entry.on(put), source=put(entry.source)) for entry in menu.entries),
        writes=moved_writes(menu.writes, put),
        facts={**menu.facts, "disk": disk, "place": f"{name} ({about})" if about else name},
    )


def _is_copy(other: Device, device: Device) -> bool:
    """Tell whether another disk has a copy of a device's filesystem: the UUID says so."""
    alike = device.uuid != "" and (other.uuid, other.fstype) == (device.uuid, device.fstype)
    apart = (other.disk or other.path) != (device.disk or device.path)
    return alike and apart and other.fstype != "btrfs"  # the disks of one have one UUID


@command(
    "set-default",
    argument("file", PATH, "grub.cfg, loader.conf, syslinux.cfg and their like"),
    argument("entry", STR, "the entry's id or title, as the menu has it"),
    flag("once", "only for the next start (GRUB's next_entry, systemd-boot's one shot)"),
    raises=("not-found", "io", "format", "denied"),
    effects=("writes",),
    examples=(
        "if false {\n  let boot = mount LABEL=root --rw\n"
        "  set-default $boot/boot/extlinux/extlinux.conf b\n}",
    ),
)
def set_default(context: Context, file: str, entry: str, *, once: bool) -> None:
    """Make an entry the default of the loader that is on the disk itself.

    GRUB 2 keeps it in its grubenv (whose size never changes), systemd-boot in loader.conf
    and a choice for one start in the firmware, SYSLINUX and its family in DEFAULT, GRUB
    legacy in menu.lst or the file beside it. The filesystem has to be mounted `--rw`. The
    change is made only if the menu, read again, starts that entry; and so that a power cut
    leaves the old file or the new one.
    """
    from kxsh.menus.defaults import with_default

    machine = context.machine
    root, inner = machine.locate(file)
    if root.stat(inner) is None:
        root.read(inner)  # says what is missing, and the nearest name
    base = file.rstrip("/").removesuffix("/" + inner.strip("/"))
    mount = next((one for one in machine.mounts() if one.path == base), None)
    if mount is None or not mount.writable:
        raise _not_writable(file, mount)
    if inner.lower().endswith("loader.conf") and _set_in_firmware(
        machine, root, inner, entry, once
    ):
        return
    path, data = with_default(root, inner, entry, once=once)
    machine.replace_file(base + path, data)


def _set_in_firmware(machine: Machine, root: Root, path: str, entry: str, once: bool) -> bool:
    """Set what systemd-boot heeds before loader.conf; return whether that is all.

    A default that the firmware keeps is replaced there, since it would win.
    """
    from kxsh.menus.bls import firmware
    from kxsh.menus.defaults import entry_of

    name = firmware.ONCE if once else firmware.DEFAULT
    if once or machine.loader_variable(name):
        machine.set_loader_variable(name, entry_of(root, path, entry).id)
    return once


@command(
    "write-back",
    argument("menu", MENU, "a menu of `boot-menus`"),
    optional("entry", ENTRY, "the entry that is about to be started"),
    raises=("not-found", "io", "format", "denied"),
    effects=("writes",),
    examples=(
        "let disk = (findfs LABEL=root).disk\nfor m in boot-menus --disk $disk { write-back $m }",
    ),
)
def write_back(context: Context, menu: Menu, entry: Entry | None) -> None:
    """Write what the menu's own loader would have written by now.

    A choice for one start is used up: GRUB's script clears `next_entry` in its grubenv,
    systemd-boot deletes LoaderEntryOneShot in the firmware. With an entry also what its
    body saves. Nothing else in kxsh writes it: without this command a machine that was
    told to start something once goes on starting it. A filesystem is mounted `--rw` for
    the moment.
    """
    for write in (*menu.writes, *(entry.writes if entry else ())):
        kind, _, name = write.path.partition(":")
        if kind == "firmware":
            context.machine.set_loader_variable(name, "")
        else:
            _replace(context, write)


def _replace(context: Context, write: Write) -> None:
    """Replace a file on a device, which is mounted for it where it is not."""
    from kxsh.commands.devices import find

    place = elsewhere(write.path)
    machine = context.machine
    if place is None:
        machine.replace_file(write.path, write.data)
        return
    device, path = place
    for mount in machine.mounts():
        if mount.device.path == device:
            machine.replace_file(mount.path.rstrip("/") + path, write.data)
            return
    mount = machine.mount(find(machine, device, 0), writable=True)
    try:
        machine.replace_file(mount.path + path, write.data)
    finally:
        machine.unmount(mount)


def _not_writable(file: str, mount: Mount | None) -> Denied | NotFound:
    if mount is None:
        return NotFound(f"{file} is on no filesystem that was mounted", hint="`mount` it first")
    return Denied(
        f"{mount.device} is mounted read-only, so its default stays",
        hint=f"let m = mount {mount.device} --rw",
    )
