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

    `path` is a ``loader.conf``, its folder of entries (``/loader/entries``), the folder of
    unified kernel images (``/EFI/Linux``), another folder of entries, or a single entry
    file. The first three are one menu, of entries and images. Files are seen from the
    root of the filesystem.
    """
    path = paths.join("/", path)
    variant = variant or "bls"
    name = path.rpartition("/")[2].lower()
    base = base_of(path)
    beside = base_of(path.rpartition("/")[0]) if base is None and name.endswith(".conf") else base
    reader = Reader(root, beside or "")
    if base is not None:
        folder = f"{base}/loader"
        conf = reader.conf(path if name == "loader.conf" else f"{folder}/loader.conf")
        snippets = read_folder(root, reader.folder(f"{folder}/entries"), reader.complain)
        found = reader.entries(snippets) + reader.images()
        return reader.menu(variant, path, conf, found)
    if name.endswith(".conf"):
        one = read_file(root, path, reader.complain)
        snippets = [one] if one else []
    else:
        snippets = read_folder(root, reader.folder(path), reader.complain)
    return reader.menu(variant, path, LoaderConf(), reader.entries(snippets))


def base_of(path: str) -> str | None:
    """Return the folder that holds ``loader`` or ``EFI``, where `path` stands for a whole
    menu in it (empty: the root); else None."""
    lower = path.lower()
    for ending in ("/loader/loader.conf", "/loader/entries", "/efi/linux"):
        if lower.endswith(ending):
            return path[: -len(ending)]
    return None
