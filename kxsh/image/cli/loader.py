"""`kximage loader`."""

from __future__ import annotations

import argparse
from pathlib import Path

from kxsh.image import features, loader, uki
from kxsh.image import kernel as kernels
from kxsh.image.cli import locking
from kxsh.image.progress import Progress
from kxsh.image.tools import ImageError

HELP = """\
Build bootx64.efi: systemd's UEFI stub, a Linux kernel and an initramfs with kxsh, in
one file. The same inputs give the same bytes. What is in it, and where it came from, is
written beside it as OUTPUT.manifest.json.

  kximage loader
  kximage loader -o esp/EFI/BOOT/bootx64.efi --compression 3
  kximage loader --with luks,lvm       for encrypted disks and logical volumes
  kximage loader --recovery off,30s    no recovery prompt: restart 30 s after a failure

Who may have the recovery prompt, edit entries and start others than the default is said
by --recovery: open (everybody), password, off. docs/access.md tells what that protects.
"""
WITH = "what else it can do, with commas: luks, lvm, md (RAID), net (fetch files), keymaps"


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("-o", "--output", type=Path, default=Path("bootx64.efi"), metavar="FILE")
    parser.add_argument("--kernel", type=Path, metavar="FILE", help="a bzImage (newest in /boot)")
    parser.add_argument("--modules", type=Path, metavar="DIR", help="its /lib/modules/VERSION")
    parser.add_argument("--cmdline", metavar="TEXT", help="options added to the command line")
    locking.configure(parser)
    parser.add_argument(
        "--compression",
        type=int,
        choices=range(1, 20),
        default=loader.RELEASE_LEVEL,
        metavar="1..19",
        help="zstd level: 3 builds in seconds, 19 is smallest (19)",
    )
    parser.add_argument("--with", dest="wanted", default="", metavar="LIST", help=WITH)
    parser.add_argument("--quiet", action="store_true", help="no progress")


def run(arguments: argparse.Namespace) -> int:
    """Build and write the loader."""
    if bool(arguments.kernel) != bool(arguments.modules):
        raise ImageError("--kernel and --modules are given together")
    wanted = features.parse(arguments.wanted)
    kernel = None
    if arguments.kernel:
        kernel = kernels.given(arguments.kernel, arguments.modules)
    lock = locking.words(arguments)
    line = uki.joined(loader.CMDLINE, *filter(None, [arguments.cmdline]))
    cmdline = str(line.append(" ".join(lock)))
    progress = Progress(quiet=arguments.quiet)
    level = arguments.compression
    built = loader.build(kernel, cmdline=cmdline, level=level, progress=progress, wanted=wanted)
    loader.write(built, arguments.output)
    return 0
