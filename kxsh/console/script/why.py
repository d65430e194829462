"""`why`: all that is known about a failure, and what to try next."""

from __future__ import annotations

import errno

from kxsh.console.tables import rendered
from kxsh.errors import (
    Failure,
    InternalFault,
    KxshError,
    ParseError,
    RecoveryRequest,
    UsageError,
    errno_name,
)
from kxsh.text import display

CLASSES = {
    "not-found": "something that was asked for is not there; a `?` or an `else` can handle it",
    "timeout": "something did not happen in time",
    "denied": "a policy refused it; trying another way would be refused too",
    "io": "reading, writing or a device failed",
    "format": "a file or filesystem is not what it should be",
    "verify": "a check of the script did not hold",
    "interrupted": "it was stopped with Ctrl-C",
}

# What an errno means for somebody who boots a machine, and the next step.
ERRNOS = {
    errno.EPERM: "not allowed: under Secure Boot or lockdown only signed kernels and modules load",
    errno.EACCES: "not allowed: are you root, and does the kernel's lockdown allow it?",
    errno.EKEYREJECTED: "the signature is not from a key that this kernel trusts",
    errno.ENOKEY: "no key of this kernel belongs to the signature",
    errno.ENOENT: "the name is not there: look with `disks`, `mounts`, or Tab after a path",
    errno.EIO: "the device could not read: a bad medium, cable or port; the kernel's log says more",
    errno.ENOMEDIUM: "there is no disc or card in the drive",
    errno.ENXIO: "the device is gone, or has no medium in it",
    errno.ENODEV: "no driver knows it: a filesystem or device needs a module (`modprobe`)",
    errno.ENOEXEC: "it is not a program, kernel or module of this machine",
    errno.EBUSY: "in use: it is mounted already, or a kernel is loaded (`mounts`, `plan`)",
    errno.ENOMEM: "not enough free memory in one piece",
    errno.EADDRNOTAVAIL: "the kernel does not fit into the memory where it must lie",
    errno.EINVAL: "the kernel found an argument wrong: often a damaged or foreign superblock",
    errno.EUCLEAN: "the filesystem is damaged: check it with its own fsck",
    errno.EFBIG: "the file is larger than it may be",
    errno.ENOSPC: "no space is left there",
    errno.EROFS: "it is mounted read-only (`mount --rw` allows writing)",
    errno.ENOSYS: "this kernel was built without it",
    errno.EOPNOTSUPP: "this kernel or filesystem cannot do it",
}


def explain(error: KxshError, columns: int = 79, *, color: bool = False, again: str = "") -> str:
    """Return a failure's place, class, errno in words, kernel messages and next step;
    what is said here, not the excerpt, is broken into lines of `columns`. `again` is what
    can be done with the script."""
    from textwrap import wrap

    said = [f"what: {_what(error)}"]
    if isinstance(error, Failure):
        said += _failure(error)
    if isinstance(error, InternalFault) and error.trace:
        said += ["trace:", *(f"  {display(line)}" for line in error.trace.splitlines())]
    retry = f"; {again}" if again else ""
    said.append(f"next: {_next(error)}{retry}")
    lines = [part for line in said for part in wrap(line, columns, subsequent_indent="      ")]
    return "\n".join([rendered(error, columns, color=color), "", *lines])


def _what(error: KxshError) -> str:
    if isinstance(error, Failure):
        return f"{error.kind}: {CLASSES.get(error.kind, 'a failure')}"
    if isinstance(error, ParseError):
        return "the text is not kxs; nothing of it was run"
    if isinstance(error, UsageError):
        return "a call that can never work as it stands: correct it; no `else` catches it"
    if isinstance(error, RecoveryRequest):
        return "nothing failed by itself: this prompt was asked for"
    return "a fault in kxsh itself; the script may be right"


def _failure(error: Failure) -> list[str]:
    lines: list[str] = []
    if error.errno:
        meaning = ERRNOS.get(error.errno)
        if meaning:
            lines.append(f"means: {errno_name(error.errno)}: {meaning}")
    # The rendered error shows the last lines only.
    earlier = error.log[:-6]
    if earlier:
        lines += ["kernel, before that:", *(f"  {display(line)}" for line in earlier[-40:])]
    elif not error.log and (error.errno or error.kind in ("io", "denied")):
        lines.append("kernel: it said nothing about this")
    return lines


def _next(error: KxshError) -> str:
    if isinstance(error, Failure) and error.command:
        return f"`help {error.command}`; `disks` shows what is there"
    if isinstance(error, InternalFault):
        return "do it by hand: `disks`, mount, load, exec; please report the trace"
    if isinstance(error, RecoveryRequest):
        return "`disks` shows what is there"
    return "correct it, or do it by hand here (`help`)"
