"""The Boot Loader Specification's menus: systemd-boot's, and the files of GRUB's blscfg.

Sources: UAPI.1 Boot Loader Specification (Type #1 and Type #2 entries), UAPI.5 Unified
Kernel Image, loader.conf(5), and the behaviour of systemd-boot where they leave a choice.
"""

from __future__ import annotations

from kxsh.boot.entry import Menu
from kxsh.machine.protocol import Device, Root
from kxsh.menus import paths
from kxsh.menus.bls import firmware
from kxsh.menus.bls.folder import read_file, read_folder
from kxsh.menus.bls.grub import grub_entries as grub_entries
from kxsh.menus.bls.loader_conf import LoaderConf
from kxsh.menus.bls.order import Found
from kxsh.menus.bls.reader import Reader
from kxsh.menus.disks import ALONE, Disks
from kxsh.record import replace

# The partition type of an extended boot loader partition: more room beside an ESP. The
# second is for MBR disks.
XBOOTLDR = ("bc13c2ff-59e6-4262-a352-b275fd6f7172", "0xea")


def read(root: Root, path: str, *, variant: str = "", disks: Disks = ALONE) -> Menu:
    """Return the menu of `path`; never raises.

    `path` is a ``loader.conf``, its folder of entries (``/loader/entries``), the folder of
    unified kernel images (``/EFI/Linux``), another folder of entries, or a single entry
    file. The first three are one menu, of entries and images, also of those on the
    extended boot loader partition that `disks` has beside an ESP. What systemd-boot keeps in
    the firmware counts where `disks` are a machine's. Files are seen from the root of the
    filesystem.
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
        found = reader.read_entries(snippets) + reader.images()
        if not base and disks.here is not None:
            found += _extended(disks, disks.here, reader)
        return reader.listed(variant, path, firmware.overridden(conf, disks), found)
    if name.endswith(".conf"):
        one = read_file(root, path, reader.complain)
        snippets = [one] if one else []
    else:
        snippets = read_folder(root, reader.folder(path), reader.complain)
    return reader.listed(variant, path, LoaderConf(), reader.read_entries(snippets))


def _extended(disks: Disks, esp: Device, reader: Reader) -> list[Found]:
    """Return the entries of the extended boot loader partition on the disk of an ESP."""
    found: list[Found] = []
    for device in disks.devices():
        beside = device.disk == esp.disk and device.path != esp.path and bool(esp.disk)
        if not beside or device.parttype.lower() not in XBOOTLDR:
            continue
        root = disks.root(device)
        if root is None:
            continue
        other = Reader(root, "")
        snippets = read_folder(root, other.folder("/loader/entries"), other.complain)
        found += [_moved(one, device) for one in other.read_entries(snippets) + other.images()]
        for problem in other.problems:
            reader.complain(f"{device.path}:{problem.file}", problem.line, problem.message)
        reader.facts.update(other.facts)
    return found


def _moved(one: Found, device: Device) -> Found:
    def put(path: str) -> str:
        return f"{device.path}:{path}" if path.startswith("/") else path

    entry = replace(one.entry.on(put), source=put(one.entry.source))
    return replace(one, entry=entry)


def base_of(path: str) -> str | None:
    """Return the folder that holds ``loader`` or ``EFI``, where `path` stands for a whole
    menu in it (empty: the root); else None."""
    lower = path.lower()
    for ending in ("/loader/loader.conf", "/loader/entries", "/efi/linux"):
        if lower.endswith(ending):
            return path[: -len(ending)]
    return None
