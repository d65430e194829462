"""Where names are made and used; what a document consists of; new names."""

from __future__ import annotations

import re

from lsprotocol import types

from kxsh.commands import COMMANDS
from kxsh.completion.candidates import KEYWORDS
from kxsh.errors import UsageError
from kxsh.lsp.analysis import Analysis, import_path
from kxsh.lsp.document import Document
from kxsh.lsp.symbols import Symbol
from kxsh.source import Span
from kxsh.syntax import ast

_FUNCTION_NAME = re.compile(r"[a-zA-Z_][\w+-]*")
_VARIABLE_NAME = re.compile(r"[a-zA-Z_]\w*")
_KINDS = {
    "function": types.SymbolKind.Function,
    "variable": types.SymbolKind.Variable,
    "parameter": types.SymbolKind.Variable,
    "import": types.SymbolKind.Module,
}


def definition(analysis: Analysis, document: Document, offset: int) -> types.Location | None:
    """Return where the name at an offset is made, in an imported file too."""
    called = analysis.symbols.call_at(offset)
    if called is not None and "." in called[0].name:
        place = analysis.symbols.place(called[0].name_span)
        module, _, name = called[0].name.partition(".")
        if place.start + len(module) < offset <= place.end:
            return _imported(analysis, document, module, name)
    found = analysis.symbols.at(offset)
    if found is None:
        return None
    symbol, span = found
    if isinstance(symbol.node, ast.Import) and span == symbol.span:
        path = import_path(document.name, symbol.node.path)
        start = types.Position(0, 0)
        return types.Location(f"file://{path}", types.Range(start, start)) if path else None
    return types.Location(document.uri, document.range(symbol.span))


def _imported(
    analysis: Analysis, document: Document, module: str, name: str
) -> types.Location | None:
    """Return where a function of an import is made."""
    for symbol in analysis.symbols.all:
        if not isinstance(symbol.node, ast.Import) or symbol.name != module:
            continue
        path = import_path(document.name, symbol.node.path)
        script = analysis.imported(symbol.node.path)
        for item in script.statements if script and path else ():
            if isinstance(item, ast.Function) and item.name == name:
                source = item.span.source
                other = Document(f"file://{path}", source.name, 0, source.text)
                return types.Location(other.uri, other.range(item.name_span))
    return None


def references(
    analysis: Analysis, document: Document, offset: int, *, declaration: bool = True
) -> list[types.Range]:
    """Return all places of the name at an offset, `declaration`: also where it is made."""
    found = analysis.symbols.at(offset)
    if found is None:
        return []
    symbol, _ = found
    return [document.range(span) for span, _ in symbol.uses if declaration or span != symbol.span]


def outline(analysis: Analysis, document: Document) -> list[types.DocumentSymbol]:
    """Return the script's functions, imports and outermost variables, in their order."""
    found = []
    functions = [symbol for symbol in analysis.symbols.all if symbol.kind == "function"]
    for symbol in analysis.symbols.all:
        inside = [item for item in functions if _within(symbol.whole, item.whole)]
        if symbol.kind == "parameter" or (inside and symbol not in inside):
            continue
        detail = None if symbol.kind != "variable" else str(analysis.type_of(symbol))
        whole = document.range(symbol.whole)
        name = document.range(symbol.span)
        kind = _KINDS[symbol.kind]
        found.append(types.DocumentSymbol(symbol.name, kind, whole, name, detail=detail))
    return sorted(found, key=lambda item: (item.range.start.line, item.range.start.character))


def _within(inner: Span, outer: Span) -> bool:
    return outer.start < inner.start and inner.end <= outer.end


def renamable(analysis: Analysis, document: Document, offset: int) -> types.Range | None:
    """Return the name at an offset that can be changed everywhere, or None."""
    found = analysis.symbols.at(offset)
    if found is None or analysis.faulty or found[0].kind == "import":
        return None
    return document.range(found[1])


def rename(analysis: Analysis, document: Document, offset: int, new: str) -> types.WorkspaceEdit:
    """Return the edits that give a name another text; `UsageError` where that would
    change what the script means."""
    found = analysis.symbols.at(offset)
    if found is None or renamable(analysis, document, offset) is None:
        raise UsageError("only names of a script without syntax errors can be renamed")
    symbol, _ = found
    _refuse(analysis, symbol, new)
    edits = []
    for span, option in symbol.uses:
        text = new
        if symbol.kind != "function":
            text = new.replace("_", "-") if option else new.replace("-", "_")
        edits.append(types.TextEdit(document.range(span), text))
    return types.WorkspaceEdit(changes={document.uri: edits})


def _refuse(analysis: Analysis, symbol: Symbol, new: str) -> None:
    """Raise `UsageError` for a name that is none, or is taken."""
    function = symbol.kind == "function"
    twins = [item for item in analysis.symbols.all if item.name == symbol.name and function]
    if len([item for item in twins if item.kind == "function"]) > 1:
        raise UsageError(f"`{symbol.name}` is defined twice: which one is called?")
    dashed = isinstance(symbol.node, ast.Parameter) and symbol.node.kind == "option"
    wanted = _FUNCTION_NAME if function or dashed else _VARIABLE_NAME
    if not wanted.fullmatch(new) or new in (*KEYWORDS, "else", "as", "in", "and", "or"):
        raise UsageError(f"`{new}` is no name for a {symbol.kind}")
    if dashed and new != new.lower():
        raise UsageError("options are written in small letters")
    taken = {item.name for item in analysis.symbols.all if (item.kind == "function") == function}
    taken |= set(COMMANDS) if function else {"esp"}
    if (new if function else new.replace("-", "_")) in taken:
        raise UsageError(f"there is a `{new}` already")
