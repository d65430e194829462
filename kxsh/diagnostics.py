"""Findings with a place, and the one way they are shown."""

from __future__ import annotations

from kxsh.errors import Failure, Fix, KxshError, ParseError, Related, errno_name
from kxsh.excerpt import Mark, excerpt
from kxsh.record import record
from kxsh.source import Span
from kxsh.text import display, wrap

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
        return {
            **_place(self.span),
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "help": self.help,
            "label": self.label,
            "related": [
                {**_place(related.span), "label": related.label} for related in self.related
            ],
            "fix": self.fix
            and {
                "title": self.fix.title,
                "safe": self.fix.safe,
                "edits": [{**_place(edit.span), "text": edit.text} for edit in self.fix.edits],
            },
        }


def _place(span: Span | None) -> dict[str, object]:
    """Return a place in words of JSON; ``{"file": "", "line": 0, ...}`` without one."""
    line, column = span.source.position(span.start) if span else (0, 0)
    end_line, end_column = span.source.position(span.end) if span else (0, 0)
    return {
        "file": span.source.name if span else "",
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
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


def render(
    diagnostic: Diagnostic,
    *,
    color: bool = False,
    wrapped: bool = False,
    more: bool = False,
    width: int = _WIDTH,
) -> str:
    """Return the finding as lines of text, ending in a newline.

    The excerpt fits `width` columns; the sentences fit 80 where they are `wrapped`. `more` names
    the option that explains the code.
    """
    tint = (_RED if diagnostic.severity == "error" else _YELLOW) if color else ""
    bold, off, cyan = (_BOLD, _OFF, _CYAN) if color else ("", "", "")
    kind = f"{diagnostic.severity}[{diagnostic.code}]:"
    head, *rest = _lines(f"{kind} {display(diagnostic.message)}", "  ", wrapped)
    lines = [f"{tint}{head[: len(kind) - 1]}{off}: {bold}{head[len(kind) + 1 :]}", *rest]
    lines[-1] += off
    if diagnostic.span is not None:
        marks = [Mark(diagnostic.span, diagnostic.label, "^", tint)]
        marks += [Mark(place.span, place.label, "-", cyan) for place in diagnostic.related]
        lines += excerpt(marks, width, cyan, off)
    for line in diagnostic.help.splitlines():
        lines += _lines(f"help: {display(line)}", "      ", wrapped)
    return "\n".join(_with_more(lines, diagnostic) if more else lines) + "\n"


def _lines(text: str, indent: str, wrapped: bool) -> list[str]:
    return wrap(text, _WIDTH, indent) if wrapped else [text]


def _with_more(lines: list[str], diagnostic: Diagnostic) -> list[str]:
    """Add where to read more, at the end of the help's last line if there is room."""
    more = f"more: kxsh --explain {diagnostic.code}"
    if diagnostic.help and len(lines[-1]) + 3 + len(more) <= _WIDTH:
        return [*lines[:-1], lines[-1] + more.rjust(_WIDTH - len(lines[-1]))]
    return [*lines, more]


def render_error(error: KxshError, *, color: bool = False, width: int = _WIDTH) -> str:
    """Return an error as lines: the finding, the kernel's own words, what was tried. The
    excerpt fits `width` columns."""
    if not isinstance(error, Failure):
        return render(from_error(error), color=color, width=width)
    label = f"{error.kind} failure in `{error.command}`" if error.command else error.kind
    finding = Diagnostic(error.code, "error", error.message, error.span, label, error.hint)
    lines = [render(finding, color=color, width=width).rstrip("\n")]
    if error.errno:
        name = errno_name(error.errno)
        code, _, meaning = name.partition(" ")
        told = meaning.strip("()").lower() in error.message.lower()
        lines.append(f"errno: {code if told else name}")
    lines += [f"tried: {display(line)}" for line in error.tried]
    lines += [f"kernel: {display(line)}" for line in error.log[-6:]]
    return "\n".join(lines) + "\n"


def is_incomplete(error: KxshError) -> bool:
    """Tell whether more typed lines could turn this error into a script."""
    return isinstance(error, ParseError) and error.incomplete
