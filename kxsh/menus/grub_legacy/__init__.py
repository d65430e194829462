"""GRUB legacy (0.9x): menu.lst and grub.conf.

Sources: the GRUB 0.97 manual and its stage 2 (stage2.c, cmdline.c, builtins.c, boot.c),
Debian's and Ubuntu's additions (`uuid`, `findiso`), GRUB4DOS's `find --set-root`. Lines,
defaults, `configfile` and `fallback` are compared with the real stage2_eltorito of 0.97 by
tests/boot/test_grub_legacy_oracle.py. That cuts a command line at 255 characters and refuses
``--type=linux`` for a bzImage; this does neither.
"""

from __future__ import annotations

from collections.abc import Mapping

from kxsh.boot.entry import Menu
from kxsh.machine.protocol import Root
from kxsh.menus import paths
from kxsh.menus.disks import ALONE, Disks
from kxsh.menus.grub_legacy.reader import Reader


def read(
    root: Root,
    path: str,
    *,
    variant: str = "",
    disks: Disks = ALONE,
    mapped: Mapping[str, str] | None = None,
) -> Menu:
    """Return the menu of the configuration file `path`; never raises.

    An entry's id is its number as `default` counts (``2``, in a menu that entry 2 leads
    to ``2>0``). `disks` are what ``(hd0,1)`` and `uuid` may name; without them every
    disk is taken to be the menu's own filesystem. `mapped` says for certain what some of
    GRUB's names mean, as ``{"hd0": "sda", "hd1,0": "UUID=..."}``.
    """
    return Reader(root, variant or "grub-legacy", disks, mapped).menu(paths.join("/", path))
