"""Unified kernel images: the loader file `bootx64.efi`, made, checked and adjusted.

Source: the UAPI group's "Unified Kernel Image" specification; systemd-stub(7).
Sections are appended to systemd's stub. The `.cmdline` section is given more room than
it uses, so that an option (the identity of an image) can be rewritten later without
moving anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kxsh.boot.cmdline import Cmdline
from kxsh.errors import FormatFailure
from kxsh.image import pe
from kxsh.image.tools import ImageError
from kxsh.text import display

# The kernel takes 2047 bytes (COMMAND_LINE_SIZE on x86); this leaves it room for more.
CMDLINE_ROOM = 1536

_PAGE = 4096
_READ_ONLY_DATA = 0x40000040  # IMAGE_SCN_CNT_INITIALIZED_DATA | IMAGE_SCN_MEM_READ
_REQUIRED = (".cmdline", ".linux", ".initrd")


def build(stub: bytes, sections: Mapping[str, bytes]) -> bytes:
    """Return the stub with `sections` (name -> content) appended in order.

    Raises ImageError when the stub cannot take them, FormatFailure when it is no stub.
    """
    headers = pe.read_headers(stub)
    pe.check_application(headers)
    image = bytearray(stub)
    pe.drop_certificates(image, headers)
    table_end = headers.table + (len(headers.sections) + len(sections)) * pe.SECTION_HEADER_SIZE
    if table_end > min(headers.headers_size, *(s.offset for s in headers.sections if s.raw_size)):
        raise ImageError(f"the UEFI stub has no room for {len(sections)} more sections")
    entry = headers.table + len(headers.sections) * pe.SECTION_HEADER_SIZE
    address = max(section.address + section.size for section in headers.sections)
    for name, content in sections.items():
        room = max(len(content), CMDLINE_ROOM) if name == ".cmdline" else len(content)
        # A page, though the stub may ask for less: the kernel runs from where it lies.
        address = _align(address, max(headers.section_alignment, _PAGE))
        image.extend(bytes(_align(len(image), headers.file_alignment) - len(image)))
        raw_size = _align(room, headers.file_alignment)
        section = pe.Section(name, address, len(content), len(image), raw_size, entry)
        pe.add_section(image, section, _READ_ONLY_DATA)
        image.extend(content.ljust(raw_size, b"\0"))
        address += raw_size
        entry += pe.SECTION_HEADER_SIZE
    pe.set_image_size(image, headers, _align(address, headers.section_alignment))
    pe.set_checksum(image, headers)
    return bytes(image)


def read_sections(loader: bytes) -> dict[str, bytes]:
    """Return the sections of a loader, name -> content.

    Raises FormatFailure when the file is not a PE file or is truncated.
    """
    return {
        section.name: loader[section.offset : section.offset + min(section.size, section.raw_size)]
        for section in pe.read_headers(loader).sections
    }


def check_loader(loader: bytes) -> None:
    """Raise FormatFailure unless `loader` is a unified kernel image for x86-64 UEFI."""
    headers = pe.read_headers(loader)
    pe.check_application(headers)
    names = {section.name for section in headers.sections}
    missing = [name for name in _REQUIRED if name not in names]
    if missing:
        raise FormatFailure(
            f"an EFI application, but not a loader: it has no section {', '.join(missing)}",
            hint="make one with: kximage loader -o bootx64.efi",
        )


def read_cmdline(loader: bytes) -> str:
    """Return the built-in command line."""
    return _cmdline_text(loader, _cmdline_section(loader))


def with_option(loader: bytes, name: str, value: str) -> bytes:
    """Return the loader with ``name=value`` on its command line, replacing an older one."""
    return with_words(loader, [f"{name}={value}"])


def with_words(loader: bytes, added: Sequence[str]) -> bytes:
    """Return the loader with words ``name=value`` at the end of its command line, before ``--``
    where there is one, in the place of all that it had of these names.

    The file keeps its size and every other byte but the checksum.
    Raises ImageError when the command line has no room for them, or a quote that would take
    them in.
    """
    section = _cmdline_section(loader)
    for word in added:
        value = word.partition("=")[2]
        if not value or not word.isascii() or not word.isprintable() or {" ", '"'} & set(word):
            raise ImageError(f"not a value for a boot option: {display(value)}")
    names = {word.partition("=")[0] for word in added}
    kept = [
        word
        for word in _cmdline_text(loader, section).split(" ")
        if word and ("=" not in word or word.partition("=")[0] not in names)
    ]
    text = str(joined(*kept).append(" ".join(added))).encode("ascii")
    if len(text) > section.raw_size:
        raise ImageError(
            f"no room for {added[0].partition('=')[0]}= on the loader's command line "
            f"({section.raw_size} bytes)",
            hint="make a new loader with: kximage loader -o bootx64.efi",
        )
    changed = bytearray(loader)
    changed[section.offset : section.offset + section.raw_size] = text.ljust(
        section.raw_size, b"\0"
    )
    pe.set_section_size(changed, section, len(text))
    pe.set_checksum(changed, pe.read_headers(loader))
    return bytes(changed)


def joined(*texts: str) -> Cmdline:
    """Return the texts as one command line, to which words can be added.

    Raises ImageError where a quote does not end: it would take them in.
    """
    line = " ".join(texts)
    if line.count('"') % 2:
        raise ImageError(
            f"a quote does not end on the loader's command line: {display(line, 200)}",
            hint="what is added would stand inside of it; give the words anew with --cmdline",
        )
    return Cmdline(line)


def _cmdline_section(loader: bytes) -> pe.Section:
    check_loader(loader)
    found = (s for s in pe.read_headers(loader).sections if s.name == ".cmdline")
    return next(found)


def _cmdline_text(loader: bytes, section: pe.Section) -> str:
    size = min(section.size, section.raw_size)
    content = loader[section.offset : section.offset + size]
    return content.rstrip(b"\0").decode("ascii", "replace")


def _align(value: int, alignment: int) -> int:
    return -(-value // alignment) * alignment
