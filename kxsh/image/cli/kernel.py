"""`kximage kernel`: what a kernel file is and says itself; a copy that says something else."""

from __future__ import annotations

import argparse
import io
import os
from pathlib import Path

from kxsh.boot import rdev
from kxsh.boot.report import make_report
from kxsh.errors import Failure, FormatFailure, NotFound
from kxsh.image.output import OutputFile
from kxsh.image.tools import ImageError
from kxsh.machine.given_file import open_given
from kxsh.machine.image import ImageMachine, ImageSpec
from kxsh.text import MIB, display

HELP = """\
Show what a kernel is: version, boot protocol, which way kexec can load it, and the words
that rdev(8) and its other names showed: root device, root flags, video mode, RAM disk.

KERNEL is a file, or IMAGE:/PATH for one inside of a disk image, an ISO or a directory.
With -o a copy is written, --set changes the words in it:

  kximage kernel vmlinuz
  kximage kernel old.iso:/isolinux/linux26
  kximage kernel vmlinuz -o vmlinuz.sda1 --set root=/dev/sda1 --set rootflags=ro
  kximage kernel vmlinuz -o copy --set vidmode=ask --set ramsize=49152

The words are root (a device, MAJOR:MINOR or 0xNNNN), rootflags (ro, rw), vidmode (normal,
extended, ask, a number), ramsize (a number) and, before boot protocol 2.04, swap. A
signature that the kernel carries is void after that."""

# More than any kernel has.
_LIMIT = 512 * MIB


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("kernel", metavar="KERNEL", help="a kernel, or IMAGE:/PATH")
    parser.add_argument("-o", "--output", type=Path, metavar="COPY", help="write a copy")
    parser.add_argument(
        "--set",
        dest="settings",
        metavar="WORD=VALUE",
        action="append",
        default=[],
        help="change a word in the copy; may repeat",
    )
    parser.add_argument("--force", action="store_true", help="replace COPY")


def run(arguments: argparse.Namespace) -> int:
    """Show the kernel, or write the copy and show that."""
    output: Path | None = arguments.output
    settings: list[str] = arguments.settings
    if output is None and settings:
        raise ImageError(
            "--set changes a copy, never the kernel itself", hint="name the copy with -o"
        )
    if output is not None and output.exists() and not arguments.force:
        raise ImageError(
            f"{display(str(output))} is there already",
            hint="give another name with -o, or --force to replace it",
        )
    data = read_kernel(arguments.kernel)
    if output is not None:
        data = changed(data, arguments.kernel, settings)
        with OutputFile(output, replace=arguments.force) as file:
            _write(file.fd, data)
            file.commit()
    for what, text in make_report(io.BytesIO(data), len(data)).lines():
        print(display(f"{what:<12} {text}", 4000))
    return 0


def changed(data: bytes, name: str, settings: list[str]) -> bytes:
    """Return the kernel with words set; `ImageError` for one that has none."""
    if not settings:
        return data
    defaults = rdev.read_defaults(data[:0x300])
    if defaults is None:
        raise ImageError(f"{display(name)} is no x86 Linux kernel with a header to set words in")
    try:
        return rdev.write_defaults(data, rdev.with_settings(defaults, settings))
    except ValueError as error:
        raise ImageError(display(str(error))) from None


def read_kernel(name: str) -> bytes:
    """Return the bytes of a file, or of ``IMAGE:/PATH``."""
    image, colon, path = name.rpartition(":/")
    if not os.path.exists(name) and colon and os.path.exists(image):
        return _from_image(image, "/" + path)
    try:
        with open_given(name) as file:
            data = file.read(_LIMIT + 1)
    except OSError as error:
        raise ImageError(f"cannot read {display(name)}: {error.strerror}") from error
    if len(data) > _LIMIT:
        raise ImageError(f"{display(name)} is too large for a kernel")
    return data


def _from_image(image: str, path: str) -> bytes:
    """Return a file's bytes from the first filesystem of an image that has it."""
    failure: Failure | None = None
    with ImageMachine([ImageSpec(image)]) as machine:
        for device in machine.devices():
            if not device.fstype:
                continue
            try:
                root, _ = machine.locate(machine.mount(device).path)
                facts = root.stat(path)
                if facts is not None and facts.kind == "file":
                    return root.read(path, _LIMIT)
            except FormatFailure as error:
                failure = error
    if failure is not None:
        raise failure
    raise NotFound(f"{display(image)} has no file {display(path)}")


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
