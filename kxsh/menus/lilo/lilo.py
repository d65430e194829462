"""What LILO hands to each kernel: bsect.c's order, before it the boot loader's own words.

LILO writes ``root=`` as the number that the device had when `lilo` was run; here it
stays a name, which means the same and is true on the next machine too. ``vga=`` is a
field of the kernel's header, which kexec leaves alone: it is no part of the line.
"""

from __future__ import annotations

from kxsh.boot.entry import Entry, Menu, Passwords
from kxsh.menus import paths
from kxsh.menus.disks import Disks
from kxsh.menus.fstab import System
from kxsh.menus.lilo.sections import Section, split
from kxsh.menus.lilo.tokens import pairs
from kxsh.menus.reading import Reading, number
from kxsh.menus.syslinux import programs
from kxsh.record import replace

# Of disk=, change-rules and map-drive=, which may stand there for several disks.
_REPEATED = frozenset(
    "disk bios cylinders heads inaccessible max-partitions sectors partition start type reset "
    "normal hidden map-drive to change set activate deactivate automatic".split()
)
_OTHER = "starts another boot sector through the BIOS (other=)"


def menu(reading: Reading, disks: Disks) -> Menu:
    """Return the menu of the lilo.conf that `reading` is for."""
    source = reading.source
    text = reading.text(source)
    settings = pairs(text, lambda line, what: reading.complain(source, line, what))
    general, sections = split(reading, settings, ("image", "other"), repeated=_REPEATED)
    passwords = Passwords()
    guards: list[bool] = []
    names: dict[str, str] = {}  # labels and aliases, without regard to case
    system = System(reading, disks)
    for section in sections:
        if _left_out(reading, system, general, section):
            continue
        entry = _entry(reading, system, general, section)
        found = reading.add(entry)
        if not found:
            break
        if not entry.not_bootable:
            guards.append(_has_password(general, section))
        secret = section.get("password") or general.get("password")
        if _has_password(general, section) and secret:
            passwords[found] = secret
            if entry.protected:
                reading.entries[-1] = replace(reading.entries[-1], users=(found,))
        for name in (section.label, section.get("alias") or ""):
            names.setdefault(name.lower(), found)
    wanted = general.get("default")
    first = reading.entries[0].id if reading.entries else ""
    default = names.get((wanted or "").lower(), "") or first
    if wanted and wanted.lower() not in names and sections:
        reading.complain(source, 0, f"default={wanted[:60]}: there is no such label")
    _say_auto(reading, default)
    menu = reading.menu(default, _timeout(general), general.get("menu-title") or "")
    return _guarded(replace(menu, passwords=passwords), general, guards)


def _guarded(menu: Menu, general: Section, guards: list[bool]) -> Menu:
    """Return the menu, guarded where LILO lets nobody add words to a command line without a
    password: with one for all, or one for each image (`guards`), `restricted` or not."""
    if general.has("password"):
        # Where it is empty, `lilo` asked for it, and its hash is in a file of LILO's own.
        secret = general.get("password")
        if secret:
            menu.passwords[""] = secret
        return replace(menu, guarded=True, superusers=("",) if secret else ())
    if guards and all(guards):
        return replace(menu, guarded=True, superusers=tuple(menu.passwords))
    return menu


def _left_out(reading: Reading, system: System, general: Section, section: Section) -> bool:
    """Return and note whether `lilo` leaves a section out: `optional`, without its file."""
    if section.kind != "image" or not (section.has("optional") or general.has("optional")):
        return False
    if _obstacle(section):
        return False
    kernel, there = system.locate(paths.join("/", section.head))
    if not there:
        message = f"{section.label}: left out, it is optional and there is no file {kernel}"
        reading.complain(reading.source, section.line, message)
    return not there


def _say_auto(reading: Reading, default: str) -> None:
    """Put ``auto`` before the default's command line: LILO starts it unattended so."""
    for index, entry in enumerate(reading.entries):
        if entry.id == default and entry.handover:
            reading.entries[index] = replace(entry, handover=f"auto {entry.handover}")


def _timeout(general: Section) -> float | None:
    """Return the wait in seconds: `timeout` counts after `prompt`, else `delay` does."""
    name = "timeout" if general.has("prompt") else "delay"
    tenths = number((general.get(name) or "").strip())
    if tenths is None:
        return None if general.has("prompt") else 0.0
    return tenths / 10


def _entry(reading: Reading, system: System, general: Section, section: Section) -> Entry:
    obstacle = _obstacle(section)
    kernel = paths.join("/", section.head) if section.kind == "image" else ""
    options = _options(reading, general, section) if kernel else ""
    initrd = section.get("initrd") or general.get("initrd") or ""
    initrds: tuple[str, ...] = ()
    if not obstacle:
        kernel, there = system.locate(kernel)
        if not there:
            reading.complain(reading.source, section.line, f"{section.label}: no file {kernel}")
        if initrd:
            initrds = (system.locate(paths.join("/", initrd))[0],)
    if not obstacle:
        _note_video(reading, general, section)
    line = f"BOOT_IMAGE={section.label} {options}".rstrip(" ")
    return Entry(
        id=section.label,
        title=section.label,
        kernel=kernel,
        initrds=initrds,
        cmdline=options,
        boot_image="" if obstacle else section.label,
        handover="" if obstacle else line,
        not_bootable=obstacle,
        source=reading.source,
        protected=_protected(general, section),
    )


def _obstacle(section: Section) -> str:
    if section.kind == "other":
        return _OTHER
    if section.has("range") or section.head.startswith("/dev/"):
        return "the kernel lies in raw sectors of a device (range=)"
    return programs.obstacle("linux", section.head.removesuffix(".efi"))


def _options(reading: Reading, general: Section, section: Section) -> str:
    literal = section.get("literal")
    if literal is not None:
        return literal.rstrip(" ")
    words = ""
    for flag, word in (("read-only", "ro "), ("read-write", "rw ")):
        words += word if section.has(flag) or general.has(flag) else ""
    root = section.get("root") or general.get("root")
    if root and root.lower() == "current":
        reading.complain(reading.source, section.line, "root=current: known to `lilo` only")
    elif root:
        words += f"root={root} "
    ramdisk = section.get("ramdisk") or general.get("ramdisk")
    words += f"ramdisk={ramdisk} " if ramdisk else ""
    append = section.get("append")
    append = general.get("append") if append is None else append
    words += f"{append} " if append else ""
    words += section.get("addappend") or ""
    return words.removesuffix(" ")


def _protected(general: Section, section: Section) -> bool:
    """Return whether LILO asks for a password before it starts this unchanged."""
    password = _has_password(general, section)
    if not password or section.has("mandatory"):
        return password
    return not (section.has("restricted") or general.has("restricted"))


def _has_password(general: Section, section: Section) -> bool:
    return section.has("password") or (general.has("password") and not section.has("bypass"))


def _note_video(reading: Reading, general: Section, section: Section) -> None:
    mode = section.get("vga") or general.get("vga")
    if mode and len(reading.facts) < 100:
        reading.facts[f"vga.{section.label}"] = mode
