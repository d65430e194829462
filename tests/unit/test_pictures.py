"""The documentation's pictures: small, shown on a page, and what is drawn can be read."""

from __future__ import annotations

import re
import struct
import sys
import zlib
from pathlib import Path

import pyte
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import pictures
import screens

ROOT = Path(__file__).resolve().parents[2]
MADE = sorted((ROOT / "docs/pictures").glob("*.png"))
LARGEST = 40_000


def read(path: Path) -> tuple[list[bytes], list[pictures.Colour]]:
    """Return the rows of a picture as `pictures.write_png` writes it, and its palette."""
    data = path.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    parts: dict[bytes, bytes] = {}
    at = 8
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + size]
        assert struct.unpack_from(">I", data, at + 8 + size)[0] == zlib.crc32(name + body)
        parts[name] = body
        at += 12 + size
    width, height, bits, kind = struct.unpack_from(">IIBB", parts[b"IHDR"])
    assert kind == 3
    packed = zlib.decompress(parts[b"IDAT"])
    step = 1 + -(-width * bits // 8)
    rows = [packed[row * step + 1 : (row + 1) * step] for row in range(height)]
    if bits == 4:
        rows = [bytes(half for byte in row for half in (byte >> 4, byte & 15)) for row in rows]
    levels = parts[b"PLTE"]
    colours = [(levels[n], levels[n + 1], levels[n + 2]) for n in range(0, len(levels), 3)]
    return [row[:width] for row in rows], colours


def text_of(rows: list[bytes]) -> list[str]:
    """Read the text back by the shape of its letters."""
    font = pictures.Font()
    letters = {font.glyph(chr(code)): chr(code) for code in range(32, 127)}
    lines = []
    for top in range(8, len(rows) - 8, font.height):
        cells = []
        for left in range(8, len(rows[0]) - 8, 8):
            dots = [rows[top + y][left : left + 8] for y in range(font.height)]
            shape = bytes(sum((dot != 0) << 7 - x for x, dot in enumerate(row)) for row in dots)
            cells.append(letters.get(shape, "?"))
        lines.append("".join(cells).rstrip())
    return lines


def test_what_is_drawn_can_be_read(tmp_path: Path) -> None:
    screen = pyte.Screen(30, 5)
    pyte.Stream(screen).feed("kxsh> mount LABEL=A\r\n\x1b[1;31merror\x1b[0m: `no` {device}")
    pictures.of_text(screen, tmp_path / "text.png")
    rows, colours = read(tmp_path / "text.png")
    assert text_of(rows) == ["kxsh> mount LABEL=A", "error: `no` {device}"]
    assert (0xFF, 0x55, 0x55) in {colours[dot] for row in rows[24:] for dot in row}


def test_a_photograph_is_cut_to_what_is_on_it(tmp_path: Path) -> None:
    white, black = b"\xff\xff\xff", bytes(3)
    lit = white * 2 + black * 38
    dump = b"P6\n40 20\n255\n" + lit * 3 + black * 40 * 17
    pictures.of_screendump(dump, tmp_path / "photo.png")
    rows, colours = read(tmp_path / "photo.png")
    assert (len(rows), len(rows[0])) == (3 + 16, 3 + 16)
    assert colours == [(0, 0, 0), (255, 255, 255)]
    assert rows[8] == bytes(8) + b"\1\1\0" + bytes(8)


@pytest.mark.parametrize("path", MADE, ids=[path.name for path in MADE])
def test_a_picture_is_small_and_on_a_page(path: Path) -> None:
    assert path.stat().st_size < LARGEST
    assert read(path)[0]
    pages = [*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]
    assert any(f"pictures/{path.name})" in page.read_text() for page in pages)


def test_every_picture_has_a_scene() -> None:
    shots = {shot.name for scene in screens.SCENES.values() for shot in scene.shots}
    assert {path.stem for path in MADE} == shots - {""}


def test_every_picture_that_a_page_shows_is_there() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for name in re.findall(r"!\[[^\]]+\]\((pictures/[^)]+)\)", page.read_text()):
            assert (page.parent / name).is_file(), f"{page.name}: {name}"
