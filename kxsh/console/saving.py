"""Files that the prompt writes: a script of the session, a report, the history.

They go to the loader's own partition, which is writable only for that moment, or where a
path says. Nothing that is there is replaced without a word.
"""

from __future__ import annotations

import errno
import os
import time
from typing import TYPE_CHECKING

from kxsh.console.lines import Line
from kxsh.errors import Denied, Failure, FormatFailure, NotFound
from kxsh.source import Source
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_line
from kxsh.text import display
from kxsh.values import split_location

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kxsh.commands.context import Context
    from kxsh.diagnostics import Diagnostic
    from kxsh.machine.protocol import Device, Machine

_REPORTS = "/kxsh/reports"
# Of one name; then somebody should clean up.
_MOST_REPORTS = 1000
# Commands that only show something, or that belong to the prompt.
_LOOKING = frozenset(
    "kxs plan say devices entries read exists glob help keymap part isolinux-entries grub-entries"
    " bls-entries".split()
)
# What the checker says of a line that need not be there: its value is not used, or its kernel
# is not started, since a later line loads another.
_IN_VAIN = ("KX102", "KX206", "KX307")
_TRIES = 50


# -- where


def place(context: Context, path: str) -> str:
    """Return the absolute path that a file's name stands for: one without a device is on
    the loader's partition, unless it lies below something that is mounted."""
    location = split_location(path)
    if location is not None:
        return context.mount_unseen(location[0]).path + location[1]
    mounts = context.machine.mounts()
    if any(path.startswith(mount.path.rstrip("/") + "/") for mount in mounts):
        return path
    if context.esp is not None:
        return f"{context.mount_unseen(context.esp.path).path}/{path.lstrip('/')}"
    if path.startswith("/"):
        return path
    raise NotFound(
        f"no loader started this, so there is no partition for {display(path)}",
        hint="give a whole path: /root/new.kxs, or LABEL=DATA:/new.kxs",
    )


def write_beside_loader(machine: Machine, esp: Device, path: str, text: str) -> None:
    """Write a file on the loader's partition, wherever that is mounted by now, if it is."""
    mount = next((one for one in machine.mounts() if one.device.path == esp.path), None)
    own = machine.mount(esp) if mount is None else None
    try:
        machine.replace_file(f"{mount or own}/{path}", text.encode("utf-8", "surrogateescape"))
    finally:
        if own is not None:
            machine.unmount(own)


def exists(context: Context, path: str) -> bool:
    root, inside = context.machine.locate(path)
    return root.stat(inside) is not None


def write(context: Context, path: str, text: str) -> None:
    """Write a file whole; what stands against it is said with what to try."""
    try:
        context.machine.replace_file(path, text.encode("utf-8", "surrogateescape"))
    except Failure as error:
        hint = _HINTS.get(error.errno or 0) or error.hint
        kind = type(error)
        reason = error.message.rpartition(": ")[2]
        message = f"{display(path)} could not be written: {reason}"
        raise kind(message, errno=error.errno, hint=hint, log=error.log) from error


_HINTS = {
    errno.EROFS: "the medium is write-protected: name another, LABEL=DATA:/name",
    errno.EACCES: "the medium is write-protected: name another, LABEL=DATA:/name",
    errno.ENOSPC: "its filesystem is full: `run rm` something there, or name another place",
    errno.EIO: "the medium may be failing: name another, LABEL=DATA:/name",
}


# -- reports


def new_report(context: Context) -> str:
    """Return the path of a report's file that is not there yet; without a loader it is in
    the directory where kxsh was started."""
    folder = _REPORTS if context.esp else os.getcwd()
    stem = time.strftime("report-%Y%m%d-%H%M")
    for number in range(1, _MOST_REPORTS):
        suffix = f"-{number}" if number > 1 else ""
        path = place(context, f"{folder}/{stem}{suffix}.txt")
        if not exists(context, path):
            return path
    raise Denied(
        f"{display(folder)} has {_MOST_REPORTS} reports of this minute", hint="remove some of them"
    )


# -- scripts


def script_of(lines: Sequence[Line], *, loaded: bool) -> tuple[str, list[Diagnostic]]:
    """Return the lines that worked as a script, and what the checker says about it. Lines
    that only looked at something are left out, and values that nobody uses."""
    kept = [
        _without_passphrase(line.script.strip())
        for line in lines
        if line.ok and _does_something(line)
    ]
    if loaded and not any(_starts(text) for text in kept):
        kept.append("exec")
    for _ in range(_TRIES):
        text = "kxs 1\n" + "".join(f"{line}\n" for line in kept)
        findings = _check(text)
        unused = next((item for item in findings if item.code in _IN_VAIN), None)
        at = _line_at(kept, unused)
        if at is None or (unused and unused.code == "KX307" and not _only_loads(kept[at])):
            break
        del kept[at]
    if not kept:
        raise FormatFailure(
            "there is nothing to save yet: no line has done anything",
            hint="mount and load by hand, then save it",
        )
    return text, findings


def _without_passphrase(text: str) -> str:
    """Return a line without the passphrases that were typed in it: they are asked for."""
    gone: list[tuple[int, int]] = []
    for call in _calls(parse_line(Source("", text))):
        for index, item in enumerate(call.arguments):
            if item.kind == "option" and item.name == "passphrase":
                glued = item.value is not None or index + 1 == len(call.arguments)
                end = item if glued else call.arguments[index + 1]
                gone.append((item.span.start, end.span.end))
    for start, stop in reversed(gone):
        text = text[:start].rstrip() + text[stop:]
    return text


def _calls(node: ast.Node) -> Iterator[ast.Call]:
    if isinstance(node, ast.Call):
        yield node
    for child in node.children():
        yield from _calls(child)


def _check(text: str) -> list[Diagnostic]:
    from kxsh.checker import check_source

    return check_source(Source("new script", text))


def _line_at(kept: Sequence[str], finding: Diagnostic | None) -> int | None:
    """Return which of the lines a finding is about."""
    if finding is None or finding.span is None:
        return None
    # A load in vain is told of at the one that takes its place.
    span = finding.related[0].span if finding.code == "KX307" else finding.span
    begin = len("kxs 1\n")
    for index, line in enumerate(kept):
        if begin <= span.start < begin + len(line) + 1:
            return index
        begin += len(line) + 1
    return None


def _does_something(line: Line) -> bool:
    """Tell whether a line is worth keeping: it is no bare expression, and no look."""
    statements = parse_line(Source("", line.script)).statements
    return any(not _only_looks(statement) for statement in statements)


def _only_looks(statement: ast.Statement) -> bool:
    if isinstance(statement, ast.ExpressionStatement):
        return True
    if isinstance(statement, ast.CallStatement) and statement.block is None:
        return statement.call.name in _LOOKING or _is_dry(statement.call)
    return False


def _is_dry(call: ast.Call) -> bool:
    """Tell whether a call only shows what would be started."""
    return any(item.kind == "option" and item.name == "dry-run" for item in call.arguments)


def _only_loads(text: str) -> bool:
    statements = parse_line(Source("", text)).statements
    return all(isinstance(one, ast.CallStatement) and one.call.name == "load" for one in statements)


def _starts(text: str) -> bool:
    return any(
        isinstance(node, ast.CallStatement)
        and node.call.name in ("exec", "boot", "menu")
        and not _is_dry(node.call)
        for node in parse_line(Source("", text)).statements
    )
