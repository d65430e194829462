"""What a loader can have besides: `kximage loader --with luks,lvm,md,net,keymaps`.

Each feature is programs of this machine with their libraries, kernel modules, and files.
What opens these on the target is kxsh.machine.linux (layers, network, download,
keymap).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kxsh.image import libraries, tools
from kxsh.image.manifest import Content
from kxsh.image.tools import ImageError
from kxsh.machine.linux.keymap import WITH_LATIN1
from kxsh.text import display, nearest


@dataclass(frozen=True, slots=True)
class Feature:
    """`programs` by name, `libraries` that they load by name, `files` by path, `modules`
    as patterns like `kernel_modules.CHOSEN`; `network`: Python's HTTP and TLS too;
    `keymaps`: every keyboard layout of this machine."""

    programs: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    network: bool = False
    keymaps: bool = False


FEATURES = {
    "luks": Feature(
        programs=("cryptsetup",),
        # glibc loads it when a thread ends (Argon2 has threads), and aborts without it.
        libraries=("libgcc_s.so.1",),
        modules=(
            "drivers/md/dm-crypt",
            "arch/x86/crypto/aesni-intel",
            "arch/x86/crypto/serpent-*",
            "arch/x86/crypto/sha256-ssse3",
            "arch/x86/crypto/sha512-ssse3",
            "arch/x86/crypto/twofish-*",
            "crypto/aes_generic",
            "crypto/algif_hash",
            "crypto/algif_skcipher",
            "crypto/cbc",
            "crypto/ecb",
            "crypto/essiv",
            "crypto/serpent_generic",
            "crypto/sha256_generic",
            "crypto/sha512_generic",
            "crypto/twofish_generic",
            "crypto/xts",
        ),
    ),
    "lvm": Feature(
        programs=("lvm",),
        modules=(
            "drivers/md/dm-mirror",
            "drivers/md/dm-mod",
            "drivers/md/dm-raid",
            "drivers/md/dm-snapshot",
            "drivers/md/dm-thin-pool",
        ),
    ),
    "md": Feature(
        programs=("mdadm",),
        modules=(
            "drivers/md/linear",
            "drivers/md/md-mod",
            "drivers/md/raid0",
            "drivers/md/raid1",
            "drivers/md/raid10",
            "drivers/md/raid456",
        ),
    ),
    "net": Feature(
        files=("/etc/ssl/certs/ca-certificates.crt",),
        network=True,
        modules=(
            "net/packet/af_packet",
            # cards of PCs and servers
            "drivers/net/ethernet/amd/pcnet32",
            "drivers/net/ethernet/amd/xgbe/amd-xgbe",
            "drivers/net/ethernet/aquantia/atlantic/atlantic",
            "drivers/net/ethernet/atheros/al[xt]*/*",
            "drivers/net/ethernet/atheros/atl1*/*",
            "drivers/net/ethernet/broadcom/bnx2",
            "drivers/net/ethernet/broadcom/bnxt/bnxt_en",
            "drivers/net/ethernet/broadcom/tg3",
            "drivers/net/ethernet/intel/e100",
            "drivers/net/ethernet/intel/e1000*/*",
            "drivers/net/ethernet/intel/i40e/i40e",
            "drivers/net/ethernet/intel/ig[bc]/*",
            "drivers/net/ethernet/intel/ixgbe/ixgbe",
            "drivers/net/ethernet/marvell/sk*",
            "drivers/net/ethernet/nvidia/forcedeth",
            "drivers/net/ethernet/realtek/8139*",
            "drivers/net/ethernet/realtek/r8169",
            "drivers/net/phy/realtek",
            # virtual machines
            "drivers/net/hyperv/hv_netvsc",
            "drivers/net/virtio_net",
            "drivers/net/vmxnet3/vmxnet3",
            "drivers/net/xen-netfront",
            # USB adapters
            "drivers/net/usb/asix",
            "drivers/net/usb/ax88179_178a",
            "drivers/net/usb/cdc_ether",
            "drivers/net/usb/cdc_ncm",
            "drivers/net/usb/r8152",
        ),
    ),
    "keymaps": Feature(keymaps=True),
}
# Where Debian's console-data has them: layouts of PC keyboards, one folder for each kind.
_LAYOUTS = Path("/usr/share/keymaps/i386")
_LAYOUT_SUFFIX = ".kmap.gz"
# Those that every loader has: what most keyboards of PCs are sold with.
_COMMON = (
    "be-latin1 br-abnt2 croat cz-us-qwertz de dk dvorak es fi fr fr_CH hu it jp106 la-latin1 "
    "nl no pl pt-latin1 ro ru se-latin1 sg sk-qwertz slovene trq uk us"
).split()


def parse(text: str) -> tuple[str, ...]:
    """Return the features that ``luks,lvm`` names, sorted; raise ImageError for others."""
    names = sorted({name for name in text.replace(",", " ").split() if name})
    for name in names:
        if name not in FEATURES:
            near = nearest(name, FEATURES)
            known = f"there are: {', '.join(FEATURES)}"
            raise ImageError(
                f"a loader has no feature {display(name)}",
                hint=f"did you mean {near}? {known}" if near else known,
            )
    return tuple(names)


def patterns(names: Iterable[str]) -> list[str]:
    """Return the patterns of the kernel modules that the features want."""
    return [pattern for name in names for pattern in FEATURES[name].modules]


def programs(names: Iterable[str]) -> list[str]:
    """Return the names of the programs that the features bring."""
    return [program for name in names for program in FEATURES[name].programs]


def has_network(names: Iterable[str]) -> bool:
    return any(FEATURES[name].network for name in names)


def paths(names: Iterable[str]) -> list[Path]:
    """Return this machine's files that the features are made of.

    Raises ImageError or NotFound, naming the Debian package, where one is missing.
    """
    found: list[Path] = []
    for feature in (FEATURES[name] for name in names):
        found += [Path(tools.require(program)).resolve() for program in feature.programs]
        found += [libraries.find(soname) for soname in feature.libraries]
        found += [tools.require_file(path) for path in feature.files]
        found += list(_layouts().values()) if feature.keymaps else []
    return found


def _layouts() -> dict[str, Path]:
    """Return the files of this machine's keyboard layouts by name."""
    folder = tools.require_file(_LAYOUTS, "the keyboard layouts")
    files = sorted(folder.glob(f"[!i]*/*{_LAYOUT_SUFFIX}"))  # not include/
    found = {path.name.removesuffix(_LAYOUT_SUFFIX): path for path in reversed(files)}
    for name in WITH_LATIN1.intersection(found):
        found[name] = found.get(f"{name}-latin1", found[name])
    return found


def common_layouts() -> dict[str, Path]:
    """Return the files of the layouts that every loader has, by name; none where this
    machine has no `loadkeys` or no layouts (Debian packages kbd and console-data)."""
    if tools.which("loadkeys") is None or not _LAYOUTS.is_dir():
        return {}
    known = _layouts()
    return {name: known[name] for name in _COMMON if name in known}


def keymaps(layouts: Mapping[str, Path]) -> list[Content]:
    """Return layouts as the tables that the kernel takes, for a console in UTF-8. One
    that this loadkeys does not understand is left out: old packages hold some."""
    made = []
    for name, path in layouts.items():
        program = tools.require("loadkeys")
        try:
            table = tools.run([program, "--bkeymap", "--unicode", "--quiet", path])
        except ImageError:
            continue
        made.append(Content(f"usr/share/keymaps/{name}.bmap", table, str(path)))
    return made


def contents(names: Sequence[str]) -> list[Content]:
    """Return the features' programs, libraries and files, as the initramfs has them."""
    files: list[Content] = []
    for feature in (FEATURES[name] for name in names):
        programs = {name: Path(tools.require(name)).resolve() for name in feature.programs}
        loaded = {f"usr/lib/{soname}": libraries.find(soname) for soname in feature.libraries}
        shared = libraries.closure([*programs.values(), *loaded.values()])
        found = {f"usr/bin/{name}": path for name, path in programs.items()} | loaded | shared
        files += [
            Content(place, path.read_bytes(), str(path.resolve()), executable=True)
            for place, path in found.items()
        ]
        for name in feature.files:
            path = tools.require_file(name)
            files.append(Content(name.lstrip("/"), path.read_bytes(), str(path.resolve())))
        files += keymaps(_layouts()) if feature.keymaps else []
    return files
