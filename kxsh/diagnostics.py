"""Findings with a place, and the one way they are shown."""

from __future__ import annotations

from kxsh.errors import Failure, Fix, KxshError, ParseError, Related, errno_name
from kxsh.record import record
from kxsh.source import Span
from kxsh.text import display

TYPE_CHECKING = False  # importing typing costs the target a tenth of a second
if TYPE_CHECKING:
    from typing import Literal

    Severity = Literal["error", "warning"]
else:
    Severity = str

_WIDTH = 80

# Colours are for a terminal that has them; the words alone carry the meaning.
_RED, _YELLOW, _CYAN, _BOLD, _OFF = "\x1b[31m", "\x1b[33m", "\x1b[36m", "\x1b[1m", "\x1b[0m"


@record
class Diagnostic:
    """One finding: `label` stands under the caret, `help` says what to do.

    `related` are other places that matter; `fix` is what `--fix` would do.
    """

    code: str
    severity: Severity
    message: str
    span: Span | None = None
    label: str = ""
    help: str = ""
    related: tuple[Related, ...] = ()
    fix: Fix | None = None

    def as_json(self) -> dict[str, object]:
        """Return the finding as ``kxsh --check --format json`` prints it; lines and
        columns count from 1, `end_column` is the column after the last character."""
        span = self.span
        return {
            "file": span.source.name if span else "",
            "line": span.line if span else 0,
            "column": span.column if span else 0,
            "end_line": span.end_line if span else 0,
            "end_column": span.end_column if span else 0,
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "help": self.help,
        }


def from_error(error: KxshError) -> Diagnostic:
    """Return the finding that an error stands for."""
    return Diagnostic(
        error.code,
        "error",
        error.message,
        error.span,
        "",
        error.hint,
        related=error.related,
        fix=error.fix,
    )


def render(diagnostic: Diagnostic, *, color: bool = False) -> str:
    """Return the finding as lines of text, 80 columns, ending in a newline."""
    tint = (_RED if diagnostic.severity == "error" else _YELLOW) if color else ""
    bold, off, cyan = (_BOLD, _OFF, _CYAN) if color else ("", "", "")
    head = f"{tint}{diagnostic.severity}[{diagnostic.code}]{off}: "
    lines = [head + bold + display(diagnostic.message) + off]
    if diagnostic.span is not None:
        lines += _excerpt(diagnostic.span, diagnostic.label, tint, cyan, off)
    lines += [f"help: {display(line)}" for line in diagnostic.help.splitlines()]
    return "\n".join(lines) + "\n"


def _excerpt(span: Span, label: str, tint: str, cyan: str, off: str) -> list[str]:
    """Return the place, the line, and carets under the part that is meant."""
    number = str(span.line)
    gutter = " " * len(number)
    line = span.source.line(span.line).replace("\t", " ")
    first = span.column - 1
    width = max(1, (span.end_column - 1 if span.end_line == span.line else len(line)) - first)
    room = _WIDTH - len(gutter) - 3
    # A long line is shown from a little before the place.
    cut = max(0, first - room // 2) if first + min(width, 20) > room else 0
    shown = display(line[cut : cut + room], room)
    carets = "^" * max(1, min(width, room - (first - cut)))
    return [
        f"{gutter}{cyan}-->{off} {display(str(span))}",
        f"{cyan}{number} |{off} {shown}",
        f"{cyan}{gutter} |{off} {' ' * (first - cut)}{tint}{carets}{off} {display(label)}".rstrip(),
    ]


def render_error(error: KxshError, *, color: bool = False) -> str:
    """Return an error as lines: the finding, the kernel's own words, what was tried."""
    if not isinstance(error, Failure):
        return render(from_error(error), color=color)
    label = f"{error.kind} failure in `{error.command}`" if error.command else error.kind
    finding = Diagnostic(error.code, "error", error.message, error.span, label, error.hint)
    lines = [render(finding, color=color).rstrip("\n")]
    if error.errno:
        lines.append(f"errno: {errno_name(error.errno)}")
    lines += [f"tried: {display(line)}" for line in error.tried]
    lines += [f"kernel: {display(line)}" for line in error.log[-6:]]
    return "\n".join(lines) + "\n"


def is_incomplete(error: KxshError) -> bool:
    """Tell whether more typed lines could turn this error into a script."""
    return isinstance(error, ParseError) and error.incomplete
