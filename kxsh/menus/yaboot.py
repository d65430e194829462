"""yaboot.conf and silo.conf, of PowerPC and SPARC machines.

Sources: yaboot.conf(5), yaboot's cfg.c, and petitboot's reader, which is what such files
were written for last: values end at their line's end, `append` may repeat, ``ro`` stands
before ``root=`` (yaboot puts it after; it means the same).
"""

from __future__ import annotations

from kxsh.boot.entry import Entry, Menu, Passwords
from kxsh.machine.protocol import Root
from kxsh.menus import paths
from kxsh.menus.disks import ALONE, Disks
from kxsh.menus.lilo.sections import Section, split
from kxsh.menus.lilo.tokens import pairs
from kxsh.menus.openfirmware import Named, name_file
from kxsh.menus.reading import Reading, number
from kxsh.record import replace

# The installation CD of SUSE: the files are fixed where the value is no path.
_SUSE = {
    "image[32bit]": ("/suseboot/vmlinux32", "/suseboot/initrd32"),
    "image[64bit]": ("/suseboot/vmlinux64", "/suseboot/initrd64"),
}


def read(root: Root, path: str, *, variant: str = "", disks: Disks = ALONE) -> Menu:
    """Return the menu of the configuration `path`; never raises."""
    reading = Reading(root, variant or "yaboot", paths.join("/", path))
    source = reading.source
    settings = pairs(
        reading.text(source),
        lambda line, what: reading.complain(source, line, what),
        whole_lines=True,
    )
    general, sections = split(reading, settings, ("image", *_SUSE), joined=("append",))
    passwords = Passwords()
    labels: dict[str, str] = {}
    aliases: dict[str, str] = {}
    for section in sections:
        entry = _entry(reading, disks, general, section)
        found = reading.add(entry)
        if not found:
            break
        secret = section.get("password") or general.get("password")
        if entry.protected and secret:
            passwords[found] = secret
            reading.entries[-1] = replace(reading.entries[-1], users=(found,))
        labels.setdefault(section.label.lower(), found)
        aliases.setdefault((section.get("alias") or section.label).lower(), found)
    wanted = general.get("default")
    if wanted is None:
        default = reading.entries[0].id if reading.entries else ""
    else:
        default = labels.get(wanted.lower(), aliases.get(wanted.lower(), ""))
        if not default and sections:
            reading.complain(source, 0, f"default={wanted[:60]}: there is no such label")
    title = general.get("init-message") or ""
    menu = reading.menu(default, _timeout(general), title)
    return replace(menu, passwords=passwords)


def _timeout(general: Section) -> float | None:
    """Return the wait in seconds: `timeout` is in tenths; without it yaboot asks for ever."""
    tenths = number((general.get("timeout") or "").strip())
    return None if not tenths else tenths / 10


def _entry(reading: Reading, disks: Disks, general: Section, section: Section) -> Entry:
    image, initrd = _files(general, section)
    kernel = _named(reading, disks, general, section, image)
    found = _named(reading, disks, general, section, initrd) if initrd else Named("")
    cmdline = _options(general, section)
    wrong = kernel.wrong or found.wrong
    return Entry(
        id=section.label,
        title=section.label,
        kernel=kernel.path,
        initrds=(found.path,) if found.path else (),
        cmdline=cmdline,
        handover="" if wrong else cmdline,
        not_bootable=wrong,
        source=reading.source,
        protected=_protected(general, section),
    )


def _files(general: Section, section: Section) -> tuple[str, str]:
    """Return (kernel, initrd) as the file names them."""
    initrd = section.get("initrd") or general.get("initrd") or ""
    if section.kind in _SUSE and not section.head.startswith("/"):
        image, own = _SUSE[section.kind]
        return image, section.get("initrd") or own
    return section.head, initrd


def _named(reading: Reading, disks: Disks, general: Section, section: Section, text: str) -> Named:
    def setting(name: str) -> str:
        return section.get(name) or general.get(name) or ""

    folder = "/suseboot" if section.kind in _SUSE else "/"
    return name_file(
        reading,
        disks,
        text,
        device=setting("device"),
        partition=setting("partition"),
        folder=folder,
        line=section.line,
    )


def _options(general: Section, section: Section) -> str:
    def setting(*names: str) -> str:
        for where in (section, general):
            for name in names:
                if where.has(name):
                    return where.settings[name].strip()
        return ""

    literal = setting("literal")
    if literal:
        return literal
    words = []
    if section.has("read-write") or general.has("read-write"):
        words.append("rw")
    elif section.has("read-only") or general.has("read-only"):
        words.append("ro")
    for key, names in (
        ("root", ("root",)),
        ("ramdisk", ("ramdisk",)),
        ("ramdisk_size", ("initrd-size", "initrd_size")),
    ):
        value = setting(*names)
        words += [f"{key}={value}"] if value else []
    append = setting("append")
    return " ".join([*words, *([append] if append else [])])


def _protected(general: Section, section: Section) -> bool:
    if not (section.has("password") or general.has("password")):
        return False
    return not (section.has("restricted") or general.has("restricted"))
