"""GRUB legacy (0.9x): menu.lst and grub.conf.

Sources: the GRUB 0.97 manual and its stage 2 (stage2.c, cmdline.c, builtins.c, boot.c),
Debian's and Ubuntu's additions (`uuid`, `findiso`), GRUB4DOS's `find --set-root`.
"""

from __future__ import annotations

from kxsh.boot.entry import Menu
from kxsh.machine.protocol import Root
from kxsh.menus import paths
from kxsh.menus.disks import ALONE, Disks
from kxsh.menus.grub_legacy.reader import Reader


def read(root: Root, path: str, *, variant: str = "", disks: Disks = ALONE) -> Menu:
    """Return the menu of the configuration file `path`; never raises.

    An entry's id is its number as `default` counts (``2``, in a menu that entry 2 leads
    to ``2>0``). `disks` are what ``(hd0,1)`` and `uuid` may name; without them every
    disk is taken to be the menu's own filesystem.
    """
    return Reader(root, variant or "grub-legacy", disks).menu(paths.join("/", path))
