"""Any boot loader's menu file, and what a kexec-loader disk wants loaded: loader-entries,
kexec-loader-modules."""

from __future__ import annotations

from kxsh.boot.entry import Menu
from kxsh.commands.context import Context
from kxsh.commands.loaders import rebase
from kxsh.commands.registry import command
from kxsh.errors import Denied, Failure, FormatFailure, UsageError
from kxsh.signature import argument, option
from kxsh.text import display
from kxsh.values import MENU, PATH, STR, Type

_FORMATS = (
    "isolinux syslinux extlinux pxelinux bls grub2 grub-legacy lilo elilo yaboot kboot "
    "petitboot-native kexec-loader loadlin ipxe esxi-boot.cfg"
).split()
_MODULE = "module."


def read_any(context: Context, path: str, form: str | None) -> Menu:
    """Return the menu at a script's `path`, its entries' paths the script's too; other
    filesystems that it names are looked into and closed again."""
    from kxsh.menus.disks import MachineDisks
    from kxsh.menus.search import reader_for, reader_of

    machine = context.machine
    root, inner = machine.locate(path)
    facts = root.stat(inner)
    if facts is None:
        root.read(inner)  # says what is missing, and the nearest name
    reader = reader_of(form) if form else reader_for(inner)
    if reader is None:
        raise FormatFailure(
            f"{path}: the name does not tell which boot loader reads it",
            hint="say it with --format",
        )
    base = path.rstrip("/").removesuffix("/" + inner.strip("/"))
    here = next((mount.device for mount in machine.mounts() if mount.path == base), None)
    disks = MachineDisks(machine)
    try:
        return rebase(reader.read(root, inner, disks.seen_from(here)), base)
    finally:
        disks.close()


@command(
    "loader-entries",
    argument("file", PATH, "a boot loader's configuration: lilo.conf, menu.lst..."),
    option("format", STR, "whose it is; left out: by the file's name", choices=tuple(_FORMATS)),
    returns=MENU,
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=(
        "let all = loader-entries LABEL=root:/boot/extlinux/extlinux.conf\n"
        "for e in $all { say ${e.label} ${e.reason} }",
    ),
)
def loader_entries(context: Context, file: str, *, format: str | None) -> Menu:
    """Read any boot loader's menu file as that loader would.

    What kexec cannot start is in the menu too, with the reason. Files on other
    filesystems that the menu names keep their device in front: `/dev/sda2:/vmlinuz`.
    """
    menu = read_any(context, file, format)
    if context.interactive:
        for problem in menu.problems:
            context.console.warn(display(str(problem)))
    return menu


@command(
    "kexec-loader-modules",
    argument("file", PATH, "kexec-loader.conf or kxloader.cfg"),
    returns=Type("list", item=STR),
    raises=("not-found", "io", "format"),
    effects=("modules", "reads"),
    examples=("for name in kexec-loader-modules LABEL=DATA:/old/kexec-loader.conf { say $name }",),
)
def kexec_loader_modules(context: Context, file: str) -> list[str]:
    """Load the kernel modules that a kexec-loader disk brings or names; return their names.

    They are the modules in the disk's `/modules`, with the options of its `modules.conf`,
    and those of `kmod` lines. This loader's own modules of these names are loaded: those on
    the disk belong to another kernel. One that cannot be loaded is a warning.
    """
    from kxsh.menus.search import reader_of

    reader = reader_of("kexec-loader")
    if reader is None:
        raise UsageError("this build reads no kexec-loader files", code="KX204")
    root, inner = context.machine.locate(file)
    if root.stat(inner) is None:
        root.read(inner)
    facts = reader.read(root, inner).facts
    loaded = []
    for key, arguments in facts.items():
        if not key.startswith(_MODULE):
            continue
        name = key.removeprefix(_MODULE)
        try:
            context.machine.load_module(name, arguments)
        except Denied:
            raise
        except Failure as failure:
            context.console.warn(display(f"module {name}: {failure.message}"))
        else:
            loaded.append(name)
    return loaded
