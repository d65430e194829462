"""The server: documents that are open, and an answer for each request of an editor.

Everything runs in one thread, for the parser keeps a trail of where it is. A changed
document is checked a moment after its last change; requests check at once.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from typing import Protocol

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from kxsh import __version__, resources
from kxsh.errors import KxshError, UsageError
from kxsh.interpreter.imports import importer
from kxsh.lsp import navigation
from kxsh.lsp.actions import actions
from kxsh.lsp.analysis import Analysis, FindImport
from kxsh.lsp.completion import complete, signature_help
from kxsh.lsp.document import Document
from kxsh.lsp.findings import as_diagnostics
from kxsh.lsp.hover import hover
from kxsh.machine.root import DirectoryRoot
from kxsh.source import Source
from kxsh.syntax.format import format_source

# A check waits for this long after a change, in seconds, or for a quarter of what the last
# check of the document took: a long script must not be checked for each letter.
_PAUSE = 0.005
_LONGEST_PAUSE = 0.5


class _Place(Protocol):
    """What all requests about a place have."""

    text_document: types.TextDocumentIdentifier
    position: types.Position


class Server(LanguageServer):
    """The open documents by their address, and what is known of each."""

    def __init__(self) -> None:
        super().__init__("kxsh", f"v{__version__}")
        self.documents: dict[str, Document] = {}
        self._analyses: dict[str, tuple[Document, int, Analysis]] = {}
        self._pauses: dict[str, float] = {}
        self._waiting: dict[str, asyncio.TimerHandle] = {}

    # -- documents

    def open(self, item: types.TextDocumentItem) -> None:
        unit = self.workspace.position_encoding or "utf-16"
        name = to_fs_path(item.uri) or item.uri
        self.documents[item.uri] = Document(item.uri, name, item.version, item.text, str(unit))
        self.check_soon(item.uri)

    def change(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self.documents.get(params.text_document.uri)
        if document is not None:
            document.change(list(params.content_changes), params.text_document.version)
            self.check_soon(document.uri)
            for other in self.documents.values():
                if other is not document and "import" in other.text:
                    self._analyses.pop(other.uri, None)
                    self.check_soon(other.uri)

    def close(self, uri: str) -> None:
        if uri in self._waiting:
            self._waiting.pop(uri).cancel()
        for table in (self.documents, self._analyses, self._pauses):
            table.pop(uri, None)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def document(self, uri: str) -> tuple[Document, Analysis]:
        """Return an open document and what is known of its present text."""
        document = self.documents.get(uri)
        if document is None:
            raise JsonRpcInvalidParams(f"{uri} is not open")
        known = self._analyses.get(uri)
        if known is None or known[0] is not document or known[1] != document.version:
            begin = time.perf_counter()
            analysis = Analysis(document.source, self._find_import(document))
            self._pauses[uri] = min((time.perf_counter() - begin) / 4, _LONGEST_PAUSE)
            known = self._analyses[uri] = (document, document.version, analysis)
        return document, known[2]

    # -- findings

    def check_soon(self, uri: str) -> None:
        """Publish a document's findings when no change has come for a moment."""
        if uri in self._waiting:
            self._waiting.pop(uri).cancel()
        pause = max(_PAUSE, self._pauses.get(uri, 0))
        loop = asyncio.get_running_loop()
        self._waiting[uri] = loop.call_later(pause, self._publish, uri)

    def _publish(self, uri: str) -> None:
        self._waiting.pop(uri, None)
        document, analysis = self.document(uri)
        found = as_diagnostics(analysis, document, lambda source: self._address(document, source))
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, found, version=document.version)
        )

    # -- imports

    def _find_import(self, document: Document) -> FindImport:
        """Return what finds imports: an open document, a file beside it, the library."""
        path = to_fs_path(document.uri) if document.uri.startswith("file:") else None
        if path is None:
            return importer(None, "/")
        folder = os.path.dirname(path)
        on_disk = importer(DirectoryRoot(folder), "/")

        def find(name: str) -> Source:
            other = os.path.normpath(os.path.join(folder, name))
            for item in self.documents.values():
                if name.endswith(".kxs") and to_fs_path(item.uri) == other:
                    return Source(name, item.source.text)
            return on_disk(name)

        return find

    def _address(self, document: Document, source: Source) -> str | None:
        """Return the address of an imported source, by the name that errors show."""
        if source.name.startswith("stdlib/"):
            path = os.path.join(resources.root(), source.name)
        else:
            path = os.path.join(os.path.dirname(document.name), source.name)
        address: str | None = from_fs_path(path)
        return address


def build_server() -> Server:
    """Return a server that answers all that kxsh can."""
    server = Server()
    _follow_documents(server)
    _answer_questions(server)
    _answer_changes(server)
    return server


def _follow_documents(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.open(params.text_document)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        server.change(params)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        server.close(params.text_document.uri)


def _answer_questions(server: Server) -> None:
    def place(params: _Place) -> tuple[Document, Analysis, int]:
        document, analysis = server.document(params.text_document.uri)
        return document, analysis, document.offset(params.position)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hovered(params: types.HoverParams) -> types.Hover | None:
        document, analysis, offset = place(params)
        found = hover(analysis, offset)
        if found is None:
            return None
        text = types.MarkupContent(types.MarkupKind.Markdown, found[0])
        return types.Hover(text, document.range(found[1]))

    signs = types.CompletionOptions(trigger_characters=["$", "{", ".", "-", "=", '"', ","])

    @server.feature(types.TEXT_DOCUMENT_COMPLETION, signs)
    def completed(params: types.CompletionParams) -> list[types.CompletionItem]:
        document, analysis, offset = place(params)
        return complete(analysis, document, offset)

    @server.feature(
        types.TEXT_DOCUMENT_SIGNATURE_HELP, types.SignatureHelpOptions(trigger_characters=[" "])
    )
    def signature(params: types.SignatureHelpParams) -> types.SignatureHelp | None:
        document, analysis, offset = place(params)
        return signature_help(analysis, document, offset)

    @server.feature(types.TEXT_DOCUMENT_DEFINITION)
    def defined(params: types.DefinitionParams) -> types.Location | None:
        document, analysis, offset = place(params)
        return navigation.definition(analysis, document, offset)

    @server.feature(types.TEXT_DOCUMENT_REFERENCES)
    def used(params: types.ReferenceParams) -> list[types.Location]:
        document, analysis, offset = place(params)
        declaration = params.context.include_declaration
        found = navigation.references(analysis, document, offset, declaration=declaration)
        return [types.Location(document.uri, item) for item in found]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT)
    def highlighted(params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
        document, analysis, offset = place(params)
        found = navigation.references(analysis, document, offset)
        return [types.DocumentHighlight(item) for item in found]

    @server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outlined(params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
        document, analysis = server.document(params.text_document.uri)
        return navigation.outline(analysis, document)


def _answer_changes(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_FORMATTING)
    def formatted(params: types.DocumentFormattingParams) -> list[types.TextEdit]:
        document, _ = server.document(params.text_document.uri)
        return _format(document)

    kinds = [types.CodeActionKind.QuickFix, types.CodeActionKind.SourceFixAll]

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(kinds))
    def acted(params: types.CodeActionParams) -> Sequence[types.CodeAction]:
        document, analysis = server.document(params.text_document.uri)
        return list(actions(analysis, document, params))

    @server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepared(params: types.PrepareRenameParams) -> types.Range | None:
        document, analysis = server.document(params.text_document.uri)
        return navigation.renamable(analysis, document, document.offset(params.position))

    @server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
    def renamed(params: types.RenameParams) -> types.WorkspaceEdit:
        document, analysis = server.document(params.text_document.uri)
        offset = document.offset(params.position)
        try:
            return navigation.rename(analysis, document, offset, params.new_name)
        except UsageError as error:
            raise JsonRpcInvalidParams(error.message) from None


def _format(document: Document) -> list[types.TextEdit]:
    """Return the edit that lays a document out; none where it is not kxs."""
    try:
        text = format_source(document.source)
    except KxshError:
        return []
    if text == document.source.text:
        return []
    return [types.TextEdit(document.whole(), document.as_written(text))]
