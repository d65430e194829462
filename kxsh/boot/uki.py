"""Unified kernel images: kernel, initrd and command line in the sections of an EFI program.

Source: UAPI.5 Unified Kernel Image; how its parts go together as systemd-stub does it: a
``.profile`` section begins a profile, whose sections stand for those before the first
one; microcode comes in front of the initrd; control characters of the command line are
blanks.
"""

from __future__ import annotations

from kxsh.boot import magic, pe
from kxsh.boot.pe import Section
from kxsh.boot.piece import PieceStream
from kxsh.errors import Failure, FormatFailure
from kxsh.machine.protocol import Machine, Piece, Root
from kxsh.record import record

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import BinaryIO

_TEXT_LIMIT = 65536
_INITRDS = (".ucode", ".initrd")
_ADDON = ".addon.efi"
_ADDONS = 32


@record
class Uki:
    """The sections of an image: `base`, and those of each profile (none: a plain image)."""

    base: tuple[Section, ...]
    profiles: tuple[tuple[Section, ...], ...] = ()

    def section(self, name: str, profile: int = 0) -> Section | None:
        """Return a section that has content, as the profile (from 0) sees it."""
        own = self.profiles[profile] if profile < len(self.profiles) else ()
        for sections in (own, self.base):
            for section in sections:
                if section.name == name and section.length:
                    return section
        return None

    def text(self, stream: BinaryIO, name: str, profile: int = 0) -> str:
        """Return a section's text (empty: there is none); raises only `IoFailure`."""
        section = self.section(name, profile)
        if section is None:
            return ""
        data = magic.read_at(stream, section.offset, min(section.length, _TEXT_LIMIT))
        return data.decode("utf-8-sig", "ignore").partition("\0")[0]

    def cmdline(self, stream: BinaryIO, profile: int = 0) -> str:
        """Return the command line that is built in, as the stub hands it over."""
        text = self.text(stream, ".cmdline", profile)
        return "".join(" " if character < " " else character for character in text).strip()


def read_uki(stream: BinaryIO) -> Uki | None:
    """Return the sections of a unified kernel image, None for another file."""
    sections = pe.read_sections(stream)
    marks = [at for at, section in enumerate(sections) if section.name == ".profile"]
    base = sections[: marks[0]] if marks else sections
    ends = [*marks[1:], len(sections)]
    profiles = tuple(sections[start:end] for start, end in zip(marks, ends, strict=False))
    image = Uki(base, profiles)
    return image if image.section(".linux") else None


def built_in_cmdline(machine: Machine, path: str) -> str | None:
    """Return the command line of the image at a path, that of its addons behind it; None
    for another file. Raises what opening it raises."""
    root, inner = machine.locate(path)
    with root.open(inner) as stream:
        image = read_uki(stream)
        if image is None:
            return None
        own, release = image.cmdline(stream), image.text(stream, ".uname")
    return " ".join(filter(None, (own, addon_cmdline(root, inner, release))))


def addon_cmdline(root: Root, path: str, release: str) -> str:
    """Return what the addons of an image add to its command line; never raises.

    They are the files ``*.addon.efi`` in /loader/addons and in ``IMAGE.extra.d``. One for
    another kernel (its .uname is not `release`) does not count.
    """
    found = []
    for folder in ("/loader/addons", f"{path}.extra.d"):
        try:
            names = [name for name in root.list(folder) if name.lower().endswith(_ADDON)]
        except Failure:
            continue
        for name in names[:_ADDONS]:
            found.append(_of_addon(root, f"{folder}/{name}", release))
    return " ".join(filter(None, found))


def _of_addon(root: Root, path: str, release: str) -> str:
    try:
        with root.open(path) as stream:
            addon = Uki(pe.read_sections(stream))
            wanted = addon.text(stream, ".uname").strip()
            fits = not wanted or not release or wanted == release.strip()
            return addon.cmdline(stream) if fits else ""
    except Failure:
        return ""


def pieces(path: str, size: int, stream: BinaryIO) -> list[tuple[str, Piece]]:
    """Return the kernel and the initrds of an image of `size` bytes, as named pieces of it.

    Raises `FormatFailure` where one of them lies beyond the file's end.
    """
    image = read_uki(stream)
    found = []
    for name in (".linux", *_INITRDS):
        section = image.section(name) if image else None
        if section is None:
            continue
        if section.offset + section.length > size:
            raise FormatFailure(f"{path} is cut off: its section {name} ends beyond the file")
        found.append((f"{path}:{name}", Piece(path, section.offset, section.length)))
    return found


def piece_stream(file: BinaryIO, piece: Piece) -> BinaryIO:
    """Return a stream of one piece of a file that is open."""
    stream: BinaryIO = PieceStream(file, piece.offset, piece.size)  # type: ignore[assignment]
    return stream
