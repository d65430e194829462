"""`kxsh`: run, check and rehearse boot scripts; the prompt."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from kxsh import __version__
from kxsh.diagnostics import Diagnostic, from_error, render, render_error
from kxsh.errors import Interrupted, KxshError, ParseError, UsageError
from kxsh.machine.protocol import Ended
from kxsh.source import Source
from kxsh.syntax.decode import decode_source
from kxsh.text import display

DESCRIPTION = """\
kxsh runs boot scripts (kxs): on a target, as what the loader starts; on a helper PC,
to check and rehearse them first.

  kxsh --check boot.kxs                      find mistakes without running anything
  kxsh --dry-run --image disk.img boot.kxs   run it against an image, and show the result
  kxsh boot.kxs                              run it on THIS machine, for real
  kxsh                                       the prompt, on this machine
"""
EPILOG = """\
exit codes: 0 done or nothing found, 1 the script failed or findings, 2 wrong usage,
130 interrupted. In kxs: `help` lists the commands, `help mount` explains one.
"""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of `kxsh`'s own options."""
    parser = argparse.ArgumentParser(
        prog="kxsh",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="*", metavar="FILE", help="a script; - is standard input")
    parser.add_argument("-c", dest="text", metavar="TEXT", help="run TEXT as a script")
    parser.add_argument("--check", action="store_true", help="check the files, run nothing")
    parser.add_argument(
        "--dry-run", action="store_true", help="run, but only write down what would be done"
    )
    parser.add_argument(
        "--image", action="append", metavar="IMAGE", help="with --dry-run: the disk to run against"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text", help="output format")
    parser.add_argument(
        "--signatures", action="store_true", help="print every command's declaration as JSON"
    )
    parser.add_argument("--version", action="version", version=f"kxsh {__version__}")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run `kxsh`; return the exit code."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    fault = _usage_fault(arguments)
    if fault:
        parser.error(fault)
    try:
        return _run(arguments)
    except (KeyboardInterrupt, Interrupted):
        print("kxsh: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 1
    except OSError as error:
        name = f"{error.filename}: " if error.filename else ""
        print(f"kxsh: {display(str(name))}{error.strerror or error}", file=sys.stderr)
        return 2


def _usage_fault(arguments: argparse.Namespace) -> str:
    if arguments.check and (arguments.dry_run or arguments.image):
        return "--check and --dry-run are two runs"
    if arguments.image and not arguments.dry_run:
        return "--image goes with --dry-run"
    if arguments.check and not (arguments.files or arguments.text):
        return "--check needs a file"
    if arguments.text is not None and arguments.files:
        return "-c TEXT and a file are two scripts"
    if len(arguments.files) > 1 and not arguments.check:
        return "one script at a time"
    if arguments.dry_run and not (arguments.files or arguments.text):
        return "--dry-run needs a script"
    return ""


def _run(arguments: argparse.Namespace) -> int:
    if arguments.signatures:
        return _print_signatures()
    if arguments.check:
        return _check(arguments)
    if arguments.dry_run:
        return _rehearse(arguments)
    if arguments.files or arguments.text is not None:
        return _run_script(arguments)
    return _prompt()


# -- reading


def _read(name: str) -> Source:
    if name == "-":
        return decode_source("<stdin>", sys.stdin.buffer.read())
    with open(name, "rb") as file:
        return decode_source(name, file.read())


def _script(arguments: argparse.Namespace) -> Source:
    if arguments.text is not None:
        return Source("<text>", arguments.text)
    return _read(arguments.files[0])


def _use_color(stream: object) -> bool:
    isatty = getattr(stream, "isatty", None)
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return bool(isatty and isatty() and not plain)


# -- --check


def _check(arguments: argparse.Namespace) -> int:
    findings: list[Diagnostic] = []
    names = arguments.files or ["<text>"]
    for name in names:
        findings += _findings(name, arguments.text)
    if arguments.format == "json":
        import json

        print(json.dumps([finding.as_json() for finding in findings], indent=2))
    else:
        for finding in findings:
            print(render(finding, color=_use_color(sys.stdout)))
        count = len(findings)
        if count:
            print(f"{count} finding{'s' if count > 1 else ''} in {len(names)} file(s)")
    return 1 if findings else 0


def _findings(name: str, text: str | None) -> list[Diagnostic]:
    from kxsh.checker import check_source

    try:
        source = Source("<text>", text) if text is not None else _read(name)
    except ParseError as error:
        return [from_error(error)]
    return check_source(source, find_import=_importer(name))


def _importer(name: str) -> Callable[[str], Source]:
    """Imports come from beside the script's file."""
    from kxsh.interpreter.imports import importer
    from kxsh.machine.root import DirectoryRoot

    return importer(DirectoryRoot(os.path.dirname(os.path.abspath(name))), "/")


# -- running


def _run_script(arguments: argparse.Namespace) -> int:
    from kxsh.console.terminal import Terminal
    from kxsh.interpreter.interpreter import Interpreter
    from kxsh.machine.linux import LinuxMachine

    try:
        source = _script(arguments)
    except ParseError as error:
        return _report(error)
    terminal = Terminal(sys.stdin, sys.stdout, color=_use_color(sys.stdout), serial=False)
    interpreter = Interpreter(
        LinuxMachine(sys.stdout), terminal, find_import=_importer(source.name)
    )
    if not _passes_check(source):
        return 2
    try:
        interpreter.run_script(source)
    except Ended:
        return 0
    except KxshError as error:
        return _report(error)
    finally:
        interpreter.close_all()
    return 0


def _passes_check(source: Source) -> bool:
    """Show a script's errors before anything runs; warnings are for --check."""
    from kxsh.checker import check_source

    findings = check_source(source, find_import=_importer(source.name))
    errors = [item for item in findings if item.severity == "error"]
    for item in errors:
        print(render(item, color=_use_color(sys.stderr)), file=sys.stderr, end="")
    return not errors


def _report(error: KxshError) -> int:
    if isinstance(error, Interrupted):
        raise error
    print(render_error(error, color=_use_color(sys.stderr)), file=sys.stderr, end="")
    return 2 if isinstance(error, UsageError | ParseError) else 1


def _prompt() -> int:
    from kxsh.console import prompt
    from kxsh.console.terminal import Terminal
    from kxsh.interpreter.imports import importer
    from kxsh.interpreter.interpreter import Interpreter
    from kxsh.machine.linux import LinuxMachine

    terminal = Terminal(sys.stdin, sys.stdout, color=_use_color(sys.stdout), serial=False)
    interpreter = Interpreter(
        LinuxMachine(sys.stdout), terminal, find_import=importer(None, "/"), interactive=True
    )
    try:
        prompt.run(interpreter, terminal, error=None, banner="", retry=None)
    finally:
        interpreter.close_all()
    return 0


# -- --dry-run


def _rehearse(arguments: argparse.Namespace) -> int:
    from kxsh.image.rehearsal import rehearse

    try:
        source = _script(arguments)
        if not _passes_check(source):
            return 2
        result = rehearse(source, arguments.image or [])
    except KxshError as error:
        return _report(error)
    if arguments.format == "json":
        import json

        print(json.dumps(result.as_json(), indent=2))
    else:
        print(result.describe())
    if result.error is not None:
        return _report(result.error)
    # On the target a script that only ends is a failure, KX303.
    return 0 if result.ended or not arguments.image else 1


def _print_signatures() -> int:
    import json

    from kxsh.commands import COMMANDS

    print(json.dumps([item.as_json() for item in COMMANDS.values()], indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
