"""Pictures of screens as small PNG files: of a terminal's text, and of QEMU's screendump.

Text is drawn with a console font of Debian's kbd (8x16, the kernel's own look), in the
sixteen colours of the Linux console.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import pyte

from kxsh.image import tools

FONT = Path("/usr/share/consolefonts/default8x16.psf.gz")
_MARGIN = 8
_LEVELS = (0x00, 0xAA, 0x55, 0xFF)  # dark and bright, as VGA has them
_NAMES = ("black", "red", "green", "brown", "blue", "magenta", "cyan", "white")
Colour = tuple[int, int, int]


def palette() -> list[Colour]:
    """Return the console's sixteen colours; brown is what yellow without its brightness is."""
    colours = [
        (
            _LEVELS[(number & 1) + 2 * (number >> 3)],
            _LEVELS[(number >> 1 & 1) + 2 * (number >> 3)],
            _LEVELS[(number >> 2 & 1) + 2 * (number >> 3)],
        )
        for number in range(16)
    ]
    colours[3] = (0xAA, 0x55, 0x00)
    return colours


class Font:
    """A PC screen font of version 1 or 2: for each character one byte per row."""

    def __init__(self, path: Path = FONT) -> None:
        data = gzip.decompress(tools.require_file(path).read_bytes())
        if data[:2] == b"\x36\x04":
            mode, self.height = data[2:4]
            count, start = 512 if mode & 1 else 256, 4
            codes = _codes1(data[start + count * self.height :]) if mode & 6 else []
        else:
            start, flags, count, size, self.height = struct.unpack_from("<5I", data, 8)
            assert size == self.height, "only fonts of 8 columns"
            codes = _codes2(data[start + count * size :]) if flags & 1 else []
        glyphs = [data[start + n * self.height :][: self.height] for n in range(count)]
        self._glyphs = {chr(number): glyphs[number] for number in range(32, 127)}
        self._glyphs |= {code: glyphs[number] for number, some in enumerate(codes) for code in some}

    def glyph(self, character: str) -> bytes:
        """Return a character's rows, the leftmost dot in the highest bit."""
        return self._glyphs.get(character) or self._glyphs["?"]


def _codes1(table: bytes) -> list[str]:
    text = struct.unpack(f"<{len(table) // 2}H", table)
    found, some = [], ""
    for code in text:
        if code == 0xFFFF:
            found.append(some)
            some = ""
        elif code != 0xFFFE:
            some += chr(code)
    return found


def _codes2(table: bytes) -> list[str]:
    parts = table.split(b"\xff")
    return [part.partition(b"\xfe")[0].decode("utf-8", "replace") for part in parts]


def of_text(screen: pyte.Screen, target: Path) -> None:
    """Draw what stands on a terminal's screen, without the empty part below it."""
    font, lines = Font(), []
    width = screen.columns * 8 + 2 * _MARGIN
    last = max((row for row, text in enumerate(screen.display) if text.strip()), default=0)
    for row in range(last + 1):
        cells = [screen.buffer[row][column] for column in range(screen.columns)]
        # What is covered by a wide character's second half is an empty cell.
        shown = [(font.glyph(cell.data or " "), *_colours(cell)) for cell in cells]
        for y in range(font.height):
            line = bytearray(_MARGIN)
            for (glyph, ink, paper), cell in zip(shown, cells, strict=True):
                bits = 0xFF if cell.underscore and y == font.height - 2 else glyph[y]
                line += bytes(ink if bits & 0x80 >> x else paper for x in range(8))
            lines.append(bytes(line) + bytes(_MARGIN))
    edge = [bytes(width)] * _MARGIN
    write_png(target, [*edge, *lines, *edge], palette())


def _colours(cell: pyte.screens.Char) -> tuple[int, int]:
    """Return a cell's two colours as numbers; bold text is bright, as on the console."""
    ink = _number(cell.fg, 7) | (8 if cell.bold else 0)
    paper = _number(cell.bg, 0)
    return (paper, ink) if cell.reverse else (ink, paper)


def _number(name: str, default: int) -> int:
    bright = name.startswith("bright")
    name = name.removeprefix("bright")
    return _NAMES.index(name) + 8 * bright if name in _NAMES else default


def of_screendump(dump: bytes, target: Path) -> None:
    """Write what QEMU's `screendump` wrote (a PPM), without the empty part right and below."""
    magic, width, height, _ = dump.split(maxsplit=3)[:4]
    assert magic == b"P6"
    size = 3 * int(width)
    pixels = dump[-size * int(height) :]
    rows = [pixels[at : at + size] for at in range(0, len(pixels), size)]
    full = [row for row in rows if any(row)]
    used = max((len(row.rstrip(b"\0")) for row in full), default=3) // 3
    last = max((at for at, row in enumerate(rows) if any(row)), default=0)
    known: dict[Colour, int] = {(0, 0, 0): 0}
    lines = []
    for row in rows[: last + 1]:
        dots = zip(row[::3], row[1::3], row[2::3], strict=True)
        line = bytes(known.setdefault(dot, len(known)) for dot in dots)
        lines.append(bytes(_MARGIN) + line[: used + 1] + bytes(_MARGIN))
    edge = [bytes(len(lines[0]))] * _MARGIN
    write_png(target, [*edge, *lines, *edge], list(known))


def write_png(target: Path, lines: Sequence[bytes], colours: Sequence[Colour]) -> None:
    """Write lines of colours' numbers as a PNG with a palette (RFC 2083)."""
    bits = 4 if len(colours) <= 16 else 8
    packed = b"".join(b"\0" + (_nibbles(line) if bits == 4 else line) for line in lines)
    header = struct.pack(">IIBBBBB", len(lines[0]), len(lines), bits, 3, 0, 0, 0)
    chunks = [
        (b"IHDR", header),
        (b"PLTE", bytes(level for colour in colours for level in colour)),
        (b"IDAT", zlib.compress(packed, 9)),
        (b"IEND", b""),
    ]
    target.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunks(chunks)))


def _nibbles(line: bytes) -> bytes:
    even = line + bytes(len(line) % 2)
    return bytes(a << 4 | b for a, b in zip(even[::2], even[1::2], strict=True))


def _chunks(parts: Iterable[tuple[bytes, bytes]]) -> Iterable[bytes]:
    for name, data in parts:
        check = struct.pack(">I", zlib.crc32(name + data))
        yield struct.pack(">I", len(data)) + name + data + check
