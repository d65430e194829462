"""Faults underlined while a line is typed, with the one at the cursor in words below it."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from prompt_toolkit.application import Application, get_app
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import OneStyleAndTextTuple
from prompt_toolkit.formatted_text.utils import fragment_list_to_text
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from prompt_toolkit.layout.utils import explode_text_fragments

from kxsh.console.prompt.session import Session
from kxsh.errors import internal_fault

if TYPE_CHECKING:
    from kxsh.console.prompt.findings import Findings
    from kxsh.diagnostics import Diagnostic

# A check that took longer than this, in seconds, waits until the keys rest.
_AT_ONCE = 0.01
_REST = 0.15


class Watch(Processor):
    """Looks at the text of each screen that is drawn; the checker is loaded in the background.

    It is a processor of prompt_toolkit: it underlines. `note` is what stands below.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._findings: Findings | None = None
        self._found: list[Diagnostic] = []
        self._seen = Document()
        self._cost = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.AbstractEventLoop | None = None
        self._loading: threading.Thread | None = None

    def load(self, app: Application[str]) -> None:
        """Begin to load the checker, unless that was done; not before there is a prompt.

        A line that is over sooner takes its loop along: the next one tries again.
        """
        loop = asyncio.get_running_loop()
        if self._loading is None and self._waiting is not loop:
            self._waiting = loop
            loop.call_later(_REST, self._begin, loop)

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loading = threading.Thread(target=self._load, args=(loop,), daemon=True)
        self._loading.start()

    def _load(self, loop: asyncio.AbstractEventLoop) -> None:
        """Import, on a thread of its own; parsing is for the loop's thread alone."""
        from kxsh.console.prompt.findings import Findings

        findings = Findings(self._session)
        with suppress(RuntimeError):  # the line is over, and so is its loop
            loop.call_soon_threadsafe(self._warm, findings)
        self._findings = findings

    def _warm(self, findings: Findings) -> None:
        """Check something, so that the first key finds the parser's tables read."""
        with suppress(Exception):
            findings.of("mount x", 7, typing=True)

    def look(self, document: Document) -> None:
        """Check a text that is about to be drawn, at once or when the keys rest."""
        if document == self._seen:
            return
        typing = document.text != self._seen.text
        self._keep(document)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._findings is not None and self._cost < _AT_ONCE:
            self._check(document, typing)
        elif typing:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_REST, self._late, get_app(), document)

    def note(self, columns: int) -> str:
        """Return the finding at the cursor in one line; empty: there is none."""
        if not self._found:
            return ""
        from kxsh.console.prompt.findings import note

        return note(self._found, self._seen.cursor_position, columns)

    def _late(self, app: Application[str], document: Document) -> None:
        self._timer = None
        if self._findings is not None:
            self._check(document, True)
        else:  # still being loaded: look again
            self._timer = asyncio.get_running_loop().call_later(_REST, self._late, app, document)
        app.invalidate()

    def _check(self, document: Document, typing: bool) -> None:
        assert self._findings is not None
        began = time.perf_counter()
        try:
            found = self._findings.of(document.text, document.cursor_position, typing=typing)
        except Exception as error:  # a fault here must not cost the line that is being typed
            self._session.remember(internal_fault(error))
            found = []
        self._found = found
        self._cost = time.perf_counter() - began

    def _keep(self, document: Document) -> None:
        """Forget the findings that the new text may have cured."""
        before, self._seen = self._seen.text, document
        self._found = [
            item
            for item in self._found
            if item.span and document.text.startswith(before[: item.span.end])
        ]

    # -- drawing

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        fragments = transformation_input.fragments
        if not fragment_list_to_text(fragments).isprintable():
            fragments = [_visible(one) for one in explode_text_fragments(fragments)]
        if not self._found or transformation_input.document.text != self._seen.text:
            return Transformation(fragments)
        begin = self._seen.translate_row_col_to_index(transformation_input.lineno, 0)
        end = begin + len(self._seen.lines[transformation_input.lineno])
        exploded = explode_text_fragments(fragments)
        for finding in self._found:
            for column in _columns(finding, begin, end):
                exploded[column] = (
                    f"{exploded[column][0]} class:{finding.severity}",
                    exploded[column][1],
                )
        return Transformation(exploded)


def _visible(fragment: OneStyleAndTextTuple) -> OneStyleAndTextTuple:
    """Return a character's fragment; one that has no shape of its own, or turns the text
    around it, as a sign."""
    character = fragment[1]
    return fragment if character.isprintable() or character < "\xa0" else (fragment[0], "?")


def _columns(finding: Diagnostic, begin: int, end: int) -> range:
    """Return the columns of the line from `begin` to `end` that a finding is about."""
    if finding.span is None:
        return range(0)
    first, last = finding.span.start, max(finding.span.end, finding.span.start + 1)
    if first == end > begin:  # what is missing at a line's end
        first -= 1
    return range(max(first, begin) - begin, min(last, end) - begin)
