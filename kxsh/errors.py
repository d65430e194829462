"""What can go wrong: one class per phase, each knowing its code, place and cure.

The place (`span`) is added by whoever knows it: machines and readers raise without
one, and the interpreter adds the span of the call. `diagnostics.render` shows them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence

from kxsh.record import record
from kxsh.source import Span


@record
class Edit:
    """A change of a script's text: what stands at `span` becomes `text`."""

    span: Span
    text: str


@record
class Fix:
    """Edits that cure a fault; `safe`: the script then means what was surely meant."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


@record
class Related:
    """Another place that matters to a fault, and what is there."""

    span: Span
    label: str


class KxshError(Exception):
    """Base of every error that is meant for a person.

    `related` are other places of the source that matter; `fix` is a cure by machine.
    """

    code = "KX900"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        span: Span | None = None,
        hint: str = "",
        related: Sequence[Related] = (),
        fix: Fix | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.span = span
        self.hint = hint
        self.related = tuple(related)
        self.fix = fix

    def at(self, span: Span | None) -> KxshError:
        """Set the place, unless one is known already; return self."""
        if self.span is None:
            self.span = span
        return self


class ParseError(KxshError):
    """Text that is not kxs. `incomplete`: more input could still make it so.

    `seam` is the offset where the faulty statement's line began, if that is known;
    `repair` are edits that let a parser go on, where it is not worth a `fix`.
    """

    code = "KX000"
    incomplete = False
    seam: int | None = None
    repair: Sequence[Edit] = ()


class UsageError(KxshError):
    """A call that can never work: name, option, argument or type. Not catchable."""

    code = "KX203"


class Failure(KxshError):
    """A command that failed while running; `kind` is its failure class in kxs.

    `errno` is the kernel's number where there was one; `log` are the kernel's own
    lines from that moment; `tried` says what was attempted before giving up.
    """

    kind = "io"
    code = "KX800"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        span: Span | None = None,
        hint: str = "",
        errno: int | None = None,
        log: Sequence[str] = (),
        tried: Sequence[str] = (),
    ) -> None:
        super().__init__(message, code=code, span=span, hint=hint)
        self.errno = errno
        self.log = list(log)
        self.tried = list(tried)
        self.command = ""


class NotFound(Failure):
    """What was asked for is not there. The only class that `?` turns into null."""

    kind = "not-found"


class TimedOut(Failure):
    kind = "timeout"


class Denied(Failure):
    """A policy said no (Secure Boot, lockdown, permissions): never tried another way."""

    kind = "denied"


class IoFailure(Failure):
    kind = "io"


class FormatFailure(Failure):
    """A file or filesystem that is not what it should be."""

    kind = "format"


class VerifyFailure(Failure):
    kind = "verify"


class Interrupted(Failure):
    """Ctrl-C. No `else` catches it."""

    kind = "interrupted"


FAILURES: dict[str, type[Failure]] = {
    failure.kind: failure
    for failure in (
        NotFound,
        TimedOut,
        Denied,
        IoFailure,
        FormatFailure,
        VerifyFailure,
        Interrupted,
    )
}


def from_os_error(error: OSError, doing: str) -> Failure:
    """Return the failure for an operating system error met while `doing` something."""
    cause = error.strerror or str(error)
    message = f"{doing}: {cause[:1].lower()}{cause[1:]}"
    number = error.errno
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return NotFound(message, errno=number)
    if isinstance(error, PermissionError):
        return Denied(message, errno=number)
    if isinstance(error, TimeoutError):
        return TimedOut(message, errno=number)
    return IoFailure(message, errno=number)


def errno_name(number: int) -> str:
    """Return ``ENOENT (No such file or directory)`` for 2."""
    return f"{errno.errorcode.get(number, number)} ({os.strerror(number)})"


class RecoveryRequest(KxshError):
    """Go to the prompt: somebody, or the script, asked for it. No `else` catches it."""

    code = "KX899"


class ScriptRecovery(RecoveryRequest):
    """`recovery` in a script; not a person who stops the script, as in `step`."""


class InternalFault(KxshError):
    """A Python exception where none should be: a fault in kxsh, not in the script.

    `trace` is Python's own account of it, for a report.
    """

    code = "KX999"

    def __init__(self, message: str, *, trace: str = "", span: Span | None = None) -> None:
        super().__init__(
            message, span=span, hint="this is a fault in kxsh; `why` shows the details for a report"
        )
        self.trace = trace


def internal_fault(error: Exception, where: str = "", span: Span | None = None) -> InternalFault:
    """Return a Python exception as an error with its trace; `where` names a command."""
    import traceback  # slow to import, and hopefully never needed

    trace = "".join(traceback.format_exception(error))
    place = f"fault in `{where}`: " if where else ""
    return InternalFault(f"{place}{type(error).__name__}: {error}", trace=trace, span=span)
