"""What ELILO, LILO's like for EFI, hands to each kernel (config.c, find_label)."""

from __future__ import annotations

from kxsh.boot.entry import Entry, Menu
from kxsh.menus import paths
from kxsh.menus.lilo.sections import Section, split
from kxsh.menus.lilo.tokens import pairs
from kxsh.menus.reading import Reading, number


def menu(reading: Reading) -> Menu:
    """Return the menu of the elilo.conf that `reading` is for; its files are seen from
    its own folder."""
    source = reading.source
    settings = pairs(reading.text(source), lambda line, what: reading.complain(source, line, what))
    general, sections = split(reading, settings, ("image",))
    names: dict[str, str] = {}
    for section in sections:
        found = reading.add(_entry(reading, general, section))
        if not found:
            break
        names.setdefault(section.label, found)
    wanted = general.get("default")
    if wanted and wanted not in names and sections:
        reading.complain(source, 0, f"default={wanted[:60]}: there is no such label")
    first = reading.entries[0].id if reading.entries else ""
    return reading.menu(names.get(wanted or "", first), _timeout(general))


def _timeout(general: Section) -> float | None:
    """Return the wait in seconds: `timeout` counts after `prompt`, else `delay` does."""
    interactive = general.has("prompt")
    tenths = number((general.get("timeout" if interactive else "delay") or "").strip())
    return tenths / 10 if tenths else (None if interactive else 0.0)


def _entry(reading: Reading, general: Section, section: Section) -> Entry:
    options = _options(general, section)
    initrd = section.get("initrd") or general.get("initrd") or ""
    kernel = _path(reading, section.head)
    monitor = section.get("vmm") or general.get("vmm")
    obstacle = "starts a hypervisor for Itanium (vmm=)" if monitor else ""
    if not obstacle and not reading.holds(kernel):
        reading.complain(reading.source, section.line, f"{section.label}: no file {kernel}")
    return Entry(
        id=section.label,
        title=section.get("description") or section.label,
        kernel=kernel,
        initrds=(_path(reading, initrd),) if initrd else (),
        cmdline=options,
        boot_image="" if obstacle else section.head,
        handover="" if obstacle else f"BOOT_IMAGE={section.head} {options}".rstrip(" "),
        not_bootable=obstacle,
        source=reading.source,
    )


def _options(general: Section, section: Section) -> str:
    literal = section.get("literal")
    if literal is not None:
        return literal
    append = section.get("append") or general.get("append") or ""
    root = section.get("root") or general.get("root") or ""
    words = f"root={root} " if root else ""
    words += f" {append}" if append else ""
    if section.has("read-only") or general.has("read-only"):
        words += " ro"
    return words.strip(" ")


def _path(reading: Reading, name: str) -> str:
    name = name.replace("\\", "/")
    device, colon, rest = name.partition(":")
    if colon and "/" not in device:  # scsi0:/vmlinuz: a device of the firmware's
        reading.complain(reading.source, 0, f"{name[:80]}: taken to be on the menu's own disk")
        name = rest
    return paths.join(paths.parent(reading.source), name)
