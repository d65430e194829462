"""petitboot.conf, petitboot's own format (discover/native: one keyword and its value a line).

The keywords are `name` (begins an entry), `image`, `initrd`, `dtb`, `args`,
`description`, and before the entries `default` and `dev_description`. A value goes to
its line's end; `args` and `description` add up as they stand, the first of several
files counts.
"""

from __future__ import annotations

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.protocol import Root
from kxsh.menus import limits, paths
from kxsh.menus.disks import ALONE, Disks
from kxsh.menus.openfirmware import name_file
from kxsh.menus.reading import Reading
from kxsh.record import fresh, mutable

_PARAMETERS = frozenset(("image", "initrd", "dtb", "args", "description"))
_ADDED = frozenset(("args", "description"))


@mutable
class Option:
    """An entry as written."""

    name: str
    line: int
    values: dict[str, str] = fresh(default_factory=dict)


def read(root: Root, path: str, *, variant: str = "", disks: Disks = ALONE) -> Menu:
    """Return the menu of the petitboot.conf at `path`; never raises."""
    reading = Reading(root, variant or "petitboot-native", paths.join("/", path))
    general: dict[str, str] = {}
    default = ""
    for option in _options(reading, general):
        found = reading.add(_entry(reading, disks, option))
        if not found:
            break
        if option.name == general.get("default") and not default:
            default = found
    return reading.menu(default, None, general.get("dev_description", ""))


def _options(reading: Reading, general: dict[str, str]) -> list[Option]:
    """Return the entries as written; `general` is filled with what stands before them."""
    options: list[Option] = []
    for line, text in enumerate(reading.text(reading.source).split("\n"), 1):
        keyword, value = _cut(text.lstrip(" \t"))
        if not keyword or keyword.startswith("#"):
            continue
        if not value:
            reading.complain(reading.source, line, f"{keyword[:40]}: the value is missing")
        elif keyword == "name":
            if len(options) >= limits.ENTRIES:
                reading.complain(reading.source, line, "further entries are left out")
                break
            options.append(Option(value.rstrip("\r"), line))
        elif keyword in _PARAMETERS and options:
            values = options[-1].values
            value = value.rstrip("\r")
            if keyword in _ADDED and len(values.get(keyword, "")) < limits.LINE:
                value = values.pop(keyword, "") + value
            values.setdefault(keyword, value)
        elif keyword in ("default", "dev_description") and not options:
            general.setdefault(keyword, value.rstrip("\r"))
        else:
            reading.complain(reading.source, line, f"{keyword[:40]}: no keyword here")
    return options


def _cut(text: str) -> tuple[str, str]:
    """Return a line's keyword and its value, which keeps the blanks at its end."""
    for index, character in enumerate(text):
        if character in " \t":
            return text[:index], text[index:].lstrip(" \t")
    return text.rstrip("\r"), ""


def _entry(reading: Reading, disks: Disks, option: Option) -> Entry:
    values = option.values
    image = values.get("image", "")
    files = {
        key: name_file(reading, disks, values[key].strip(), line=option.line)
        for key in ("image", "initrd", "dtb")
        if values.get(key)
    }
    wrong = next((file.wrong for file in files.values() if file.wrong), "")
    wrong = wrong or ("" if image else "starts no kernel (it has no image)")
    cmdline = values.get("args", "")
    return Entry(
        id=option.name,
        title=option.name,
        kernel=files["image"].path if image else "",
        initrds=(files["initrd"].path,) if "initrd" in files else (),
        cmdline=cmdline,
        handover="" if wrong else cmdline,
        dtb=files["dtb"].path if "dtb" in files else "",
        not_bootable=wrong,
        source=reading.source,
        help=values.get("description", "")[: limits.HELP_CHARACTERS],
    )
