"""LOADLIN, which started Linux from DOS: batch files, CONFIG.SYS and parameter files.

Sources: the manual of LOADLIN 1.6 (sections 3.2, 3.3 and 4, initrd.txt, params.doc).
"""

from __future__ import annotations

from kxsh.boot.entry import Menu
from kxsh.machine.protocol import Root
from kxsh.menus import paths
from kxsh.menus.loadlin import batch, command
from kxsh.menus.reading import Reading


def read(root: Root, path: str, *, variant: str = "") -> Menu:
    """Return what the LOADLIN lines of a batch file, CONFIG.SYS or parameter file start;
    never raises. Drives are taken to be the filesystem itself."""
    reading = Reading(root, variant or "loadlin", paths.join("/", path))
    text = reading.text(reading.source)
    default = ""
    chosen = ""
    for call in batch.calls(reading, text):
        entry = command.entry(reading, call)
        found = reading.add(entry)
        if not found:
            break
        default = default or found
        if call.preferred and not chosen:
            chosen = found
    return reading.menu(chosen or default, batch.timeout(text))
