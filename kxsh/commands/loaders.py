"""The old loader's configuration: isolinux-, grub- and bls-entries, isolinux-, grub- and bls-entry,
grep-cmdline-from-isolinux, and `cmdline` to edit what they give."""

from __future__ import annotations

from collections.abc import Callable

from kxsh.boot.cmdline import Cmdline
from kxsh.boot.entry import Entry, Menu
from kxsh.commands.context import Context
from kxsh.commands.registry import command
from kxsh.errors import FormatFailure, NotFound, UsageError
from kxsh.machine.protocol import Root
from kxsh.record import replace
from kxsh.signature import argument, option, optional, rest
from kxsh.text import display, names_in_a_row
from kxsh.values import CMDLINE, ENTRY, MENU, PATH, STR, Type

_SET = option("set", STR, "replace or add key=value; may repeat", many=True)
_DROP = option("drop", STR, "remove keys, with commas between them; may repeat", many=True)


def read_menu(
    context: Context, path: str, reader: str = "syslinux", *, across: bool = False
) -> Menu:
    """Read the configuration at a script's `path` by a reader of `kxsh.menus`; entries'
    paths are then the script's too. Problems in it are shown at the prompt; in a script
    they would only be noise before the one that matters, which `load` reports. `across`:
    the reader looks at the other filesystems that the menu names."""
    from importlib import import_module

    read: Callable[..., Menu] = import_module(f"kxsh.menus.{reader}").read
    root, inner = context.machine.locate(path)
    if root.stat(inner) is None:
        root.read(inner)  # says what is missing, and the nearest name
    base = path.rstrip("/").removesuffix("/" + inner.strip("/"))
    menu = _read_across(context, read, root, inner, base) if across else read(root, inner)
    if context.interactive:
        for problem in menu.problems:
            context.console.warn(display(str(problem)))
    return rebase(menu, base)


def _read_across(
    context: Context, read: Callable[..., Menu], root: Root, inner: str, base: str
) -> Menu:
    """Read a menu that may name the machine's other filesystems; they are closed again."""
    from kxsh.menus.disks import MachineDisks

    mounts = context.machine.mounts()
    here = next((mount.device for mount in mounts if mount.path == base), None)
    disks = MachineDisks(context.machine)
    try:
        return read(root, inner, disks=disks.seen_from(here))
    finally:
        disks.close()


def rebase(menu: Menu, base: str) -> Menu:
    """Return the menu with its entries' paths below the mount point `base`."""
    return replace(
        menu,
        source=base + "/" + menu.source.lstrip("/"),
        entries=tuple(entry.rebased(base) for entry in menu.entries),
    )


def pick(menu: Menu, label: str | None) -> Entry:
    """Return the entry of this label, or the menu's default; `NotFound` names the labels."""
    if label is None:
        if menu.default_entry:
            return menu.default_entry
        bootable = [entry for entry in menu.entries if not entry.not_bootable]
        if len(bootable) == 1:
            return bootable[0]
        if not bootable:
            trouble = "; ".join(display(str(problem)) for problem in menu.problems[:2])
            raise NotFound(f"{menu.source} has no entry that kexec can start", hint=trouble)
        raise FormatFailure(
            f"{menu.source} names no default, and has {len(bootable)} entries",
            hint="say which with a label: " + names_in_a_row([entry.id for entry in menu.entries]),
        )
    entry = menu.entry(label)
    if entry is None:
        hint = menu.named_instead(label, "its labels")
        raise NotFound(f"{menu.source} has no label {label}", hint=hint)
    return entry


def edit(cmdline: Cmdline, settings: list[str], dropped: list[str]) -> Cmdline:
    """Return the command line with keys dropped, then key=value words set."""
    for words in dropped:
        cmdline = cmdline.drop(*[word for word in words.split(",") if word])
    for setting in settings:
        cmdline = cmdline.set(setting)
    return cmdline


@command(
    "isolinux-entries",
    argument("file", PATH, "isolinux.cfg, syslinux.cfg or extlinux.conf"),
    returns=MENU,
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=(
        "let all = isolinux-entries LABEL=GENTOO:/isolinux/isolinux.cfg\n"
        "for e in $all { say ${e.label} ${e.title} }",
    ),
)
def isolinux_entries(context: Context, file: str) -> Menu:
    """Read an ISOLINUX, SYSLINUX or EXTLINUX menu as its own loader would.

    `for` walks over its entries; `${menu.default}` is the one that would start.
    """
    return read_menu(context, file)


@command(
    "isolinux-entry",
    argument("file", PATH, "isolinux.cfg, syslinux.cfg or extlinux.conf"),
    optional("label", STR, "the entry's label; left out: the file's default"),
    returns=ENTRY,
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=("load (isolinux-entry LABEL=GENTOO:/isolinux/isolinux.cfg gentoo)",),
)
def isolinux_entry(context: Context, file: str, label: str | None) -> Entry:
    """Return one entry of an ISOLINUX-family menu: kernel, initrds and command line.

    The command line is what its own loader would hand over, with BOOT_IMAGE= and initrd=.
    """
    return pick(read_menu(context, file), label)


@command(
    "grep-cmdline-from-isolinux",
    argument("file", PATH, "isolinux.cfg, syslinux.cfg or extlinux.conf"),
    option("label", STR, "the entry's label; left out: the file's default"),
    _SET,
    _DROP,
    returns=CMDLINE,
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=(
        "let args = grep-cmdline-from-isolinux LABEL=GENTOO:/isolinux/isolinux.cfg\nsay $args",
    ),
)
def grep_cmdline_from_isolinux(
    context: Context, file: str, *, label: str | None, set: list[str], drop: list[str]
) -> Cmdline:
    """Return exactly what follows APPEND for a label, or for the file's default.

    Without what the loader adds itself (`isolinux-entry` gives that too). INCLUDE is
    followed, `append -` and the case of keywords are honoured. Several
    candidates without a default are a failure that names the labels.
    """
    entry = pick(read_menu(context, file), label)
    return edit(Cmdline.parse(entry.cmdline), set, drop)


@command(
    "grub-entries",
    argument("file", PATH, "grub.cfg"),
    returns=MENU,
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=(
        "let all = grub-entries LABEL=root:/srv/grub/grub.cfg\n"
        "for e in $all { say ${e.id} ${e.cmdline} }",
    ),
)
def grub_entries(context: Context, file: str) -> Menu:
    """Read a menu of GRUB 2 as GRUB would: the script is run, and each entry's body too.

    Nothing is written or loaded by that. Filesystems that the script searches for are
    mounted, looked at and unmounted. `${menu.default}` is the entry that would start.
    """
    return read_menu(context, file, "grub2", across=True)


@command(
    "grub-entry",
    argument("file", PATH, "grub.cfg"),
    optional("id", STR, "the entry's id or title; left out: the file's default"),
    returns=ENTRY,
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=("load (grub-entry LABEL=root:/srv/grub/grub.cfg rescue)",),
)
def grub_entry(context: Context, file: str, id: str | None) -> Entry:
    """Return one entry of a GRUB 2 menu: kernel, initrds and command line.

    An entry of a submenu has the submenu's id before its own, as in `old>rescue`. The
    command line is what GRUB would hand over, quoted as GRUB does, with BOOT_IMAGE=.
    """
    return pick(read_menu(context, file, "grub2", across=True), id)


@command(
    "bls-entries",
    argument("place", PATH, "a loader.conf, a folder of entries or of images, or one entry file"),
    returns=MENU,
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=(
        "if let all = bls-entries LABEL=root:/loader/loader.conf ? {\n"
        "  for e in $all { say ${e.id} ${e.title} }\n}",
    ),
)
def bls_entries(context: Context, place: str) -> Menu:
    """Read a menu of the Boot Loader Specification, as systemd-boot would.

    Entry files (`/loader/entries/*.conf`) and unified kernel images (`/EFI/Linux/*.efi`)
    of a filesystem are one menu; `${menu.default}` is the one that would start.
    """
    return read_menu(context, place, "bls")


@command(
    "bls-entry",
    argument("place", PATH, "a loader.conf, a folder of entries or of images, or one entry file"),
    optional("id", STR, "the entry's id: its file's name; left out: the default"),
    returns=ENTRY,
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=("if let e = bls-entry LABEL=root:/loader/entries arch.conf ? { load $e }",),
)
def bls_entry(context: Context, place: str, id: str | None) -> Entry:
    """Return one entry of a Boot Loader Specification menu.

    The command line is what systemd-boot would hand over, with initrd= in front.
    """
    menu = read_menu(context, place, "bls")
    known = menu.entry(id) if id else None
    return known or pick(menu, f"{id}.conf" if id and menu.entry(f"{id}.conf") else id)


@command(
    "cmdline",
    argument("action", STR, "what to do", choices=("set", "drop", "get")),
    argument("cmdline", CMDLINE, "a kernel command line"),
    rest("words", STR, "set: key=value words; drop: keys; get: one key"),
    returns=Type("any"),
    raises=("not-found", "format"),
    examples=('say (cmdline set "ro quiet" console=ttyS0)', 'say (cmdline get "root=A ro" root)'),
    results=("action", {"set": CMDLINE, "drop": CMDLINE, "get": STR}),
)
def edit_cmdline(
    context: Context, action: str, cmdline: Cmdline, *words: str
) -> Cmdline | str | None:
    """Edit a kernel command line, or look into it.

    `set` replaces a key where it stands, or adds it at the end; `drop` removes keys;
    `get` returns a key's value, and fails with not-found where the key is absent.
    """
    if action == "set":
        return edit(cmdline, list(words), [])
    if action == "drop":
        return edit(cmdline, [], list(words))
    if len(words) != 1:
        raise UsageError("`cmdline get` needs one KEY", code="KX203")
    value = cmdline.get(words[0])
    if value is None:
        raise NotFound(f"the command line has no {words[0]}")
    return value
