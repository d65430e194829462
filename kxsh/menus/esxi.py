"""boot.cfg of VMware ESXi: listed with all its modules; kexec cannot start it.

Source: VMware's documentation of boot.cfg (kernel, kernelopt, modules, prefix,
bootstate, updated). The kernel is a Multiboot (later an ESXBootInfo) image behind gzip,
its command line begins with its own name.
"""

from __future__ import annotations

from kxsh.boot.entry import Entry, Menu
from kxsh.machine.protocol import Root
from kxsh.menus import paths
from kxsh.menus.reading import Reading, number

_MODULES = 1024
_OBSTACLE = (
    "VMware ESXi: its kernel and modules are for a Multiboot loader that leaves the "
    "firmware's services on, which kexec does not"
)
_STATES = {0: "", 1: "", 2: "a boot bank that was not written whole (bootstate=2)"}
_UNBOOTABLE = "a boot bank that is not valid (bootstate=3)"


def read(root: Root, path: str, *, variant: str = "") -> Menu:
    """Return the one entry of the boot.cfg at `path`; never raises."""
    reading = Reading(root, variant or "esxi-boot.cfg", paths.join("/", path))
    values: dict[str, str] = {}
    for line, text in enumerate(reading.text(reading.source).split("\n"), 1):
        text = text.strip()
        name, equals, value = text.partition("=")
        if not text or text.startswith("#"):
            continue
        if not equals:
            reading.complain(reading.source, line, f"{text[:40]}: no setting")
        elif len(values) < 100 or name in values:
            values[name.strip().lower()] = value.strip()
    kernel = values.get("kernel", "")
    if not kernel:
        reading.complain(reading.source, 0, "names no kernel")
        return reading.menu()
    for key in ("bootstate", "updated", "build"):
        if key in values:
            reading.facts[key] = values[key][:200]
    default = reading.add(_entry(reading, values, kernel))
    seconds = number(values.get("timeout", "")) or 0
    return reading.menu(default, float(seconds), values.get("title", ""))


def _entry(reading: Reading, values: dict[str, str], kernel: str) -> Entry:
    # A blank would end the path of a module.
    prefix = values.get("prefix", "").partition(" ")[0]
    folder = paths.join(paths.parent(reading.source), prefix)
    modules = []
    for part in values.get("modules", "").split("---")[:_MODULES]:
        name, _, arguments = part.strip().partition(" ")
        if name:
            modules.append(f"{paths.join(folder, name)} {arguments.strip()}".rstrip())
    state = number(values.get("bootstate", "3") or "0")
    bank = _STATES.get(state if state is not None else 3, _UNBOOTABLE)
    title = values.get("title", "") or "VMware ESXi"
    return Entry(
        id=title,
        title=title,
        kernel=paths.join(folder, kernel),
        cmdline=f"{kernel} {values.get('kernelopt', '')}",
        modules=tuple(modules),
        not_bootable=_OBSTACLE + (f"; and {bank}" if bank else ""),
        source=reading.source,
    )
