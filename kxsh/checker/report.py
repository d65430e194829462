"""The findings of one check, each once, in the order of the text."""

from __future__ import annotations

from collections.abc import Sequence

from kxsh.diagnostics import Diagnostic, Severity, from_error
from kxsh.errors import Fix, KxshError, Related
from kxsh.source import Source, Span

# Nobody reads more; a text that is no script has one on every line.
LIMIT = 500


class Full(Exception):
    """More was found than is kept: the check ends here."""


class Report:
    """Collects findings; the same code at the same place counts once.

    Adding more than `LIMIT` raises `Full`.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, int, int, str], Diagnostic] = {}

    def clear(self) -> None:
        """Forget all, for another walk that knows more."""
        self._found.clear()

    def add(
        self,
        code: str,
        message: str,
        span: Span,
        help: str = "",
        *,
        severity: Severity | None = None,
        label: str = "",
        related: Sequence[Related] = (),
        fix: Fix | None = None,
    ) -> None:
        """Add a finding; its severity is the code's own unless told.

        `label` stands under the caret, `related` are other places with what is there,
        and `fix` is the cure that ``--fix`` would apply.
        """
        from kxsh.checker.codes import severity_of  # most scripts have no findings

        grave = severity or severity_of(code)
        self._keep(
            Diagnostic(code, grave, message, span, label, help, related=tuple(related), fix=fix)
        )

    def add_error(self, error: KxshError, span: Span | None = None) -> None:
        """Add what would be raised at run time; `span` where the error has none."""
        self._keep(from_error(error.at(span)))

    def _keep(self, found: Diagnostic) -> None:
        span = found.span
        name, start, end = (span.source.name, span.start, span.end) if span else ("", 0, 0)
        self._found.setdefault((name, start, end, found.code), found)
        if len(self._found) > LIMIT:
            raise Full

    def note_full(self, source: Source) -> None:
        """Say that there would be more; the last finding makes room for it."""
        from kxsh.checker.codes import severity_of

        self._found.popitem()
        end = Span(source, len(source.text), len(source.text))
        self._found["", end.start, end.start, "KX904"] = Diagnostic(
            "KX904",
            severity_of("KX904"),
            f"more than {LIMIT} findings: the rest is not looked for",
            end,
            help="is this a kxs script? If so, put the first ones right",
        )

    def findings(self) -> list[Diagnostic]:
        """Return the findings, file by file, in the order of the text."""
        places = [(key[0], key[1], key[3]) for key in self._found]
        paired = sorted(zip(places, self._found.values(), strict=True), key=lambda pair: pair[0])
        return [found for _, found in paired]
