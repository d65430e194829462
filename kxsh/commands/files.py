"""Looking at files: exists, read, glob."""

from __future__ import annotations

from collections.abc import Iterator

from kxsh.commands.context import Context
from kxsh.commands.registry import command
from kxsh.errors import FormatFailure, NotFound
from kxsh.machine.protocol import Machine
from kxsh.signature import argument, option
from kxsh.units import Size
from kxsh.values import BOOL, FILE, PATH, SIZE, STR, File, Type

# A pattern that matches more than this is a mistake.
_MATCH_LIMIT = 10_000


@command(
    "exists",
    argument("path", PATH, "a file or directory"),
    returns=BOOL,
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=('if exists LABEL=GENTOO:/isolinux { say "there" }',),
)
def exists(context: Context, path: str) -> bool:
    """Tell whether a file or directory is there.

    A device that is not there, as in `NONE` of `LABEL=NONE:/file`, is a failure.
    """
    root, inner = context.machine.locate(path)
    return root.stat(inner) is not None


@command(
    "read",
    argument("path", PATH, "a text file"),
    option("limit", SIZE, "refuse a larger file", Size(1024 * 1024)),
    returns=STR,
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=("say (read LABEL=GENTOO:/isolinux/version.txt)",),
)
def read(context: Context, path: str, *, limit: int) -> str:
    """Return a text file's contents, without the newline at its end.

    Bytes that are not UTF-8 are kept, and shown as \\xNN.
    """
    root, inner = context.machine.locate(path)
    text = root.read(inner, limit).decode("utf-8", "surrogateescape")
    return text.removesuffix("\n").removesuffix("\r")


@command(
    "stat",
    argument("path", PATH, "a file or directory"),
    returns=FILE,
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=("let f = stat LABEL=GENTOO:/isolinux/gentoo\nsay ${f.size}",),
)
def stat(context: Context, path: str) -> File:
    """Return what is known of a file: its path, size and kind."""
    root, inner = context.machine.locate(path)
    facts = root.stat(inner)
    if facts is None:
        raise NotFound(f"{path} is not there")
    return File(path, facts.size, facts.kind)


@command(
    "glob",
    argument("pattern", PATH, "a path with * ? or [...] in its names"),
    returns=Type("list", item=STR),
    raises=("not-found", "io", "format"),
    effects=("reads",),
    examples=(
        'for path in glob "LABEL=GENTOO:/isolinux/*.cfg" { say $path }',
        'let found = glob "LABEL=root:/boot/vmlinuz*"\nif $found != [] { say ${found[0]} }',
    ),
)
def glob(context: Context, pattern: str) -> list[str]:
    """Return the paths that match, sorted by name; an empty list where none does.

    Words are never expanded by themselves: this command is the only way. A pattern with
    [...] needs quotes.
    """
    found: list[str] = []
    for path in _expand(context.machine, "/", [part for part in pattern.split("/") if part]):
        found.append(path)
        if len(found) > _MATCH_LIMIT:
            raise FormatFailure(f"{pattern} matches more than {_MATCH_LIMIT} files")
    return found


def _expand(machine: Machine, base: str, parts: list[str]) -> Iterator[str]:
    """Yield the paths below `base` that match the parts of a pattern, in order."""
    import fnmatch

    literal = 0
    while literal < len(parts) and not any(sign in parts[literal] for sign in "*?["):
        literal += 1
    base = "/".join((base.rstrip("/"), *parts[:literal]))
    parts = parts[literal:]
    root, inner = machine.locate(base or "/")
    facts = root.stat(inner)
    if facts is None:
        return
    if not parts:
        yield base
        return
    if facts.kind != "directory":
        return
    for name in root.list(inner):
        hidden = name.startswith(".") and not parts[0].startswith(".")
        if fnmatch.fnmatchcase(name, parts[0]) and not hidden:
            yield from _expand(machine, f"{base}/{name}", parts[1:])
