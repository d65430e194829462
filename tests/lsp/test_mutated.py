"""Scripts that were damaged: every question has an answer, whatever the text is."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lsprotocol import types
from test_fuzz import PIECES, SAMPLES

from kxsh.checker import check_source
from kxsh.errors import UsageError
from kxsh.interpreter.imports import importer
from kxsh.lsp import navigation
from kxsh.lsp.actions import actions
from kxsh.lsp.analysis import Analysis
from kxsh.lsp.completion import complete, signature_help
from kxsh.lsp.document import Document
from kxsh.lsp.findings import as_diagnostics
from kxsh.lsp.hover import hover
from kxsh.source import Source

pytestmark = pytest.mark.slow

URI = "file:///a.kxs"
QUIET = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(st.one_of(PIECES, st.text(max_size=5))) + text[end:]
    return text


def analysed(text: str) -> tuple[Document, Analysis]:
    document = Document(URI, "/a.kxs", 1, text)
    return document, Analysis(document.source, importer(None, "/"))


@QUIET
@given(damaged(), st.data())
def test_questions(text: str, data: st.DataObject) -> None:
    document, analysis = analysed(text)
    as_diagnostics(analysis, document, lambda source: None)
    navigation.outline(analysis, document)
    for _ in range(4):
        offset = data.draw(st.integers(0, len(document.source.text)))
        position = document.position(offset)
        assert document.offset(position) == offset
        hover(analysis, offset)
        complete(analysis, document, offset)
        signature_help(analysis, document, offset)
        navigation.definition(analysis, document, offset)
        navigation.references(analysis, document, offset)
        place = types.Range(position, position)
        context = types.CodeActionContext([])
        identifier = types.TextDocumentIdentifier(URI)
        list(actions(analysis, document, types.CodeActionParams(identifier, place, context)))


@QUIET
@given(st.sampled_from(SAMPLES), st.data())
def test_a_new_name_changes_nothing_else(text: str, data: st.DataObject) -> None:
    """What is unknown, wrong or never reached before is so after, and nothing more; names
    that hid each other (KX103) may not, and `_x` may be told to be unused (KX102)."""
    document, analysis = analysed(text)
    symbols = [item for item in analysis.symbols.all if item.kind != "import"]
    if not symbols or analysis.faulty:
        return
    symbol = data.draw(st.sampled_from(symbols))
    try:
        edit = navigation.rename(analysis, document, symbol.span.start, "zz_new")
    except UsageError:
        return
    assert edit.changes
    source = document.source.text
    for change in sorted(edit.changes[URI], key=lambda one: -document.offset(one.range.start)):
        start, end = document.offset(change.range.start), document.offset(change.range.end)
        source = source[:start] + change.new_text + source[end:]
    assert source != document.source.text
    after = check_source(Source("/a.kxs", source), find_import=importer(None, "/"))

    def counted(codes: list[str]) -> list[str]:
        return sorted(code for code in codes if code not in ("KX102", "KX103"))

    assert counted([item.code for item in after]) == counted(
        [item.code for item in analysis.findings]
    )
