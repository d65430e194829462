"""What is known of one version of a document: findings, names, types."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from kxsh import resources
from kxsh.checker import check_source
from kxsh.checker.insight import Insight
from kxsh.commands import COMMANDS
from kxsh.diagnostics import Diagnostic
from kxsh.errors import Failure, ParseError, UsageError
from kxsh.lsp.symbols import Symbol, Symbols
from kxsh.signature import Signature, signature_of
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_script
from kxsh.values import ANY, DEVICE, FIELDS, Type

FindImport = Callable[[str], Source]


class Analysis:
    """A document's findings, and its names with their types.

    `find_import` gives the source of what an import names; None: there are none.
    """

    def __init__(self, source: Source, find_import: FindImport | None) -> None:
        self.source = source
        self._find_import = find_import
        insight = Insight()
        self.findings: list[Diagnostic] = check_source(
            source, find_import=find_import, insight=insight
        )
        self._resolved = insight.resolved
        self.faulty = insight.script is None or insight.script.span.source is not source
        self._imported: dict[str, ast.Script | None] = {}
        script = insight.script or ast.Script(Span(source, 0, 0), ())
        self.symbols = Symbols(script, insight.place)

    def check(self, source: Source) -> list[Diagnostic]:
        """Return the findings of another text of the same document."""
        return check_source(source, find_import=self._find_import)

    def type_of(self, symbol: Symbol) -> Type:
        """Return a variable's type, as far as the checker knows it."""
        known = self._resolved.variables.get((self.source.name, symbol.made, symbol.name))
        return known.type if known else ANY

    def variables(self, offset: int) -> dict[str, Type]:
        """Return the variables that can be used at an offset."""
        found = {
            symbol.name: self.type_of(symbol)
            for symbol in self.symbols.visible(offset)
            if symbol.kind in ("variable", "parameter")
        }
        return {**found, "esp": found.get("esp", DEVICE)}

    def field_type(self, path: str, offset: int) -> Type:
        """Return the type of ``name.field.field`` at an offset; any where it is not known."""
        name, *fields = path.split(".")
        kind = self.variables(offset).get(name, ANY)
        for field in fields:
            kind = FIELDS.get(kind.name, {}).get(field, ANY)
        return kind

    def functions(self, offset: int) -> dict[str, ast.Function]:
        """Return the functions that can be called at an offset, those of imports too."""
        found: dict[str, ast.Function] = {}
        for symbol in self.symbols.visible(offset):
            if isinstance(symbol.node, ast.Function):
                found.setdefault(symbol.name, symbol.node)
            elif isinstance(symbol.node, ast.Import):
                script = self.imported(symbol.node.path)
                for item in script.statements if script else ():
                    if isinstance(item, ast.Function):
                        found.setdefault(f"{symbol.name}.{item.name}", item)
        return found

    def signature(self, name: str, offset: int) -> Signature | None:
        """Return the signature of a command or function."""
        function = self.functions(offset).get(name)
        if function is not None:
            try:
                return signature_of(function)
            except UsageError:
                return None
        return COMMANDS[name].signature if name in COMMANDS else None

    def imported(self, path: str) -> ast.Script | None:
        """Return the tree of what an import names, or None where it cannot be read."""
        if path not in self._imported:
            self._imported[path] = None
            if self._find_import is not None:
                with suppress(Failure, ParseError):
                    self._imported[path] = parse_script(self._find_import(path))
        return self._imported[path]


def import_path(document_path: str, text: str) -> str | None:
    """Return the file that an import's text names, seen from a document's; it may not be
    there. None: a name that the library does not have."""
    if text.endswith(".kxs"):
        return os.path.normpath(os.path.join(os.path.dirname(document_path), text))
    return resources.stdlib_path(text)
