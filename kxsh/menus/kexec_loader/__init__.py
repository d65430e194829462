"""kexec-loader's own files: kexec-loader.conf of 1.x and 2.x, kxloader.cfg.

Source: its manual and its sources from 1.0 to 2.3 and after. The versions know each
other's words little: a file with a directive of 1.x (`rootfs`, `mount`, `grub_root`...) is
read by that version's rules, where the case of directives does not count.

What is told besides the menu stands in its facts: ``module.NAME`` for each kernel module
of the disk's /modules and each that the file names, with its arguments as the value.
"""

from __future__ import annotations

from kxsh.boot.entry import Menu
from kxsh.machine.protocol import Root
from kxsh.menus import paths
from kxsh.menus.disks import ALONE, Disks
from kxsh.menus.kexec_loader.reader import Reader
from kxsh.menus.reading import Reading

# Where the loader looks on its own disk, the first that is there.
PLACES = ("/kexec-loader.conf", "/kxloader.cfg")


def read(root: Root, path: str, *, variant: str = "", disks: Disks = ALONE) -> Menu:
    """Return the menu of a kexec-loader configuration; never raises."""
    reading = Reading(root, variant or "kexec-loader", paths.join("/", path))
    return Reader(reading, disks).menu()
