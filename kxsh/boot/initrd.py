"""What an initial ramdisk is, from its first bytes.

Kinds as the kernel's own unpacker takes them (init/initramfs.c, do_mounts_rd.c). An
unknown kind is no error: the kernel may know it.
"""

from __future__ import annotations

from kxsh.boot import magic
from kxsh.record import record

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO

_HEAD = 65536
# Words that stand in the archive of microcode that distributions put in front.
_EARLY = b"kernel/x86/microcode"


@record
class InitrdFacts:
    """An initrd: `kind` (``gzip``, ``cpio``, ``early+cpio``...) and its size in bytes.

    `doubt` says what is odd (empty: nothing); `wrong` that it cannot be an initrd.
    """

    kind: str
    size: int
    doubt: str = ""
    wrong: bool = False


def inspect_initrd(stream: BinaryIO, size: int) -> InitrdFacts:
    """Return what the file of `size` bytes is; raises only `IoFailure`."""
    if size == 0:
        return InitrdFacts("empty", 0, "the file is empty", True)
    head = magic.read_at(stream, 0, _HEAD)
    if head[0x202:0x206] == b"HdrS":
        doubt = "this is a Linux kernel, not an initrd: are kernel and initrd swapped?"
        return InitrdFacts("bzImage", size, doubt, True)
    kind = magic.kind(head)
    if kind in magic.ARCHIVES and _EARLY in head[:4096]:
        return InitrdFacts("early+" + kind, size)
    if kind == "iso9660":
        return InitrdFacts(kind, size, "this is an ISO image, not an initrd", True)
    if kind:
        return InitrdFacts(kind, size)
    if head.startswith(b"\x7fELF") or head.startswith(b"MZ"):
        return InitrdFacts("program", size, "this is a program, not an initrd", True)
    if magic.is_text(head):
        return InitrdFacts("text", size, "this is a text file, not an initrd", True)
    if not head.strip(b"\0"):
        return InitrdFacts("zeros", size, "the file begins with zeros only")
    return InitrdFacts("unknown", size, "not a known archive, compression or filesystem")
