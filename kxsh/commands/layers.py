"""Devices inside of others: luks-open, lvm-activate, md-assemble, loop-open."""

from __future__ import annotations

from kxsh.commands.context import Context
from kxsh.commands.registry import command
from kxsh.errors import FormatFailure, UsageError, VerifyFailure
from kxsh.machine.protocol import Device, Opened
from kxsh.signature import argument, flag, option, rest
from kxsh.text import KIB, display
from kxsh.usage import two_keys
from kxsh.values import DEVICE, DURATION, INT, PATH, STR, Type

_KEEP = flag("keep", "stay open after the block ends")
_DEVICES = Type("list", item=DEVICE)
# As libdevmapper and LVM take them; none may be read as an option.
_NAME = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-")
_NAME_LIMIT = 100
# How long a passphrase is waited for where nobody may be there. A line of it, so that is more
# than the time without a key of other questions.
_PATIENCE = 120.0
_KEY_LIMIT = 8192 * KIB  # cryptsetup's own


def _check_name(name: str, what: str) -> None:
    if not 0 < len(name) <= _NAME_LIMIT or not _NAME.issuperset(name) or name[0] in "-.":
        raise UsageError(
            f"`{display(name)}` is no name for {what}",
            code="KX204",
            hint="letters, digits, and _ . + - inside of it",
        )


def _own(context: Context, opened: Opened, keep: bool) -> None:
    if not keep:
        context.own(opened)


@command(
    "luks-open",
    argument("device", DEVICE, "the encrypted device"),
    option("name", STR, "it becomes /dev/mapper/NAME; left out: luks- and the device's name"),
    option("tries", INT, "how often the passphrase is asked for", 3),
    option("timeout", DURATION, "how long to wait for it to be typed"),
    option("key-file", PATH, "a file whose bytes are the key, instead of a passphrase"),
    option("passphrase", STR, "the passphrase itself; whoever reads the script knows it"),
    _KEEP,
    returns=DEVICE,
    raises=("not-found", "timeout", "denied", "io", "format", "verify"),
    effects=("opens",),
    examples=(
        "let disk = luks-open UUID=5e1f0000-0000-4000-8000-000000000003\n"
        "  --key-file LABEL=root:/etc/luks.key\n"
        "let root = mount $disk",
    ),
)
def luks_open(
    context: Context,
    device: Device,
    *,
    name: str | None,
    tries: int,
    timeout: float | None,
    key_file: str | None,
    passphrase: str | None,
    keep: bool,
) -> Device:
    """Open a LUKS container and return the device inside; the end of the block closes it.

    The passphrase is asked for on the console, without echo, unless it or a key is given. Without
    `--timeout` that waits for ever; but for 2 minutes where a failure restarts the machine or
    switches it off (`on-failure`), since nobody may be there. A wrong one is a failure of class
    verify. A loader has the program for it when it was built `--with luks`.
    """
    name = name or f"luks-{device.path.rpartition('/')[2]}"
    _check_name(name, "a mapped device")
    if key_file is not None and passphrase is not None:
        raise two_keys()
    if device.fstype and device.fstype != "crypto_LUKS":
        raise FormatFailure(f"{device} holds {display(device.fstype)}, not a LUKS container")
    if key_file is not None:
        root, inner = context.machine.locate(key_file)
        opened = context.machine.open_luks(device, name, root.read(inner, _KEY_LIMIT))
    elif passphrase is not None:
        opened = context.machine.open_luks(device, name, passphrase.encode())
    else:
        opened = _ask(context, device, name, tries, timeout)
    _own(context, opened, keep)
    return opened.devices[0]


def _ask(context: Context, device: Device, name: str, tries: int, timeout: float | None) -> Opened:
    """Ask for the passphrase until it fits, at most `tries` times."""
    if tries < 1:
        raise UsageError("`luks-open` needs at least 1 try", code="KX204")
    if timeout is None and not context.attended:
        timeout = _PATIENCE
    shown = " ".join(filter(None, (device.path, device.partlabel or device.label)))
    for left in range(tries - 1, -1, -1):
        typed = context.console.ask_secret(f"Passphrase for {display(shown)}: ", timeout)
        try:
            return context.machine.open_luks(device, name, typed.encode("utf-8", "surrogateescape"))
        except VerifyFailure as error:
            if not left:
                raise
            context.console.warn(f"{display(error.message)}; {left} more")
    raise AssertionError("unreachable")


@command(
    "lvm-activate",
    argument("group", STR, "the volume group's name"),
    _KEEP,
    returns=_DEVICES,
    raises=("not-found", "io", "denied"),
    effects=("opens",),
    examples=("lvm-activate vg0\nlet root = mount /dev/vg0/root",),
)
def lvm_activate(context: Context, group: str, *, keep: bool) -> list[Device]:
    """Make the volumes of an LVM volume group appear, as /dev/GROUP/VOLUME.

    The end of the block lets go of them, unless they were there before. A loader has the
    program for it when it was built `--with lvm`.
    """
    _check_name(group, "a volume group")
    opened = context.machine.activate_volumes(group)
    _own(context, opened, keep)
    return list(opened.devices)


@command(
    "md-assemble",
    rest("member", DEVICE, "the array's disks or partitions; left out: all there are"),
    _KEEP,
    returns=_DEVICES,
    raises=("not-found", "io", "format", "denied"),
    effects=("opens",),
    examples=("let arrays = md-assemble\nlet data = mount ${arrays[0]}",),
)
def md_assemble(context: Context, *members: Device, keep: bool) -> list[Device]:
    """Assemble software RAID (MD) arrays and return them; the end of the block stops them.

    An array that lacks a disk runs without it where its level allows that. A loader has
    the program for it when it was built `--with md`.
    """
    opened = context.machine.assemble_arrays(members)
    _own(context, opened, keep)
    return list(opened.devices)


@command(
    "loop-open",
    argument("file", PATH, "a disk image or ISO"),
    _KEEP,
    returns=DEVICE,
    raises=("not-found", "io", "format", "denied"),
    effects=("opens", "reads"),
    examples=(
        "let data = mount LABEL=DATA\n"
        "let disk = loop-open $data/images/rescue.iso\n"
        "let image = mount $disk",
    ),
)
def loop_open(context: Context, file: str, *, keep: bool) -> Device:
    """Show an image file as a read-only disk; `part` finds its partitions.

    The end of the block lets go of it. The system inside of an ISO has to find that file
    by itself: `load --iso` tells it where, in the words that it takes.
    """
    opened = context.machine.open_loop(file)
    _own(context, opened, keep)
    return opened.devices[0]
