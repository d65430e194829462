"""`kximage adapt`: add the loader and boot.kxs to an image that only BIOS can boot."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kxsh.image import features
from kxsh.image.adapt import Request, Result, adapt
from kxsh.image.boot_script import FaultyScript
from kxsh.image.cli import locking
from kxsh.image.cli.loader import WITH
from kxsh.image.progress import Progress
from kxsh.image.tools import ImageError
from kxsh.text import GIB, KIB, MIB, display, size

HELP = """\
Add an EFI system partition with the loader and boot.kxs to an image, so that UEFI
firmware boots it as a disk and as a CD. BIOS boot stays as it was: boot code, disk id,
active flag, partitions and every file of an ISO are the same bytes as before.

  kximage adapt old.iso -o new.iso              boot.kxs is written to suit the image
  kximage adapt old.iso -o new.iso --script boot.kxs
  kximage adapt old.iso -o new.iso --recovery off    see docs/access.md

The image is only read. The same inputs give the same output, byte for byte.
"""
_UNITS = {"": 1, "K": KIB, "M": MIB, "G": GIB, "KIB": KIB, "MIB": MIB, "GIB": GIB}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", metavar="IMAGE", type=Path, help="an ISO or a disk image")
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT", type=Path, help="the adapted image"
    )
    parser.add_argument("--script", metavar="FILE", type=Path, help="the boot.kxs to put in")
    parser.add_argument(
        "--loader", metavar="FILE", type=Path, help="bootx64.efi (made and kept if left out)"
    )
    parser.add_argument("--with", dest="wanted", default="", metavar="LIST", help=WITH)
    locking.configure(parser)
    parser.add_argument(
        "--esp-size", metavar="SIZE", type=_size, default=0, help="such as 64M (chosen to fit)"
    )
    parser.add_argument(
        "--id", metavar="HEX", default="", help="the image's identity (made from its contents)"
    )
    parser.add_argument(
        "--force",
        action="store_true",
        help="replace OUT; adapt even what boots by UEFI already or is truncated",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress")


def run(arguments: argparse.Namespace) -> int:
    if arguments.loader is not None and arguments.wanted:
        raise ImageError("--with says how the loader is made: it cannot go with --loader")
    request = Request(
        image=arguments.image,
        out=arguments.output,
        script=arguments.script,
        loader=arguments.loader,
        wanted=features.parse(arguments.wanted),
        esp_size=arguments.esp_size,
        identity=arguments.id.lower(),
        force=arguments.force,
        options=tuple(locking.words(arguments)),
    )
    try:
        result = adapt(request, Progress(quiet=arguments.quiet))
    except FaultyScript as error:
        print(error.findings, end="", file=sys.stderr)
        raise
    if result.script.warnings:
        print(result.script.warnings, end="", file=sys.stderr)
    _summarise(request, result)
    return 0


def _summarise(request: Request, result: Result) -> None:
    out = display(str(request.out))
    where = result.where
    ways = "as a disk and as a CD" if result.on_cd else "as a disk"
    print(f"found     {result.found}")
    print(f"added     partition {result.partition}: EFI system partition, {size(where.size)}")
    print(f"          at {size(where.start)}; UEFI boots the image {ways}")
    print(f"script    EFI/BOOT/boot.kxs, {result.script.origin}")
    print(f"identity  {result.identity}")
    print(f"result    {out}, {size(result.size)}; BIOS boot is as it was")
    if result.script.warnings:
        print("warning   boot.kxs was written all the same: the findings stand above")
    for note in result.notes:
        print(f"note      {display(note)}")
    print(f"next      kximage try {out}")


def _size(text: str) -> int:
    """Return bytes for ``64M``, ``64MiB`` or a number of bytes."""
    digits = text.rstrip("KMGIBkmgib")
    unit = text[len(digits) :].upper()
    if not digits.isascii() or not digits.isdigit() or unit not in _UNITS or int(digits) == 0:
        raise argparse.ArgumentTypeError(f"not a size: {display(text)} (write it as 64M)")
    return int(digits) * _UNITS[unit]
