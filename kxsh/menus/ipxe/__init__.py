"""iPXE scripts: every entry that their menus lead to.

Sources: https://ipxe.org/scripting and https://ipxe.org/cmd, iPXE's image/script.c,
core/exec.c and hci/commands; the real one (tests/boot/test_ipxe_oracle.py). A script is a
program: it is run once for each choice that a menu offers, within limits, on a machine that
has 64 bits, EFI and a network.
"""

from __future__ import annotations

from kxsh.boot.entry import Menu
from kxsh.machine.protocol import Root
from kxsh.menus import paths
from kxsh.menus.ipxe.explorer import Explorer
from kxsh.menus.reading import Reading


def read(root: Root, path: str, *, variant: str = "") -> Menu:
    """Return the menu of the script at `path`; never raises. Files without a server are
    seen from the script's folder; those of a server keep their address and cannot be
    started."""
    return Explorer(Reading(root, variant or "ipxe", paths.join("/", path))).menu()
