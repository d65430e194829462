"""Filesystems: mount, umount."""

from __future__ import annotations

from kxsh.commands.context import Context
from kxsh.commands.registry import command
from kxsh.errors import NotFound
from kxsh.machine.protocol import Device, Mount
from kxsh.signature import argument, flag, option, optional
from kxsh.usage import mount_conflict
from kxsh.values import DEVICE, MOUNT, PATH, STR


@command(
    "mount",
    argument("device", DEVICE, "LABEL=, UUID=, a path such as /dev/sda1, or a device value"),
    optional("directory", PATH, "where; left out: a fresh directory", ""),
    option("type", STR, "the filesystem type; left out: what its superblock says", ""),
    option("options", STR, "further mount options, with commas", ""),
    flag("rw", "allow writing"),
    flag("keep", "stay mounted after the block ends"),
    returns=MOUNT,
    raises=("not-found", "io", "format", "denied"),
    effects=("mounts", "opens"),
    examples=(
        "let image = mount LABEL=GENTOO\nsay $image",
        'mount LABEL=NONE else { say "no data stick" }',
    ),
)
def mount(
    context: Context,
    device: Device,
    directory: str,
    *,
    type: str,
    options: str,
    rw: bool,
    keep: bool,
) -> Mount:
    """Mount a filesystem, read-only unless `--rw`; the end of the block unmounts it.

    Read-only means that nothing is written: no journal is replayed. As a word, the
    result is its directory: `$image/vmlinuz`.
    """
    words = [word for word in options.split(",") if word]
    clash = mount_conflict(words, rw)
    if clash is not None:
        raise clash
    mounted = context.machine.mount(device, directory, fstype=type, options=words, writable=rw)
    if not keep:
        context.own(mounted)
    return mounted


@command(
    "umount",
    argument("mount", PATH, "a mount, or its directory"),
    raises=("not-found", "io"),
    effects=("closes",),
    examples=("let image = mount LABEL=GENTOO\numount $image",),
)
def umount(context: Context, mount: str) -> None:
    """Unmount now, before the block ends."""
    wanted = mount.rstrip("/")
    for mounted in context.machine.mounts():
        if mounted.path == wanted:
            context.close(mounted)
            return
    there = ", ".join(mounted.path for mounted in context.machine.mounts())
    hint = f"mounted are: {there}" if there else "nothing is mounted"
    raise NotFound(f"nothing is mounted on {wanted}", hint=hint)
