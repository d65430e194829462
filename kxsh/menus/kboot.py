"""kboot.conf, of the PlayStation 3 and the Xbox 360.

Sources: petitboot's reader of it, and the comments of XeLL's own example: a line
``name='kernel initrd=file args'`` is an entry, ``#`` and ``;`` begin comments.
"""

from __future__ import annotations

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.protocol import Root
from kxsh.menus import limits, paths
from kxsh.menus.disks import ALONE, Disks
from kxsh.menus.openfirmware import name_file
from kxsh.menus.reading import Reading, number

_GLOBAL = frozenset(("initrd", "root", "video", "dtb", "default", "timeout", "delay", "message"))
# XeLL's settings of the machine itself.
_MACHINE = frozenset(
    "ip netmask gateway tftp_server videomode speedup bg_color fg_color netconfig".split()
)
_QUOTES = "'\" \t\r"


def read(root: Root, path: str, *, variant: str = "", disks: Disks = ALONE) -> Menu:
    """Return the menu of the kboot.conf at `path`; never raises."""
    reading = Reading(root, variant or "kboot", paths.join("/", path))
    settings: dict[str, str] = {}
    named: dict[str, str] = {}
    for line, text in enumerate(reading.text(reading.source).split("\n"), 1):
        text = text.strip(_QUOTES)
        if not text or text[0] in "#;":
            continue
        name, equals, value = text.partition("=")
        name, value = name.strip(_QUOTES).replace("\t", " "), value.strip(_QUOTES)
        if not equals or not value:
            continue
        if name in _GLOBAL:
            settings[name] = value
        elif name not in _MACHINE:
            found = reading.add(_entry(reading, disks, settings, name, value, line))
            if not found:
                break
            named.setdefault(name.lower(), found)
    wanted = settings.get("default", "").lower()
    first = reading.entries[0].id if reading.entries else ""
    if wanted and wanted not in named:
        reading.complain(reading.source, 0, f"default={wanted[:60]}: there is no such entry")
    default = named.get(wanted, first)
    seconds = number(settings.get("timeout", "").strip())
    return reading.menu(default, seconds, settings.get("message", ""))


def _entry(
    reading: Reading, disks: Disks, settings: dict[str, str], name: str, value: str, line: int
) -> Entry:
    image, *words = value.replace("\t", " ").split(" ")[: limits.LINE]
    own = {"initrd": settings.get("initrd", ""), "root": settings.get("root", "")}
    own["dtb"] = settings.get("dtb", "")
    arguments = []
    for word in words:
        key, equals, rest = word.partition("=")
        if equals and key in own:
            own[key] = rest.strip(_QUOTES)
        elif word:
            arguments.append(word)
    if own["root"]:
        arguments.insert(0, f"root={own['root']}")
    cmdline = " ".join(arguments)
    kernel = name_file(reading, disks, image, line=line)
    files = {
        key: name_file(reading, disks, own[key], line=line) for key in ("initrd", "dtb") if own[key]
    }
    wrong = kernel.wrong or next((file.wrong for file in files.values() if file.wrong), "")
    return Entry(
        id=name,
        title=name,
        kernel=kernel.path,
        initrds=(files["initrd"].path,) if "initrd" in files else (),
        cmdline=cmdline,
        handover="" if wrong else cmdline,
        dtb=files["dtb"].path if "dtb" in files else "",
        not_bootable=wrong,
        source=reading.source,
    )
