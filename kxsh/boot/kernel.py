"""What a kernel file is, from its headers, and which way of loading can take it.

Sources: Documentation/arch/x86/boot.rst (protocol 2.00 to 2.15), the kernel's own
loader (arch/x86/kernel/kexec-bzimage64.c), kexec-tools' i386 and x86_64 loaders, the
Multiboot specifications 0.6.96 and 2.0.
"""

from __future__ import annotations

import struct

from kxsh.boot import magic
from kxsh.boot.initrd import InitrdFacts as InitrdFacts
from kxsh.boot.initrd import inspect_initrd as inspect_initrd
from kxsh.boot.pe import read_sections
from kxsh.machine.protocol import LoadMethod
from kxsh.record import record

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO

_HEAD = 65536
SECTOR = 512
# xloadflags
_KERNEL_64 = 1
_ABOVE_4G = 2
_5LEVEL = 32
# Programs that put on Linux's header to be started by Linux loaders.
_DISGUISED = ("MEMDISK", "iPXE", "gPXE", "GRUB", "PLoP")


@record
class KernelFacts:
    """A kernel file's facts; sizes and addresses in bytes, unknown is 0 or empty.

    `kind`: ``bzImage``, ``zImage``, ``elf``, ``multiboot``, ``multiboot2``, ``uki``,
    ``pe``, ``arm64``, ``gzip``... `wrong` says why it is no kernel that can be
    started (empty: it may be one). `protocol` is 0x020c for 2.12. `inner` is the
    kind found inside of compressed data.
    """

    kind: str
    size: int
    wrong: str = ""
    version: str = ""
    protocol: int = 0
    setup_sects: int = 0
    payload_size: int = 0
    xloadflags: int = 0
    loaded_high: bool = False
    relocatable: bool = False
    init_size: int = 0
    pref_address: int = 0
    cmdline_size: int = 0
    machine: str = ""
    multiboot: int = 0
    xen: bool = False
    inner: str = ""

    @property
    def is_64bit(self) -> bool:
        return bool(self.xloadflags & _KERNEL_64) or self.machine == "x86-64"

    @property
    def above_4g(self) -> bool:
        return bool(self.xloadflags & _ABOVE_4G)

    @property
    def five_level(self) -> bool:
        return bool(self.xloadflags & _5LEVEL)

    @property
    def protocol_name(self) -> str:
        return f"{self.protocol >> 8}.{self.protocol & 255:02}" if self.protocol else ""

    @property
    def memory(self) -> int:
        """Bytes that the kernel needs to unpack itself, at least."""
        # Before 2.10 the header does not say: kernels unpack to three or four times.
        return max(self.init_size, self.size) if self.init_size else 4 * self.size


def inspect_kernel(stream: BinaryIO, size: int) -> KernelFacts:
    """Return what the file of `size` bytes is; raises only `IoFailure`."""
    if size == 0:
        return KernelFacts("empty", 0, "the file is empty")
    head = magic.read_at(stream, 0, _HEAD)
    if head[0x202:0x206] == b"HdrS" and head[0x1FE:0x200] == b"\x55\xaa":
        return _linux(stream, head, size)
    if head.startswith(b"\x7fELF"):
        from kxsh.boot.elf import inspect_elf

        return inspect_elf(stream, head, size)
    if head.startswith(b"MZ"):
        return _pe(stream, head, size)
    return _other(head, size)


def load_rules(
    facts: KernelFacts, *, five_level: bool = False
) -> tuple[LoadMethod | None, tuple[str, ...]]:
    """Return the way of loading that can take the kernel, and the rules that failed.

    ``file`` with no failed rules; ``tools`` with the rules of kexec_file_load that
    the kernel breaks; None with the reasons why nothing can load it. `five_level`:
    the running kernel uses 5-level page tables.
    """
    if facts.wrong:
        return None, (facts.wrong,)
    if facts.kind == "uki":
        return None, ("a unified kernel image (UKI), which is taken apart first",)
    if facts.kind != "bzImage":
        return "tools", (f"kexec_file_load takes bzImage only, this is {facts.kind}",)
    if facts.protocol < 0x0200:
        return None, (f"boot protocol {facts.protocol_name} is older than 2.00",)
    broken = tuple(_file_rules(facts, five_level))
    return ("tools", broken) if broken else ("file", ())


def _file_rules(facts: KernelFacts, five_level: bool) -> list[str]:
    broken = []
    if facts.protocol < 0x020C:
        broken.append(f"boot protocol {facts.protocol_name} is older than 2.12")
    elif not facts.is_64bit:
        broken.append("a 32-bit kernel (no 64-bit entry point, XLF_KERNEL_64)")
    elif not facts.above_4g:
        broken.append("cannot be loaded above 4 GiB (no XLF_CAN_BE_LOADED_ABOVE_4G)")
    if five_level and not facts.five_level:
        broken.append("knows no 5-level page tables, which are on now (no XLF_5LEVEL)")
    return broken


def tool_type(facts: KernelFacts) -> str:
    """Return kexec-tools' ``--type`` for the kernel (empty: let it probe)."""
    if facts.kind == "bzImage":
        modern = facts.protocol >= 0x020C and facts.is_64bit
        return "bzImage64" if modern and facts.above_4g else "bzImage"
    if facts.kind in ("multiboot", "multiboot2"):
        return f"{facts.kind}-x86"
    if facts.kind == "elf":
        return "elf-x86_64" if facts.is_64bit else "elf-x86"
    return ""


def _linux(stream: BinaryIO, head: bytes, size: int) -> KernelFacts:
    """Read the header of the x86 boot protocol."""
    head = head.ljust(0x300, b"\0")
    setup_sects = head[0x1F1] or 4
    protocol: int = struct.unpack_from("<H", head, 0x206)[0]
    high = bool(head[0x211] & 1) and protocol >= 0x0200
    xloadflags: int = struct.unpack_from("<H", head, 0x236)[0] if protocol >= 0x020C else 0
    cmdline_size: int = struct.unpack_from("<I", head, 0x238)[0] if protocol >= 0x0206 else 0
    address, init_size = struct.unpack_from("<QI", head, 0x258) if protocol >= 0x020A else (0, 0)
    payload: int = struct.unpack_from("<I", head, 0x24C)[0] if protocol >= 0x0208 else 0
    version = _version(stream, head, setup_sects)
    return KernelFacts(
        kind="bzImage" if high else "zImage",
        size=size,
        wrong=_linux_trouble(head, size, setup_sects, protocol, high, version),
        version=version,
        protocol=protocol,
        setup_sects=setup_sects,
        payload_size=payload,
        xloadflags=xloadflags,
        loaded_high=high,
        relocatable=protocol >= 0x0205 and bool(head[0x234]),
        init_size=init_size,
        pref_address=address,
        cmdline_size=cmdline_size or 255,
        machine="x86-64" if xloadflags & _KERNEL_64 else "i386",
    )


def _linux_trouble(
    head: bytes, size: int, setup_sects: int, protocol: int, high: bool, version: str
) -> str:
    for name in _DISGUISED:
        if version.startswith(name):
            return f"{name} needs the BIOS and cannot be started by kexec"
    needed = (setup_sects + 1) * SECTOR
    # Older kernels stored the low 16 bits only.
    if protocol >= 0x0204:
        needed += 16 * int(struct.unpack_from("<I", head, 0x1F4)[0]) - 15
    if size < needed or size < 2 * SECTOR:
        return f"the file is cut off: it has {size} bytes, its header says {max(needed, 1024)}"
    if not high:
        return "a zImage (loads low): no kexec loader takes it, a bzImage is needed"
    return ""


def _version(stream: BinaryIO, head: bytes, setup_sects: int) -> str:
    """Return the version text that the header points at, without what follows it."""
    offset = struct.unpack_from("<H", head, 0x20E)[0]
    if not offset or offset >= setup_sects * SECTOR:
        return ""
    text = magic.read_at(stream, offset + 0x200, 128).split(b"\0")[0]
    return text.decode("latin-1").split(" (")[0].strip()


def _pe(stream: BinaryIO, head: bytes, size: int) -> KernelFacts:
    """Tell a unified kernel image, an ARM64 kernel and another EFI program apart."""
    if head[0x38:0x3C] == b"ARM\x64":
        wrong = "a kernel for ARM64: this machine cannot run it"
        return KernelFacts("arm64", size, wrong, machine="aarch64")
    names = [section.name for section in read_sections(stream)]
    if ".linux" in names:
        return KernelFacts("uki", size)
    if names:
        return KernelFacts("pe", size, "an EFI program, not a kernel: start it from the firmware")
    return KernelFacts("dos", size, "a DOS program, not a kernel")


def _other(head: bytes, size: int) -> KernelFacts:
    multiboot = multiboot_version(head)
    if multiboot:
        kind = "multiboot" if multiboot == 1 else "multiboot2"
        return KernelFacts(kind, size, multiboot=multiboot)
    kind = magic.kind(head)
    if kind in magic.COMPRESSED:
        return _compressed(head, kind, size)
    if kind in magic.ARCHIVES or kind in magic.FILESYSTEMS:
        return KernelFacts(kind, size, _swapped(kind))
    if kind == "iso9660":
        return KernelFacts(kind, size, "an ISO image, not a kernel")
    if head.startswith(b"\xb8\xfe\x4c\xcd\x21"):
        return KernelFacts("com32", size, "a SYSLINUX module (COM32), not a kernel")
    if magic.is_text(head):
        page = b"<html" in head[:1024].lower() or b"<!doctype" in head[:64].lower()
        what = "an HTML page (a download that failed?)" if page else "a text file"
        return KernelFacts("text", size, f"this is {what}, not a kernel")
    if not head.strip(b"\0"):
        return KernelFacts("zeros", size, "the file begins with zeros only")
    if head[0x1FE:0x200] == b"\x55\xaa":
        wrong = "a boot sector or disk image, or a kernel older than Linux 1.3.73 (no HdrS)"
        return KernelFacts("boot-sector", size, wrong)
    return KernelFacts("unknown", size, "not a kernel: neither HdrS (bzImage) nor an ELF header")


def _compressed(head: bytes, kind: str, size: int) -> KernelFacts:
    inside = magic.unpacked(head, kind)
    if inside.startswith(b"\x7fELF") or multiboot_version(inside):
        # kexec-tools unpacks gzip and xz by itself.
        return KernelFacts(kind, size, inner="elf", multiboot=multiboot_version(inside))
    if inside[0x202:0x206] == b"HdrS" or inside[0x38:0x3C] == b"ARM\x64":
        wrong = f"a kernel that is compressed with {kind} once more: unpack it, and load that"
        return KernelFacts(kind, size, wrong, inner="kernel")
    return KernelFacts(kind, size, _swapped(kind), inner=magic.kind(inside))


def _swapped(kind: str) -> str:
    return f"this is an initramfs ({kind}), not a kernel: are kernel and initrd swapped?"


def multiboot_version(head: bytes) -> int:
    """Return 1 or 2 where a Multiboot header stands in the first bytes, else 0."""
    for version, number, span, step in ((1, 0x1BADB002, 8192, 4), (2, 0xE85250D6, 32768, 8)):
        mark = struct.pack("<I", number)
        at = head.find(mark, 0, span)
        while at >= 0:
            words = 3 if version == 1 else 4
            fields = head[at : at + 4 * words]
            if at % step == 0 and len(fields) == 4 * words:
                total = sum(struct.unpack(f"<{words}I", fields))
                if total & 0xFFFFFFFF == 0:
                    return version
            at = head.find(mark, at + 1, span)
    return 0
