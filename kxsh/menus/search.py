"""Which menus a filesystem holds, in the order in which its loader would take them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from kxsh.boot.entry import Menu, Problem
from kxsh.errors import Failure
from kxsh.machine.protocol import Device, Machine, Root
from kxsh.menus import charge, paths
from kxsh.menus.below import Below
from kxsh.menus.disks import ALONE, Disks, MachineDisks, holds_files
from kxsh.menus.remembered import Remembered
from kxsh.record import record, replace

# Files of pxelinux.cfg/ that are read.
_PXE_FILES = 16
# Folders of a vendor on an ESP.
_EFI_FOLDERS = 64


@record
class Reader:
    """One format: where its files are, and the module in `kxsh.menus` that reads them.

    `find` returns the paths that exist, the one in charge first. The module has
    ``read(root, path, *, variant) -> Menu``, with a further ``disks=`` where its menus
    name other filesystems (`across`).
    """

    format: str
    module: str
    find: Callable[[Root], list[str]]
    across: bool = False

    def read(self, root: Root, path: str, disks: Disks = ALONE) -> Menu:
        from importlib import import_module

        read: Callable[..., Menu] = import_module(f"kxsh.menus.{self.module}").read
        if self.across:
            return read(root, path, variant=self.format, disks=disks)
        return read(root, path, variant=self.format)


def first_of(directories: str, names: str) -> Callable[[Root], list[str]]:
    """Return a search that takes the first file there is, directory by directory."""

    def find(root: Root) -> list[str]:
        for directory in directories.split():
            for name in names.split():
                found = _file(root, paths.join(directory, name))
                if found:
                    return [found]
        return []

    return find


def _bls(root: Root) -> list[str]:
    """Return each place's loader.conf, else its folder of entries, else that of images."""
    found = []
    for directory in ("", "/boot", "/efi", "/boot/efi"):
        conf = _file(root, f"{directory}/loader/loader.conf")
        entries = _path(root, f"{directory}/loader/entries", "directory")
        images = _path(root, f"{directory}/EFI/Linux", "directory")
        if conf:
            found.append(conf)
        elif any(name.lower().endswith(".conf") for name in _names(root, entries)):
            found.append(entries)
        elif any(name.lower().endswith(".efi") for name in _names(root, images)):
            found.append(images)
    return found


def _grub2(root: Root) -> list[str]:
    """Return GRUB's configuration, or where there is none the stubs on an ESP, which lead
    to it on another filesystem."""
    found = first_of("/boot/grub /boot/grub2 /grub /grub2 /boot", "grub.cfg")(root)
    if found:
        return found
    stubs = []
    for top in ("/EFI", "/boot/efi/EFI"):
        folders = _names(root, _path(root, top, "directory"))[:_EFI_FOLDERS]
        stubs += [path for name in folders if (path := _file(root, f"{top}/{name}/grub.cfg"))]
    return stubs or first_of("/", "grub.cfg")(root) or list(filter(_is_script(root), _LEGACY(root)))


_LEGACY = first_of("/boot/grub /grub /boot / /etc", "menu.lst grub.conf")


def _grub_legacy(root: Root) -> list[str]:
    return [path for path in _LEGACY(root) if not _is_script(root)(path)]


def _is_script(root: Root) -> Callable[[str], bool]:
    """Return what tells whether a menu called as GRUB legacy's is one of GRUB 2, which
    petitboot reads there too."""
    return lambda path: _says(root, path, b"\nmenuentry ") and not _says(root, path, b"\ntitle")


def _pxelinux(root: Root) -> list[str]:
    """Return the files of a server's tree: ``default``, then those for one machine or net."""
    from kxsh.menus.syslinux.pxe import is_probed

    for directory in ("/pxelinux.cfg", "/boot/pxelinux.cfg", "/tftpboot/pxelinux.cfg"):
        names = _names(root, _path(root, directory, "directory"))
        probed = sorted(filter(is_probed, names), key=lambda name: name != "default")
        wanted = (probed or names)[:_PXE_FILES]
        found = [path for name in wanted if (path := _file(root, f"{directory}/{name}"))]
        if found:
            return found
    return []


def _loadlin(root: Root) -> list[str]:
    """LOADLIN is started by any batch file, or CONFIG.SYS; only they can tell."""
    found = []
    for directory in ("/", "/loadlin", "/linux", "/boot"):
        for name in ("linux.bat", "loadlin.bat", "boot.bat", "autoexec.bat", "config.sys"):
            path = _file(root, paths.join(directory, name))
            if path and _says(root, path, b"loadlin", unread=True):
                found.append(path)
    return found


def _says(root: Root, path: str, word: bytes, *, unread: bool = False) -> bool:
    """Return whether a file has a word in any case; `unread` where it cannot be read."""
    try:
        return word in root.read(path).lower()
    except Failure:
        return unread


_BOOT_CFG = first_of("/ /EFI/BOOT", "boot.cfg")
_SCRIPTS = first_of("/ /boot /ipxe /boot/ipxe /EFI/BOOT", "autoexec.ipxe boot.ipxe menu.ipxe")


def _ipxe(root: Root) -> list[str]:
    return _SCRIPTS(root) or [path for path in _BOOT_CFG(root) if _says(root, path, b"#!ipxe")]


def _esxi(root: Root) -> list[str]:
    """A boot.cfg is ESXi's, unless it is a script: iPXE's menus are called so too."""
    return [path for path in _BOOT_CFG(root) if not _says(root, path, b"#!ipxe")]


def _elilo(root: Root) -> list[str]:
    """ELILO reads the file beside itself, one for its architecture before the general one."""
    for top in ("/EFI", "/boot/efi/EFI"):
        try:
            folders = root.list(top)[:_EFI_FOLDERS]
        except Failure:
            continue
        for folder in folders:
            found = first_of(f"{top}/{folder}", "elilo-x86_64.conf elilo.conf")(root)
            if found:
                return found
    return first_of("/ /boot/efi /boot", "elilo-x86_64.conf elilo.conf")(root)


# ISOLINUX looks in its fixed places (core/fs/iso9660); SUSE patches its own in.
# EXTLINUX and SYSLINUX look where they were installed: those are the usual folders.
READERS = (
    Reader(
        "isolinux",
        "syslinux",
        first_of(
            "/boot/isolinux /isolinux /boot/syslinux /syslinux / "
            "/boot/x86_64/loader /boot/i386/loader /boot/loader",
            "isolinux.cfg",
        ),
    ),
    Reader(
        "extlinux",
        "syslinux",
        first_of("/boot/extlinux /boot/syslinux /extlinux /syslinux /boot /", "extlinux.conf"),
    ),
    Reader(
        "syslinux",
        "syslinux",
        first_of(
            "/boot/syslinux /syslinux / /boot/isolinux /isolinux /boot/extlinux /extlinux "
            "/EFI/BOOT /EFI/syslinux",
            "syslinux.cfg",
        ),
    ),
    Reader("pxelinux", "syslinux", _pxelinux),
    Reader("grub2", "grub2", _grub2, across=True),
    Reader("bls", "bls", _bls, across=True),
    Reader("grub-legacy", "grub_legacy", _grub_legacy, across=True),
    Reader(
        "lilo", "lilo", first_of("/etc /boot / /boot/lilo /boot/syslinux", "lilo.conf"), across=True
    ),
    Reader("elilo", "lilo", _elilo, across=True),
    Reader(
        "yaboot",
        "yaboot",
        first_of("/ /etc /suseboot /boot /boot/etc", "yaboot.conf yaboot.cnf silo.conf"),
        across=True,
    ),
    Reader("kboot", "kboot", first_of("/ /etc /boot", "kboot.conf kboot.cnf"), across=True),
    Reader("petitboot-native", "petitboot", first_of("/boot /", "petitboot.conf"), across=True),
    Reader(
        "kexec-loader", "kexec_loader", first_of("/", "kexec-loader.conf kxloader.cfg"), across=True
    ),
    Reader("loadlin", "loadlin", _loadlin),
    Reader("ipxe", "ipxe", _ipxe),
    Reader("esxi-boot.cfg", "esxi", _esxi),
)
# Folders at the top of a btrfs that stand for a system's root: its boot loader names
# files from the top (@ in Ubuntu and openSUSE, @rootfs in Debian, root in Fedora).
_SUBVOLUMES = ("root", "rootfs")
_SUBVOLUME_LIMIT = 16


def reader_of(form: str) -> Reader | None:
    """Return the reader of a format."""
    return next((reader for reader in READERS if reader.format == form), None)


# Formats by the names of their files, and by the ends of those.
_NAMED = {
    "menu.lst": "grub-legacy",
    "grub.conf": "grub-legacy",
    "grub.cfg": "grub2",
    "loopback.cfg": "grub2",
    "loader.conf": "bls",
    "silo.conf": "yaboot",
    "boot.cfg": "esxi-boot.cfg",
    "petitboot.conf": "petitboot-native",
    "kxloader.cfg": "kexec-loader",
}
_ENDS = {".ipxe": "ipxe", ".bat": "loadlin", ".sys": "loadlin", ".par": "loadlin"}


def reader_for(path: str) -> Reader | None:
    """Return the reader for a file of this name, None where the name says nothing."""
    lower = path.lower()
    name = lower.rpartition("/")[2]
    if "/pxelinux.cfg/" in lower:
        return reader_of("pxelinux")
    found = _NAMED.get(name) or next((f for end, f in _ENDS.items() if name.endswith(end)), "")
    stem = name.rpartition(".")[0].partition("-x86_64")[0]
    return reader_of(found or stem)


def find_menus(root: Root, disks: Disks = ALONE) -> list[Menu]:
    """Return every menu on a filesystem, the one in charge first; never raises.

    `disks` are the other filesystems that a menu may name. A menu whose loader was
    installed there comes before others; a CD's ISOLINUX comes first, except where
    ldlinux.sys shows that it was copied to a stick. Menus without entries come last.
    """
    menus: list[Menu] = []
    names = Remembered(root)
    for reader in READERS:
        found = [reader.read(root, path, disks) for path in reader.find(names)]
        proof = bool(found) and charge.installed(names, reader.format)
        menus += [replace(menu, installed=proof) for menu in found]
    for folder in _subvolumes(root):
        inside = Below(root, folder)
        names = Remembered(inside)
        for reader in READERS:
            for path in reader.find(names):
                menus.append(_of_subvolume(reader, root, inside, folder, path, disks))
    return sorted(menus, key=lambda menu: (not menu.entries, not menu.installed))


def _of_subvolume(
    reader: Reader, root: Root, inside: Root, folder: str, path: str, disks: Disks
) -> Menu:
    """Read a menu in a subvolume: GRUB 2 names files from the top, others from within."""
    if reader.format == "grub2":
        return reader.read(root, folder + path, disks)
    menu = reader.read(inside, path, disks)
    entries = tuple(entry.rebased(folder) for entry in menu.entries)
    return replace(menu, entries=entries, source=folder + menu.source)


def _subvolumes(root: Root) -> list[str]:
    """Return the top folders that are a system's root: they have a boot and an etc folder."""
    names = [name for name in _names(root, "/") if name.startswith("@") or name in _SUBVOLUMES]
    return [
        f"/{name}"
        for name in names[:_SUBVOLUME_LIMIT]
        if _path(root, f"/{name}/boot", "directory") and _path(root, f"/{name}/etc", "directory")
    ]


def read_machine_menus(
    machine: Machine, told: Callable[[Device], None] = lambda device: None, *, only: str = ""
) -> list[tuple[Device, Menu]]:
    """Return the menus of every device that has a filesystem, or of those on the disk at the
    path `only`; those in charge are marked.

    Each is mounted read-only, read and unmounted. A device that cannot be mounted
    yields a menu without entries and format, with the problem. The second of two
    devices that show the same filesystem (a hybrid ISO and its first partition, the disks of
    one btrfs) is passed over, and so is a menu all of whose entries another one lists as
    well; a copy of a disk is a disk of its own. `told` hears of each device before it is read.
    """
    found: list[tuple[Device, Menu]] = []
    seen: set[tuple[str, str, str, int]] = set()
    disks = MachineDisks(machine)
    try:
        for device in disks.devices():
            disk = device.disk or device.path
            if only not in ("", disk):
                continue
            key = (device.fstype, device.uuid, disk, device.start)
            if device.fstype == "btrfs":
                key = (device.fstype, device.uuid, "", 0)
            if not holds_files(device) or (device.uuid and key in seen):
                continue
            seen.add(key)
            told(device)
            menus = _of_device(machine, device, disks.seen_from(device))
            found += [(device, replace(menu, device=device.path)) for menu in menus]
    finally:
        disks.close()
    return charge.choose(charge.distinct(found))


def _of_device(machine: Machine, device: Device, disks: Disks) -> list[Menu]:
    try:
        mount = machine.mount(device)
    except Failure as failure:
        return [Menu("", "", problems=(Problem(device.path, 0, failure.message),))]
    try:
        root, _ = machine.locate(mount.path)
        return find_menus(root, disks)
    except Failure as failure:
        return [Menu("", "", problems=(Problem(device.path, 0, failure.message),))]
    finally:
        with suppress(Failure):  # it stays open, and what was read of it counts
            machine.unmount(mount)


def _names(root: Root, directory: str) -> list[str]:
    try:
        return root.list(directory) if directory else []
    except Failure:
        return []


def _file(root: Root, path: str) -> str:
    return _path(root, path, "file")


def _path(root: Root, path: str, kind: str) -> str:
    """Return the path of a file or directory as the disk spells it (empty: there is none)."""
    try:
        facts = paths.find(root, path, any_case=True)
    except Failure:
        return ""
    return paths.spelled(path, facts) if facts and facts.kind == kind else ""
