"""The Boot Loader Specification's menus: systemd-boot's, and the files of GRUB's blscfg.

Sources: UAPI.1 Boot Loader Specification (Type #1 and Type #2 entries), UAPI.5 Unified
Kernel Image, loader.conf(5), and the behaviour of systemd-boot where they leave a choice.
"""

from __future__ import annotations

from kxsh.boot.entry import Menu
from kxsh.machine.protocol import Root
from kxsh.menus import paths
from kxsh.menus.bls.folder import read_file, read_folder
from kxsh.menus.bls.grub import grub_entries as grub_entries
from kxsh.menus.bls.loader_conf import LoaderConf
from kxsh.menus.bls.reader import Reader


def read(root: Root, path: str, *, variant: str = "") -> Menu:
    """Return the menu of `path`; never raises.

    `path` is a ``loader.conf``, a folder of entries (``/loader/entries``), or a single
    entry file. Files are seen from the root of the filesystem.
    """
    path = paths.join("/", path)
    variant = variant or "bls"
    parent, _, name = path.rpartition("/")
    reader = Reader(root, base_of(path))
    if name.lower() == "loader.conf":
        conf = reader.conf(path)
        snippets = read_folder(root, reader.folder(parent + "/entries"), reader.complain)
        return reader.menu(variant, path, conf, reader.entries(snippets))
    if name.lower().endswith(".conf"):
        one = read_file(root, path, reader.complain)
        return reader.menu(variant, path, LoaderConf(), reader.entries([one] if one else []))
    conf = reader.conf(parent + "/loader.conf") if name.lower() == "entries" else LoaderConf()
    snippets = read_folder(root, reader.folder(path), reader.complain)
    return reader.menu(variant, path, conf, reader.entries(snippets))


def base_of(path: str) -> str:
    """Return the folder that holds ``loader``, seen from a path in it; else the root."""
    folders = path.split("/")[:-1] if path.lower().endswith(".conf") else path.split("/")
    lower = [part.lower() for part in folders]
    if lower[-1:] == ["entries"]:
        folders, lower = folders[:-1], lower[:-1]
    return "/".join(folders[:-1]) if lower[-1:] == ["loader"] else ""
