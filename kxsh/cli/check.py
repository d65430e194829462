"""`kxsh --check`: find mistakes, run nothing; with --fix, put them right."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from kxsh.cli.reading import importer_beside, use_color
from kxsh.diagnostics import Diagnostic, from_error, render, render_error
from kxsh.errors import Failure, ParseError
from kxsh.machine.given_file import open_given
from kxsh.source import Source
from kxsh.syntax import limits
from kxsh.syntax.decode import decode_source
from kxsh.text import display

TYPE_CHECKING = False
if TYPE_CHECKING:
    from kxsh.checker.facts import Facts


def check(arguments: argparse.Namespace) -> int:
    """Check the files; return 1 where anything was found (or is left by --fix), else 0."""
    # A run ends soon: looking for garbage in a large tree would take a third of its time.
    gc.disable()
    findings: list[Diagnostic] = []
    names = ["<text>"] if arguments.text is not None else arguments.files
    try:
        with known_facts(arguments) as facts:
            for name in names:
                findings += _checked(name, arguments, facts)
    except Failure as failure:
        print(render_error(failure, color=use_color(sys.stderr)), file=sys.stderr, end="")
        return 2
    show = _OUTPUTS[arguments.format]
    # With --fix the script itself goes to standard output, where it came from no file.
    passed_on = arguments.fix and (arguments.text is not None or "-" in arguments.files)
    stream = sys.stderr if passed_on else sys.stdout
    print(show(findings, len(names), use_color(stream)), end="", file=stream)
    return 1 if findings else 0


@contextmanager
def known_facts(arguments: argparse.Namespace) -> Iterator[Facts | None]:
    """Give what --image, --esp and --initramfs tell; afterwards say what could not be known."""
    if not (arguments.image or arguments.esp or arguments.initramfs):
        yield None
        return
    from kxsh.image.facts import ImageFacts

    with ImageFacts(arguments.image or (), arguments.esp or "", arguments.initramfs or "") as facts:
        yield facts
        for note in facts.notes:
            print(f"kxsh: note: {display(note)}", file=sys.stderr)


def _checked(name: str, arguments: argparse.Namespace, facts: Facts | None) -> Sequence[Diagnostic]:
    """Return what is found in a file, or is left in it after its fixes."""
    from kxsh.checker import check_source

    data = _read(name, arguments.text)
    find_import = importer_beside(name)

    def found_in(source: Source) -> list[Diagnostic]:
        found = check_source(source, find_import=find_import, facts=facts)
        return [item for item in found if _is_wanted(item, arguments)]

    try:
        source = decode_source("<stdin>" if name == "-" else name, data)
    except ParseError as error:
        found = from_error(error)
        return [found] if _is_wanted(found, arguments) else []
    if not arguments.fix:
        return found_in(source)
    return _fix(name, data, source, found_in, arguments.unsafe)


def _read(name: str, text: str | None) -> bytes:
    if text is not None:
        return text.encode("utf-8", "surrogateescape")
    if name == "-":
        return sys.stdin.buffer.read(limits.SIZE + 1)
    with open_given(name) as file:
        return file.read(limits.SIZE + 1)


def _is_wanted(item: Diagnostic, arguments: argparse.Namespace) -> bool:
    """Apply --select and --ignore, which take the beginnings of codes."""
    if arguments.select and not item.code.startswith(tuple(arguments.select)):
        return False
    return not (arguments.ignore and item.code.startswith(tuple(arguments.ignore)))


def _fix(
    name: str,
    data: bytes,
    source: Source,
    found_in: Callable[[Source], list[Diagnostic]],
    unsafe: bool,
) -> Sequence[Diagnostic]:
    from kxsh.checker.fixes import apply_fixes, summary
    from kxsh.cli.writing import encode_like, replace_file

    fixed = apply_fixes(source, found_in, unsafe=unsafe)
    changed = encode_like(fixed.source.text, data) if fixed.done else data
    if name in ("-", "<text>"):
        sys.stdout.buffer.write(changed)
        sys.stdout.buffer.flush()
    elif fixed.done:
        replace_file(name, changed)
    print(f"kxsh: {display(name)}: {summary(fixed, unsafe=unsafe)}", file=sys.stderr)
    return fixed.left


def _text(findings: Sequence[Diagnostic], files: int, color: bool) -> str:
    shown = "".join(render(item, color=color, wrapped=True, more=True) + "\n" for item in findings)
    errors = sum(item.severity == "error" for item in findings)
    warnings = len(findings) - errors
    counts = [_count(errors, "error"), _count(warnings, "warning")]
    told = " and ".join(count for count in counts if count)
    return f"{shown}{told} in {_count(files, 'file')}\n" if told else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}" if number else ""


def _json(findings: Sequence[Diagnostic], files: int, color: bool) -> str:
    import json

    return json.dumps([finding.as_json() for finding in findings], indent=2) + "\n"


def _sarif(findings: Sequence[Diagnostic], files: int, color: bool) -> str:
    import json

    from kxsh.cli.sarif import sarif_log

    return json.dumps(sarif_log(findings), indent=2) + "\n"


def _github(findings: Sequence[Diagnostic], files: int, color: bool) -> str:
    from kxsh.cli.github import annotation

    return "".join(f"{annotation(item)}\n" for item in findings)


_OUTPUTS: dict[str, Callable[[Sequence[Diagnostic], int, bool], str]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "github": _github,
}
