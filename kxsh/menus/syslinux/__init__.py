"""ISOLINUX, SYSLINUX, EXTLINUX, and PXELINUX files on a disk: one language.

Sources: doc/syslinux.txt, doc/menu.txt, syslinux.cfg(5) of SYSLINUX 6.04, and the
real loaders (tests/boot/test_isolinux_oracle.py, test_extlinux_oracle.py, test_pxelinux_oracle.py).
"""

from __future__ import annotations

from kxsh.boot.entry import Menu
from kxsh.machine.protocol import Root
from kxsh.menus import paths
from kxsh.menus.syslinux.reader import Reader


def read(root: Root, path: str, *, variant: str = "") -> Menu:
    """Return the menu of the configuration file `path`; never raises.

    `variant` is ``isolinux``, ``syslinux``, ``extlinux`` or ``pxelinux``; empty
    takes it from the file's name. File names are seen from the configuration's
    folder (from the folder above ``pxelinux.cfg``).
    """
    path = paths.join("/", path)
    return Reader(root, variant or variant_of(path)).menu(path, directory_of(path))


def variant_of(path: str) -> str:
    """Return which of the loaders reads a file of this name."""
    lower = path.lower()
    if "/pxelinux.cfg/" in lower:
        return "pxelinux"
    name = lower.rpartition("/")[2]
    for known in ("isolinux", "extlinux", "pxelinux"):
        if name.startswith(known):
            return known
    return "syslinux"


def directory_of(path: str) -> str:
    """Return the loader's working directory for the configuration `path`."""
    folder = paths.parent(path)
    return paths.parent(folder) if folder.lower().endswith("/pxelinux.cfg") else folder
