"""The options of `kxsh`, their help, and which of them go together."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress

from kxsh import __version__
from kxsh.text import display

DESCRIPTION = """\
kxsh runs boot scripts (kxs): on a target, as what the loader starts; on a helper PC,
to check and rehearse them first.

  kxsh --check boot.kxs                      find mistakes without running anything
  kxsh --check --fix boot.kxs                ... and put right what can be
  kxsh --check --image disk.img boot.kxs     ... and look whether its files are there
  kxsh --explain KX301                       what a finding means, and its cure
  kxsh --dry-run --image disk.img boot.kxs   run it against an image, and show the result
  kxsh --fmt boot.kxs                        lay it out like every other script
  kxsh help mount                            a command of kxs; without a name: all
  kxsh state set slots left.A 3              change what the boot script remembers
  kxsh boot.kxs                              run it on THIS machine, for real
  kxsh                                       the prompt, on this machine
"""
EPILOG = """\
exit codes: 0 done or nothing found, 1 the script failed or findings, 2 wrong usage,
130 interrupted. A finding is let stand by a comment on its line, or alone above it:
`# kxs: allow KX601 the lab has one disk`. In kxs: `help` lists the commands, `help mount`
explains one.
"""


class _Help(argparse.RawDescriptionHelpFormatter):
    """As wide as the terminal. argparse makes one for each option, and would import shutil to
    learn the width."""

    def __init__(self, prog: str) -> None:
        columns = os.environ.get("COLUMNS", "")
        width = int(columns) if columns.isdecimal() else 0
        with suppress(OSError):
            width = width or os.get_terminal_size().columns
        super().__init__(prog, width=(width or 80) - 2)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of `kxsh`'s own options."""
    parser = argparse.ArgumentParser(
        prog="kxsh",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=_Help,
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="a script; - is standard input")
    _add_running(parser.add_argument_group("run and rehearse"))
    _add_checking(parser.add_argument_group("check"))
    _add_formatting(parser.add_argument_group("format, tell, serve"))
    return parser


def _add_running(group: argparse._ArgumentGroup) -> None:
    group.add_argument("-c", dest="text", metavar="TEXT", help="take TEXT as the script")
    group.add_argument(
        "--dry-run", action="store_true", help="run, but only write down what would be done"
    )
    group.add_argument(
        "--image",
        action="append",
        metavar="IMAGE",
        help="the disk to run against; with --check: to look into; may repeat",
    )


def _add_checking(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--check", action="store_true", help="check the files, run nothing")
    group.add_argument("--fix", action="store_true", help="put right what is surely meant so")
    group.add_argument(
        "--unsafe", action="store_true", help="with --fix: also what asks for a second look"
    )
    group.add_argument(
        "--select",
        action="extend",
        type=_codes,
        metavar="CODES",
        help="only these codes, or all that begin so: KX3,KX601",
    )
    group.add_argument(
        "--ignore", action="extend", type=_codes, metavar="CODES", help="all but these codes"
    )
    group.add_argument(
        "--format",
        choices=("text", "json", "sarif", "github"),
        default="text",
        help="for people, for programs, for code scanning, as GitHub's annotations",
    )
    group.add_argument(
        "--esp", metavar="DIR", help="look into a folder that holds what the ESP will hold"
    )
    group.add_argument(
        "--initramfs", metavar="FILE", help="look into the loader (bootx64.efi) or its initramfs"
    )
    group.add_argument(
        "--explain", action="store_true", help="say what the codes given as FILE mean; none: list"
    )


def _add_formatting(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--fmt", action="store_true", help="format the files (with --check: name those that differ)"
    )
    group.add_argument("--diff", action="store_true", help="with --fmt: show changes, make none")
    group.add_argument(
        "--signatures", action="store_true", help="print every command's declaration as JSON"
    )
    group.add_argument(
        "--lsp", action="store_true", help="serve an editor on standard input and output"
    )
    group.add_argument("--version", action="version", version=f"kxsh {__version__}")


def _codes(text: str) -> list[str]:
    """Return the codes, or beginnings of codes, of ``KX3,KX601``."""
    from kxsh.checker.codes import CODES

    prefixes = [word.strip().upper() for word in text.split(",") if word.strip()]
    if not prefixes:
        raise argparse.ArgumentTypeError("it names no code; `kxsh --explain` lists them")
    prefixes = [word if word.startswith("KX") else f"KX{word}" for word in prefixes]
    for prefix in prefixes:
        if not any(code.startswith(prefix) for code in CODES):
            raise argparse.ArgumentTypeError(
                f"no code begins with {display(prefix)}; `kxsh --explain` lists them"
            )
    return prefixes


def usage_fault(arguments: argparse.Namespace) -> str:
    """Return why these options cannot be used together; empty: they can."""
    if arguments.explain:
        return ""
    if arguments.lsp:
        return "--lsp takes nothing else" if arguments.files or arguments.check else ""
    if arguments.fmt:
        return _format_fault(arguments)
    if arguments.diff:
        return "--diff goes with --fmt"
    if (arguments.fix or arguments.select or arguments.ignore) and not arguments.check:
        return "--fix, --select and --ignore go with --check"
    if arguments.unsafe and not arguments.fix:
        return "--unsafe goes with --fix"
    if arguments.check and arguments.dry_run:
        return "--check and --dry-run are two runs"
    if arguments.image and not (arguments.dry_run or arguments.check):
        return "--image goes with --dry-run or --check"
    if (arguments.esp or arguments.initramfs) and not arguments.check:
        return "--esp and --initramfs go with --check"
    if arguments.check and not (arguments.files or arguments.text):
        return "--check needs a file"
    if arguments.text is not None and arguments.files:
        return "-c TEXT and a file are two scripts"
    if len(arguments.files) > 1 and not arguments.check:
        return "one script at a time"
    if arguments.dry_run and not (arguments.files or arguments.text):
        return "--dry-run needs a script"
    return ""


def _format_fault(arguments: argparse.Namespace) -> str:
    facts = arguments.image or arguments.esp or arguments.initramfs
    if arguments.dry_run or arguments.signatures or facts:
        return "--fmt runs nothing: it goes with --check and --diff only"
    if arguments.fix or arguments.unsafe or arguments.select or arguments.ignore:
        return "--fmt lays out, and looks for no findings: --fix and --select are another run"
    if arguments.text is not None:
        return "--fmt takes files, or a script on standard input"
    return ""
