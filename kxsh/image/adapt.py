"""Adding the loader to an image that only BIOS can boot, so that UEFI boots it too.

The image is copied; an EFI system partition with the loader and boot.kxs goes behind it,
and the tables that name it are patched: partition table and El Torito boot catalogue.
Everything else stays byte for byte, and what was written is read back before the result
gets its name.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kxsh.errors import KxshError, VerifyFailure
from kxsh.image import boot_script, content, esp, layout, tools, uki
from kxsh.image.boot_script import Script
from kxsh.image.layout import Layout, Placement
from kxsh.image.output import OutputFile, check_space
from kxsh.image.patch import Patch
from kxsh.image.progress import Progress
from kxsh.image.tools import ImageError
from kxsh.machine.given_file import open_given
from kxsh.machine.partitions import PartitionTable, read_table
from kxsh.syntax.saved import SUFFIX
from kxsh.text import MIB, display
from kxsh.text import size as shown

IDENTITY_OPTION = "kxsh.id"
_LARGEST_LOADER = 512 * MIB


@dataclass(frozen=True, slots=True)
class Request:
    """What to adapt. `loader` and `script` None: made to suit, the loader with the features
    `wanted` besides; `options` are words for the loader's command line; `esp_size` in bytes,
    0: chosen; `identity` empty: derived from image, loader and script."""

    image: Path
    out: Path
    script: Path | None = None
    loader: Path | None = None
    esp_size: int = 0
    identity: str = ""
    force: bool = False
    wanted: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What was done: `found` and `notes` in words, `partition` the ESP's number."""

    found: str
    partition: int
    where: Placement
    script: Script
    identity: str
    size: int
    on_cd: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is known before the first byte is written."""

    image: Layout
    notes: tuple[str, ...]
    loader: bytes
    script: Script
    where: Placement


def adapt(request: Request, progress: Progress) -> Result:
    """Write `request.out`; return what was found and added.

    Raises ImageError and FormatFailure when that cannot be (before anything is written,
    where it can be known then) and VerifyFailure when what was written reads back wrong.
    """
    _check_names(request)
    for program in esp.PROGRAMS:
        tools.require(program)
    with _opened(request.image) as source:
        plan = _prepare(request, source, progress)
        with OutputFile(request.out, replace=request.force) as out:
            identity = _copy(request, plan, source, out, progress)
            partition = _extend(plan, identity, out, progress)
            out.commit()
    return Result(
        found=plan.image.kind,
        partition=partition,
        where=plan.where,
        script=plan.script,
        identity=identity,
        size=plan.where.total,
        on_cd=plan.image.catalogue is not None,
        notes=plan.notes,
    )


# -- before anything is written


def _check_names(request: Request) -> None:
    out, name = request.out, display(str(request.out))
    if request.identity and not re.fullmatch("[0-9a-f]{32}", request.identity):
        raise ImageError("an identity is 32 hexadecimal digits in lower case")
    if not out.parent.is_dir():
        raise ImageError(f"the folder {display(str(out.parent))} does not exist")
    if not os.path.lexists(out):
        return
    if not out.is_file():
        raise ImageError(
            f"{name} is not a regular file",
            hint="adapt to a file, try it (kximage try FILE), then write that to the disk",
        )
    for given in (request.image, request.loader, request.script):
        if given is not None and given.exists() and os.path.samefile(given, out):
            raise ImageError(f"{name} is what is read: give another name with -o")
    if not request.force:
        raise ImageError(f"{name} exists", hint="give another name with -o, or --force")


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Give the image opened for reading only. Raises ImageError when it is no file."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as error:
        raise ImageError(f"cannot open {display(str(path))}: {error.strerror}") from error
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise ImageError(
                f"{display(str(path))} is not a file",
                hint="make an image of a device first: dd if=DEVICE of=FILE bs=4M",
            )
        yield fd
    finally:
        os.close(fd)


def _prepare(request: Request, source: int, progress: Progress) -> _Plan:
    progress.step(f"looking at {request.image}")
    image = layout.read_layout(str(request.image), source)
    notes = _check_image(image, request.force)
    # The script first: a mistake in it should not wait for a loader to be built.
    script = _script(request, image, progress)
    loader = _read_loader(request, progress)
    sizes = len(loader), script.size
    if request.esp_size:
        size = esp.check_size(request.esp_size, *sizes)
    else:
        size = esp.default_size(*sizes, counted=image.catalogue is not None)
    where = layout.place(image, size)
    layout.patches(image, where, "0" * 32)  # a table without room is found now
    return _Plan(image, tuple(notes), loader, script, where)


def _check_image(image: Layout, force: bool) -> list[str]:
    """Return notes for the summary; raise ImageError when the image is to be left alone."""
    notes = []
    missing, boots = layout.missing_bytes(image), layout.uefi_boot(image)
    if missing and not force:
        raise ImageError(missing, hint="fetch it again and compare its checksum")
    if boots and not force:
        raise ImageError(
            f"the image boots by UEFI already: {boots}",
            hint="use it as it is, or adapt it all the same with --force",
        )
    if missing:
        notes.append(f"{missing}; adapted all the same")
    if boots:
        notes.append(f"it booted by UEFI already ({boots}): a firmware may still prefer that")
    if image.volume is not None and image.catalogue is None:
        notes.append("it has no El Torito boot catalogue: UEFI boots it as a disk, not as a CD")
    if image.volume is not None and image.volume.checksummed and image.catalogue is not None:
        notes.append("its built-in media check will fail, for the boot catalogue has changed")
    return notes


def _read_loader(request: Request, progress: Progress) -> bytes:
    path = request.loader
    if path is None:
        from kxsh.image.loader import default_loader

        path = default_loader(progress, request.wanted)
    try:
        with open_given(path) as file:
            data = file.read(_LARGEST_LOADER + 1)
    except OSError as error:
        raise ImageError(
            f"cannot read the loader {display(str(path))}: {error.strerror}"
        ) from error
    try:
        uki.check_loader(data)
    except KxshError as error:
        raise ImageError(
            f"{display(str(path))} cannot be the loader: {error.message}",
            hint=error.hint or "make one with: kximage loader -o bootx64.efi",
        ) from error
    return uki.with_words(data, request.options) if request.options else data


def _script(request: Request, image: Layout, progress: Progress) -> Script:
    if request.script is not None:
        return boot_script.read_script(request.script, request.image)
    progress.step("looking for boot menus in the image")
    return boot_script.suit(image)


# -- writing


def _copy(request: Request, plan: _Plan, source: int, out: OutputFile, progress: Progress) -> str:
    """Copy the image to the output; return the identity of the result."""
    facts = os.fstat(source)
    shared = content.clone(source, out.fd)
    files = len(plan.loader) + plan.script.size + 2 * MIB
    stored = 0 if shared else min(facts.st_blocks * 512, plan.image.size)
    check_space(out.fd, request.out.parent, stored + files)
    progress.step(f"copying {shown(plan.image.size)}")
    digest = content.copy(
        source,
        None if shared else out.fd,
        plan.image.size,
        lambda done, total: progress.part("copying", done, total),
    )
    now = os.fstat(source)
    if (now.st_size, now.st_mtime_ns) != (facts.st_size, facts.st_mtime_ns):
        raise ImageError("the image changed while it was read", hint="start again")
    return request.identity or _identity(digest, plan)


def _identity(digest: str, plan: _Plan) -> str:
    """Return 32 hex digits: the same for the same inputs, else not the same."""
    parts = [digest.encode(), plan.loader, plan.script.data, str(plan.where).encode()]
    for name, data in plan.script.imports.items():
        parts += [name.encode(), data]
    whole = b"".join(hashlib.sha256(part).digest() for part in parts)
    return hashlib.sha256(b"kxsh.id" + whole).hexdigest()[:32]


def _extend(plan: _Plan, identity: str, out: OutputFile, progress: Progress) -> int:
    """Add the ESP and patch the tables, read all back; return the ESP's number."""
    where = plan.where
    progress.step(f"adding an EFI system partition of {shown(where.size)}")
    files = {
        esp.LOADER: uki.with_option(plan.loader, IDENTITY_OPTION, identity),
        esp.SCRIPT: plan.script.data,
        esp.SCRIPT + SUFFIX: plan.script.tree(),
        **plan.script.imports,
        esp.IDENTITY: identity.encode() + b"\n",
    }
    changes = layout.patches(plan.image, where, identity)
    os.ftruncate(out.fd, where.total)
    filesystem = esp.build(where.size, where.start, identity, files)
    content.write_sparse(out.fd, filesystem, where.start)
    for patch in changes:
        content.write(out.fd, patch.data, patch.offset)
    progress.step("reading back what was written")
    os.fsync(out.fd)
    os.posix_fadvise(out.fd, 0, 0, os.POSIX_FADV_DONTNEED)
    return _verify(plan, changes, files, out)


def _verify(plan: _Plan, changes: list[Patch], files: dict[str, bytes], out: OutputFile) -> int:
    """Return the ESP's number; raises VerifyFailure unless all reads back as written."""
    for patch in changes:
        if os.pread(out.fd, len(patch.data), patch.offset) != patch.data:
            raise VerifyFailure(f"{patch.what} did not read back as it was written")
    for name, data in files.items():
        if esp.read_file(out.link, plan.where.start, name) != data:
            raise VerifyFailure(f"{esp.FOLDER}/{name} did not read back as it was written")
    table = read_table(lambda at, count: os.pread(out.fd, count, at), plan.where.total)
    added = [p for p in table.partitions if p.start == plan.where.start]
    kept = _outlines(plan.image.table) <= _outlines(table)
    if len(added) != 1 or not kept:
        raise VerifyFailure("the partition table did not read back as it was meant")
    return added[0].number


def _outlines(table: PartitionTable) -> set[tuple[int, int, str, str, bool]]:
    """What of each partition stays; not the size, which was cut if the image was short."""
    return {(p.number, p.start, p.type, p.uuid, p.active) for p in table.partitions}
