"""`kximage`: build the loader, add it to an image, look into images, try them.

Each subcommand is a module here with `HELP`, `configure(parser)` and `run(arguments)
-> int`; it is imported only when it is the one that was asked for.
Exit codes: 0 done, 1 it failed (the message says why and what to try), 2 wrong usage,
130 interrupted.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from kxsh import __version__
from kxsh.errors import KxshError
from kxsh.text import display

# name -> (module, one line for --help)
COMMANDS = {
    "loader": ("loader", "build bootx64.efi: kernel, initramfs and kxsh in one file"),
    "adapt": ("adapt", "add the loader and boot.kxs to an image that only BIOS can boot"),
    "entries": ("entries", "list the boot entries of an image, device or directory"),
    "kernel": ("kernel", "show what a kernel file says, and set its root device as rdev did"),
    "try": ("try_", "boot an image in QEMU, by UEFI or BIOS, as a disk or a CD"),
    "password": ("password", "make the hash of a password that guards the recovery prompt"),
    "doctor": ("doctor", "what is installed, what is missing, which package brings it"),
}


def build_parser(argv: Sequence[str] = (), *, every: bool = False) -> argparse.ArgumentParser:
    """Return the parser; only the subcommand named in `argv` is imported, or `every` one."""
    parser = argparse.ArgumentParser(
        prog="kximage",
        description="Make images that only BIOS can boot start on UEFI machines too.",
        epilog="Start with:  kximage doctor;  kximage loader;  kximage adapt IMAGE -o OUT",
    )
    parser.add_argument("--version", action="version", version=f"kximage {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    wanted = next((word for word in argv if word in COMMANDS), "")
    for name, (module_name, summary) in COMMANDS.items():
        subparser = subparsers.add_parser(name, help=summary, description=summary)
        if every or name == wanted:
            module = importlib.import_module(f"kxsh.image.cli.{module_name}")
            subparser.description = module.HELP
            subparser.formatter_class = argparse.RawDescriptionHelpFormatter
            module.configure(subparser)
            subparser.set_defaults(run=module.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run `kximage`; return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    arguments = build_parser(words).parse_args(words)
    try:
        return int(arguments.run(arguments))
    except KeyboardInterrupt:
        print("kximage: interrupted; nothing was changed", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
    except KxshError as error:
        print(f"kximage: {display(error.message)}", file=sys.stderr)
        if error.hint:
            print(f"  try: {display(error.hint)}", file=sys.stderr)
        return 1
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        print(f"kximage: {display(name)}{error.strerror or error}", file=sys.stderr)
        return 1
