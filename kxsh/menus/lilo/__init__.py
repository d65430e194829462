"""LILO's lilo.conf and ELILO's elilo.conf.

Sources: lilo.conf(5) and LILO 22's cfg.c and bsect.c; ELILO's config.c and elilo.txt;
kernel logs of machines that LILO booted (``auto BOOT_IMAGE=Linux ro root=301``).
"""

from __future__ import annotations

from kxsh.boot.entry import Menu
from kxsh.machine.protocol import Root
from kxsh.menus import paths
from kxsh.menus.disks import ALONE, Disks
from kxsh.menus.reading import Reading


def read(root: Root, path: str, *, variant: str = "", disks: Disks = ALONE) -> Menu:
    """Return the menu of a lilo.conf, or of an elilo.conf (`variant` ``elilo``, else by the
    file's name); never raises. An entry's id is its label."""
    path = paths.join("/", path)
    name = path.rpartition("/")[2].lower()
    if variant == "elilo" or (not variant and name.startswith("elilo")):
        from kxsh.menus.lilo import elilo

        return elilo.menu(Reading(root, "elilo", path))
    from kxsh.menus.lilo import lilo

    return lilo.menu(Reading(root, "lilo", path), disks)
