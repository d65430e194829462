"""What a label starts when it is not a Linux kernel, and why kexec cannot.

A file's kind comes from the keyword that names it, else from the end of its name, as
in SYSLINUX (com32/elflink/ldlinux/ldlinux.c): the file itself is never looked into.
"""

from __future__ import annotations

from kxsh.menus import paths
from kxsh.menus.syslinux import lexer
from kxsh.menus.syslinux.tree import Config

MENU_PROGRAMS = frozenset(("menu", "vesamenu"))
# They show the labels of the same configuration in their own way.
GRAPHIC_MENUS = frozenset(("gfxboot", "gfxmenu"))

_KINDS = {
    "localboot": "boots the next BIOS device (LOCALBOOT)",
    "boot": "a boot sector, started by the BIOS",
    "bss": "a DOS boot sector, started by the BIOS",
    "pxe": "a PXE network boot program",
    "fdimage": "a floppy image, read through the BIOS",
    "comboot": "a 16-bit COMBOOT program",
}
_SUFFIXES = {
    ".img": "fdimage",
    ".bss": "bss",
    ".bin": "boot",
    ".bs": "boot",
    ".0": "pxe",
    ".cbt": "comboot",
    ".com": "comboot",
    ".c32": "com32",
}
_MODULES = {
    "chain": "starts another boot loader through the BIOS (chain.c32)",
    "reboot": "restarts the machine",
    "poweroff": "switches the machine off",
    "hdt": "the Hardware Detection Tool, a SYSLINUX module",
    "pxechn": "starts a PXE network boot program",
    "sanboot": "boots from a network disk through the BIOS",
}
_NAMES = {
    "memdisk": "memdisk: emulates a BIOS disk, which kexec cannot bring along",
    "plpbt": "the PLoP boot manager: needs the BIOS",
    "gpxe": "a network boot program for the BIOS",
    "ipxe": "a network boot program for the BIOS",
    "undionly": "a PXE network boot program",
}


def kind_of(kind: str, kernel: str) -> str:
    """Return the kind of what is started: ``linux``, ``com32``, ``localboot``..."""
    if kind != "kernel":
        return kind
    lower = kernel.lower()
    return next((found for end, found in _SUFFIXES.items() if lower.endswith(end)), "linux")


def module_name(kernel: str) -> str:
    """Return a COM32 module's name without folders and ``.c32``, in lower case."""
    return stem(kernel).removesuffix(".c32")


def stem(path: str) -> str:
    """Return the last part of a path, in lower case."""
    return path.replace("\\", "/").replace("::", "/").rpartition("/")[2].lower()


def obstacle(kind: str, kernel: str) -> str:
    """Return why kexec cannot start this (empty: it may be Linux)."""
    if kind == "com32":
        name = module_name(kernel)
        return _MODULES.get(name, f"{name}.c32 is a SYSLINUX module, not a kernel")
    if kind in _KINDS:
        return _KINDS[kind]
    base = stem(kernel)
    for name, reason in _NAMES.items():
        if base == name or base.startswith((name + ".", name + "-")):
            return reason
    if base.endswith(".efi"):
        return "an EFI program: start it from the firmware"
    return from_network(kernel)


def multiboot_obstacle(arguments: str) -> str:
    """Return why what mboot.c32 is given cannot be started (empty: Xen and its like can)."""
    if arguments.startswith("-"):
        return f"ESXi, or a kernel that only mboot.c32 loads (mboot.c32 {arguments.split()[0]})"
    return "" if arguments else "mboot.c32 without a kernel"


def from_network(name: str) -> str:
    """Return why a file cannot be had when its name leads to a server."""
    server, mark, path = name.partition("::")
    if paths.is_address(name) or (mark and server and path):
        return f"comes from the network: {name}"
    return ""


def chosen(module: str, arguments: str, variant: str) -> str:
    """Return the command that a choosing module runs on a 64-bit PC (empty: none).

    ``ifcpu64.c32 A [-- B] -- C`` runs A on 64-bit processors, ``ifcpu.c32 OPTIONS --
    A -- B`` runs A where the processor has the options, ``whichsys.c32 -iso- A -sys-
    B`` the one of the loader's own kind.
    """
    # Modules get words: what they pass on has single blanks.
    parts = [part.strip() for part in f" {' '.join(lexer.words(arguments))} ".split(" -- ")]
    if module == "ifcpu64":
        return parts[0]
    if module == "ifcpu":
        return parts[1] if len(parts) > 1 else ""
    if module == "whichsys":
        return _of_system(lexer.words(arguments), variant)
    return ""


def _of_system(words: list[str], variant: str) -> str:
    mark = {"isolinux": "-iso-", "pxelinux": "-pxe-"}.get(variant, "-sys-")
    if mark not in words:
        return ""
    picked: list[str] = []
    for word in words[words.index(mark) + 1 :]:
        if word in ("-iso-", "-sys-", "-pxe-"):
            break
        picked.append(word)
    return " ".join(picked)


def shows_menu(config: Config) -> bool:
    """Return whether a menu is shown: UI, or DEFAULT naming a menu program."""
    command = config.ui or config.default
    label = config.label(command) if not config.ui else None
    kernel = lexer.cut(label.kernel if label else command)[0]
    name = module_name(kernel)
    return bool(config.ui) or name in MENU_PROGRAMS | GRAPHIC_MENUS
