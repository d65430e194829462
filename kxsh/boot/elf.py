"""ELF files as kernels: vmlinux, Multiboot kernels, Xen; and programs that are none."""

from __future__ import annotations

from kxsh.boot import kernel

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO

_MACHINES = {"EM_X86_64": "x86-64", "EM_386": "i386"}
# An executable has a few program headers; more than this is damage.
_SEGMENTS = 128


def inspect_elf(stream: BinaryIO, head: bytes, size: int) -> kernel.KernelFacts:
    """Return the facts of an ELF file whose first bytes are `head`."""
    from elftools.elf.elffile import ELFFile

    try:
        elf = ELFFile(stream)
        machine = _MACHINES.get(elf["e_machine"], "")
        program = elf["e_type"] != "ET_EXEC"
        if elf.num_segments() > _SEGMENTS:
            raise ValueError("too many program headers")
        end = 0
        xen = False
        for segment in elf.iter_segments():
            program = program or segment["p_type"] == "PT_INTERP"
            end = max(end, segment["p_offset"] + segment["p_filesz"])
            if segment["p_type"] == "PT_NOTE":
                xen = xen or b"Xen\0" in _notes(stream, segment["p_offset"], segment["p_filesz"])
    except Exception:  # pyelftools meets damaged files with many kinds of exceptions
        return kernel.KernelFacts("elf", size, "a damaged ELF file")
    multiboot = kernel.multiboot_version(head)
    wrong = ""
    if not machine:
        wrong = f"an ELF file for another machine ({elf['e_machine']})"
    elif program and not multiboot:
        wrong = "an ELF program or library (a SYSLINUX .c32 module?), not a kernel"
    elif size < end:
        wrong = f"the file is cut off: it has {size} bytes, its header says {end}"
    kind = {0: "elf", 1: "multiboot", 2: "multiboot2"}[multiboot]
    return kernel.KernelFacts(kind, size, wrong, machine=machine, multiboot=multiboot, xen=xen)


def _notes(stream: BinaryIO, offset: int, length: int) -> bytes:
    stream.seek(offset)
    return stream.read(min(length, 4096))
