"""Looking into kernels: which drivers for the firmware's framebuffer are built in.

A bzImage's payload is the compressed kernel (x86 boot protocol 2.08: payload_offset and
payload_length). Drivers leave their names in it. Heads tells the same way whether a
screen survives kexec.
"""

from __future__ import annotations

import struct

from kxsh.boot import magic
from kxsh.image.archive import unpack

# Text in the kernel -> the driver that it belongs to. What EFI has set up reaches the
# target as a framebuffer of type EFI, which vesafb does not take.
_DRIVERS = {
    b"efifb: ": "efifb",
    b"simplefb: ": "simplefb",
    b"simpledrm": "simpledrm",
    b"efidrm": "efidrm",
}
_SECTOR = 512


def framebuffer_drivers(kernel: bytes) -> set[str] | None:
    """Return the drivers in a bzImage that show the firmware's framebuffer; None where
    its payload is not known. Raises a Failure for a payload that cannot be unpacked."""
    payload = _payload(kernel)
    kind = magic.kind(payload[:65536])
    if kind not in magic.COMPRESSED:
        return None
    text = unpack(payload, kind)
    return {driver for name, driver in _DRIVERS.items() if name in text}


def _payload(kernel: bytes) -> bytes:
    if len(kernel) < 0x250 or kernel[0x202:0x206] != b"HdrS":
        return b""
    if struct.unpack_from("<H", kernel, 0x206)[0] < 0x0208:
        return b""
    offset, length = struct.unpack_from("<II", kernel, 0x248)
    start = ((kernel[0x1F1] or 4) + 1) * _SECTOR + offset
    return kernel[start : start + length]
