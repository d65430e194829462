"""Which kernel modules the loader carries, with all that they need.

Source: kmod's modules.dep(5), modules.alias, modules.softdep and modules.builtin, as
depmod(8) writes them into /lib/modules/VERSION.
"""

from __future__ import annotations

import gzip
import lzma
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from kxsh.errors import NotFound
from kxsh.image import tools
from kxsh.image.manifest import Content
from kxsh.image.tools import ImageError

# Patterns of module paths below /lib/modules/VERSION/kernel. Native graphics drivers are
# left out on purpose: a changed video mode does not survive the jump (FIELD K16-K18).
CHOSEN = (
    # USB: host controllers, disks, card readers
    "drivers/usb/host/xhci-pci*",
    "drivers/usb/host/[eou]hci-*",
    "drivers/usb/storage/usb-storage",
    "drivers/usb/storage/uas",
    "drivers/usb/storage/ums-realtek",
    # SATA and PATA
    "drivers/ata/*ahci",
    "drivers/ata/ata_*",
    "drivers/ata/sata_mv",
    "drivers/ata/sata_sil*",
    "drivers/ata/sata_nv",
    "drivers/ata/sata_promise",
    "drivers/ata/sata_sis",
    "drivers/ata/sata_via",
    "drivers/ata/pata_ali",
    "drivers/ata/pata_amd",
    "drivers/ata/pata_atiixp",
    "drivers/ata/pata_jmicron",
    "drivers/ata/pata_marvell",
    "drivers/ata/pata_serverworks",
    "drivers/ata/pata_sis",
    "drivers/ata/pata_via",
    # SCSI disks, CD drives, usual RAID controllers
    "drivers/scsi/s[dr]_mod",
    "drivers/scsi/hpsa",
    "drivers/scsi/megaraid/megaraid_sas",
    "drivers/scsi/mpt3sas/mpt3sas",
    "drivers/scsi/smartpqi/smartpqi",
    "drivers/message/fusion/mptspi",
    # NVMe, also behind Intel's VMD
    "drivers/nvme/host/nvme",
    "drivers/pci/controller/vmd",
    # SD cards and eMMC
    "drivers/mmc/core/mmc_block",
    "drivers/mmc/host/sdhci-pci",
    "drivers/mmc/host/sdhci-acpi",
    "drivers/mmc/host/rtsx_*_sdmmc",
    "drivers/misc/cardreader/rtsx_*",
    # virtual machines
    "drivers/virtio/virtio_pci",
    "drivers/virtio/virtio_mmio",
    "drivers/block/virtio_blk",
    "drivers/block/xen-blkfront",
    "drivers/scsi/virtio_scsi",
    "drivers/scsi/vmw_pvscsi",
    "drivers/scsi/hv_storvsc",
    "drivers/hv/hv_vmbus",
    "drivers/input/serio/hyperv-keyboard",
    # keyboards
    "drivers/hid/hid-generic",
    "drivers/hid/hid-apple",
    "drivers/hid/hid-cherry",
    "drivers/hid/hid-logitech-dj",
    "drivers/hid/hid-microsoft",
    "drivers/hid/usbhid/usbhid",
    "drivers/hid/i2c-hid/i2c-hid-acpi",
    "drivers/input/keyboard/atkbd",
    "drivers/input/serio/i8042",
    "drivers/mfd/intel-lpss-*",
    # filesystems, and what they ask the kernel for by name
    "drivers/block/loop",
    "fs/fat/vfat",
    "fs/isofs/isofs",
    "fs/udf/udf",
    "fs/exfat/exfat",
    "fs/ext4/ext4",
    "fs/xfs/xfs",
    "fs/btrfs/btrfs",
    "fs/squashfs/squashfs",
    "fs/ntfs3/ntfs3",
    "fs/efivarfs/efivarfs",
    "fs/nls/nls_ascii",
    "fs/nls/nls_cp437",
    "fs/nls/nls_iso8859-1",
    "fs/nls/nls_utf8",
    "arch/x86/crypto/crc32c-intel",
    "crypto/crc32c_generic",
)

_SUFFIXES = (".ko", ".ko.gz", ".ko.xz", ".ko.zst")


@dataclass(frozen=True, slots=True)
class ModuleTree:
    """depmod's tables of one kernel; modules are named with underscores.

    `paths`: name -> path below the tree; `needs`: name -> names it depends on;
    `aliases`: (pattern, name); `softdeps`: name -> names or aliases; `builtin`: names.
    """

    root: Path
    paths: dict[str, str]
    needs: dict[str, list[str]]
    aliases: list[tuple[str, str]]
    softdeps: dict[str, list[str]] = field(default_factory=dict)
    builtin: frozenset[str] = frozenset()

    def closure(self, wanted: Iterable[str]) -> set[str]:
        """Return `wanted` and everything they depend on, softly too, that is a module."""
        found: set[str] = set()
        queue = [name for name in wanted if name in self.paths]
        while queue:
            name = queue.pop()
            if name in found:
                continue
            found.add(name)
            queue += self.needs.get(name, ())
            for soft in self.softdeps.get(name, ()):
                queue += self._providers(soft)
        return found

    def _providers(self, name: str) -> list[str]:
        if module_name(name) in self.paths:
            return [module_name(name)]
        return [module for pattern, module in self.aliases if pattern == name]


def module_name(path: str) -> str:
    """Return the kernel's name for a module path or name: ``usb_storage``."""
    name = path.rpartition("/")[2]
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name.replace("-", "_")


def read_tree(root: Path) -> ModuleTree:
    """Read depmod's tables in `root` (/lib/modules/VERSION).

    Raises NotFound, naming the Debian package, when there are none.
    """
    if not (root / "modules.dep").is_file():
        raise NotFound(
            f"no kernel modules in {root} (modules.dep is missing)",
            hint=tools.install_hint("/lib/modules"),
        )
    paths: dict[str, str] = {}
    needs: dict[str, list[str]] = {}
    for path, _, rest in (line.partition(":") for line in _lines(root / "modules.dep")):
        paths[module_name(path)] = path
        needs[module_name(path)] = [module_name(other) for other in rest.split()]
    softdeps: dict[str, list[str]] = {}
    for words in (line.split() for line in _lines(root / "modules.softdep")):
        names = [word for word in words[2:] if word not in ("pre:", "post:")]
        softdeps.setdefault(words[1], []).extend(names)
    return ModuleTree(
        root,
        paths,
        needs,
        [_alias(line) for line in _lines(root / "modules.alias")],
        softdeps,
        frozenset(module_name(line) for line in _lines(root / "modules.builtin")),
    )


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        return []
    lines = path.read_text("utf-8", "replace").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _alias(line: str) -> tuple[str, str]:
    _, pattern, name = line.split()
    return pattern, name


def choose(tree: ModuleTree, patterns: Iterable[str] = CHOSEN) -> list[str]:
    """Return the names of the chosen modules and all that they need, sorted.

    A pattern that this kernel has built in, or does not have at all, adds nothing.
    """
    wanted = [
        name
        for name, path in tree.paths.items()
        if any(fnmatchcase(_stem(path), f"kernel/{pattern}") for pattern in patterns)
    ]
    return sorted(tree.closure(wanted))


def _stem(path: str) -> str:
    for suffix in reversed(_SUFFIXES):
        path = path.removesuffix(suffix)
    return path


def contents(tree: ModuleTree, names: Iterable[str], version: str) -> list[Content]:
    """Return the modules as files, uncompressed, with depmod's tables cut down to them.

    `version` is the kernel's release, the name of the folder that it looks in.
    """
    folder = f"usr/lib/modules/{version}"
    shipped = sorted(names)
    files = [
        Content(f"{folder}/{_stem(tree.paths[name])}.ko", *_read(tree.root / tree.paths[name]))
        for name in shipped
    ]
    tables = {
        "modules.dep": [_dependency_line(tree, name) for name in shipped],
        "modules.alias": [f"alias {p} {n}" for p, n in tree.aliases if n in set(shipped)],
        "modules.builtin": [f"kernel/{name}.ko" for name in sorted(tree.builtin)],
    }
    for name, lines in tables.items():
        data = "".join(f"{line}\n" for line in lines).encode()
        files.append(Content(f"{folder}/{name}", data, str(tree.root / name)))
    return files


def _dependency_line(tree: ModuleTree, name: str) -> str:
    needs = "".join(f" {_stem(tree.paths[other])}.ko" for other in tree.needs[name])
    return f"{_stem(tree.paths[name])}.ko:{needs}"


def _read(path: Path) -> tuple[bytes, str]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: {error.strerror or error}") from error
    if path.suffix == ".xz":
        data = lzma.decompress(data)
    elif path.suffix == ".gz":
        data = gzip.decompress(data)
    elif path.suffix == ".zst":
        data = tools.run(["zstd", "-dc"], input=data)
    return data, str(path)
