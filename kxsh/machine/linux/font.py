"""Letters of twice the size, for screens so wide that nobody could read the usual ones.

The console's own font is read, each point becomes four, and that is the new font: nothing
has to be shipped for it. Source: ioctl_console(2), include/uapi/linux/kd.h.
"""

from __future__ import annotations

import ctypes
import fcntl
import os

from kxsh.errors import from_os_error

_KDFONTOP = 0x4B72
_SET, _GET = 0, 1
_ROWS = 32  # of each glyph in the kernel's buffer, whatever its height
_GLYPHS = 512


class _FontOp(ctypes.Structure):
    """struct console_font_op"""

    _fields_ = (
        ("op", ctypes.c_uint),
        ("flags", ctypes.c_uint),
        ("width", ctypes.c_uint),
        ("height", ctypes.c_uint),
        ("charcount", ctypes.c_uint),
        ("data", ctypes.c_void_p),
    )


def double(console: str) -> None:
    """Double the letters of a console, unless they are large. Raises a `Failure` where it
    takes no other font."""
    try:
        descriptor = os.open(console, os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            _double(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise from_os_error(error, f"enlarging the letters of {console}") from error


def _double(descriptor: int) -> None:
    data = ctypes.create_string_buffer(_GLYPHS * _ROWS * 4)
    font = _FontOp(_GET, 0, 32, 32, _GLYPHS, ctypes.addressof(data))
    fcntl.ioctl(descriptor, _KDFONTOP, font)
    if font.width > 16 or font.height > 16:
        return
    bigger = doubled(data.raw, font.width, font.height, font.charcount)
    buffer = ctypes.create_string_buffer(bigger, len(bigger))
    width, height = 2 * font.width, 2 * font.height
    new = _FontOp(_SET, 0, width, height, font.charcount, ctypes.addressof(buffer))
    fcntl.ioctl(descriptor, _KDFONTOP, new)


def doubled(data: bytes, width: int, height: int, count: int) -> bytes:
    """Return glyphs of twice the width and height. `data` has `_ROWS` rows for each glyph,
    of as many bytes as the width needs; the left point is the highest bit."""
    pitch, wide = (width + 7) // 8, (2 * width + 7) // 8
    twice = [int("".join(bit * 2 for bit in f"{byte:08b}"), 2) for byte in range(256)]
    made = bytearray(count * _ROWS * wide)
    for glyph in range(count):
        for row in range(height):
            start = (glyph * _ROWS + row) * pitch
            line = b"".join(twice[byte].to_bytes(2, "big") for byte in data[start : start + pitch])
            for again in (0, 1):
                at = (glyph * _ROWS + 2 * row + again) * wide
                made[at : at + wide] = line[:wide]
    return bytes(made)
