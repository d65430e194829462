"""A kernel of 100 bytes that shows on the serial line what a boot loader handed over.

It has the header of the x86 boot protocol 2.06, so that loaders take it for Linux. It
writes the initrd's size (eight letters A to P, one per hexadecimal digit) and the
command line in <>, then resets the machine: a boot takes a second.
"""

from __future__ import annotations

import struct

from kxsh.boot.entry import Entry
from kxsh.image.guest import Guest
from kxsh.machine.protocol import Root

# Real-mode code; DS is the segment of the header, so 0x21c is ramdisk_size and 0x228
# cmd_line_ptr.
CODE = bytes.fromhex(
    "66a11c02"  # mov eax, [ramdisk_size]
    "e83200"  # call hex
    "b03ce84000"  # putc '<'
    "66a12802"  # mov eax, [cmd_line_ptr]
    "89c383e30f66c1e8048ec0"  # es:bx = eax
    "268a0708c07406e8270043ebf3"  # putc each byte until NUL
    "b03ee81f00b00ae81a00"  # putc '>', line feed
    "b0fee664"  # reset by the keyboard controller
    "f4ebfd"  # halt
    "b90800"  # hex: eight times
    "66c1c00450240f0441e8040058e2f1c3"  # rotate, low digit + 'A', putc
    "50bafd03eca82074fb58baf803eec3"  # putc: wait for COM1, write
)
# The same for loaders that jump to the 32-bit entry (GRUB's `linux`): ESI is the segment of
# the header there, its fields have the same places.
CODE_32 = bytes.fromhex(
    "bc00000900"  # mov esp, 0x90000
    "8b861c020000"  # mov eax, [esi+ramdisk_size]
    "e830000000"  # call hex
    "b03ce83f000000"  # putc '<'
    "8b9e28020000"  # mov ebx, [esi+cmd_line_ptr]
    "8a034384c07407e82d000000ebf2"  # putc each byte until NUL
    "b03ee824000000b00ae81d000000"  # putc '>', line feed
    "b0fee664"  # reset by the keyboard controller
    "f4ebfd"  # halt
    "b908000000"  # hex: eight times
    "c1c00450240f0441e80400000058e2f0c3"  # rotate, low digit + 'A', putc
    "50bafd030000eca82074fb58baf8030000eec3"  # putc: wait for COM1, write
)
LINE = r"([A-P]{8})<([^\n]*)>\n"


def build() -> bytes:
    """Return the kernel: one boot sector, four setup sectors, a little payload."""
    setup = bytearray(5 * 512)
    payload = CODE_32.ljust(4096, b"\0")
    struct.pack_into("<BHI", setup, 0x1F1, 4, 0, len(payload) // 16)
    struct.pack_into("<H", setup, 0x1FE, 0xAA55)
    setup[0x200:0x206] = b"\xeb\x7eHdrS"  # jump to 0x280
    struct.pack_into("<H", setup, 0x206, 0x0206)
    struct.pack_into("<H", setup, 0x20E, 0x200)  # the version's place, + 0x200
    setup[0x211] = 1  # loaded high
    struct.pack_into("<I", setup, 0x214, 0x100000)
    struct.pack_into("<I", setup, 0x22C, 0x37FFFFFF)
    struct.pack_into("<I", setup, 0x238, 2047)
    setup[0x280 : 0x280 + len(CODE)] = CODE
    setup[0x400:0x40B] = b"6.1.0-probe"
    return bytes(setup) + payload


def started_by(guest: Guest, prompt: str, typed: str) -> tuple[int, str]:
    """Type at a loader's prompt what starts the kernel; return (initrd size, command line)."""
    guest.expect(prompt, 60)
    guest.send(f"{typed}\r")
    return shown(guest)


def shown(guest: Guest) -> tuple[int, str]:
    """Wait for what the kernel shows; return (initrd size, command line)."""
    match = guest.expect(LINE, 60)
    digits = "".join(f"{ord(letter) - ord('A'):x}" for letter in match[1])
    return int(digits, 16), match[2]


def expected(root: Root, entry: Entry | None, align: int = 4) -> tuple[int, str]:
    """Return the same as the reader has it, of an entry whose files are in `root`.

    Each initrd begins at a multiple of `align` bytes.
    """
    assert entry is not None and not entry.not_bootable, entry
    total = 0
    for path in entry.initrds:
        facts = root.stat(path)
        total = -(-total // align) * align + (facts.size if facts else 0)
    return total, entry.handover
