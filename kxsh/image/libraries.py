"""Shared libraries that a program needs, found as the dynamic linker would find them.

Source: ld.so(8), "search order"; the ELF gABI for DT_NEEDED, DT_RPATH, DT_RUNPATH.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSegment, DynamicTag
from elftools.elf.elffile import ELFFile
from elftools.elf.segments import InterpSegment

from kxsh.errors import FormatFailure, NotFound
from kxsh.image import tools

FOLDERS = (
    Path("/lib/x86_64-linux-gnu"),
    Path("/usr/lib/x86_64-linux-gnu"),
    Path("/lib64"),
    Path("/usr/lib64"),
    Path("/lib"),
    Path("/usr/lib"),
)

# soname -> the Debian package that has it
PACKAGES = {
    "libudev.so.1": "libudev1",
    "libblkid.so.1": "libblkid1",
    "libc.so.6": "libc6",
    "libgcc_s.so.1": "libgcc-s1",
}


def find(soname: str, folders: Iterable[Path] = FOLDERS) -> Path:
    """Return the file of a library.

    Raises NotFound, naming the Debian package where it is known.
    """
    for folder in folders:
        path = folder / soname
        if path.is_file():
            return path
    package = PACKAGES.get(soname)
    hint = f"install the Debian package: apt install {package}" if package else ""
    raise NotFound(f"the library {soname} is not installed", hint=hint)


def closure(files: Iterable[Path]) -> dict[str, Path]:
    """Return path in the initramfs (no leading slash) -> file, for all libraries needed.

    `files` are programs and libraries; the dynamic linker they name is among the
    result, `files` themselves are not. Libraries keep the folder they were found in.
    """
    found: dict[str, Path] = {}
    queue = list(files)
    while queue:
        file = queue.pop()
        interpreter, needed, folders = _dynamic(file)
        wanted = [find(soname, [*folders, *FOLDERS]) for soname in needed]
        if interpreter:
            wanted.append(tools.require_file(interpreter, "the dynamic linker"))
        for path in wanted:
            place = str(path.parent.resolve() / path.name).lstrip("/")
            if place not in found:
                found[place] = path
                queue.append(path)
    return found


def interpreter_of(file: Path) -> str:
    """Return the dynamic linker that a program names; empty for a static one."""
    return _dynamic(file)[0]


def _dynamic(file: Path) -> tuple[str, list[str], list[Path]]:
    """Return (dynamic linker, sonames needed, folders to look in first)."""
    interpreter = ""
    needed: list[str] = []
    folders: list[Path] = []
    try:
        with file.open("rb") as stream:
            for segment in ELFFile(stream).iter_segments():
                if isinstance(segment, InterpSegment):
                    interpreter = segment.get_interp_name()
                elif isinstance(segment, DynamicSegment):
                    needed, folders = _tags(segment, file)
    except ELFError as error:
        raise FormatFailure(f"{file} is not an ELF file: {error}") from error
    # The dynamic linker itself may be listed too; it is found as the interpreter.
    needed = [soname for soname in needed if not soname.startswith("ld-linux")]
    return interpreter, needed, folders


def _tags(segment: DynamicSegment, file: Path) -> tuple[list[str], list[Path]]:
    needed: list[str] = []
    folders: list[Path] = []
    for tag in segment.iter_tags():
        if tag.entry.d_tag == "DT_NEEDED":
            needed.append(_text(tag, "needed"))
        elif tag.entry.d_tag in ("DT_RPATH", "DT_RUNPATH"):
            value = _text(tag, tag.entry.d_tag.removeprefix("DT_").lower())
            origin = str(file.resolve().parent)
            folders += [Path(part.replace("$ORIGIN", origin)) for part in value.split(":")]
    return needed, folders


def _text(tag: DynamicTag, name: str) -> str:
    # pyelftools adds these attributes by name, so type checkers don't know them.
    return str(getattr(tag, name))
