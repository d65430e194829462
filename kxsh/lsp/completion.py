"""What can stand at the cursor, and which parameter of a call it is in."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator

from lsprotocol import types

from kxsh import resources
from kxsh.commands import COMMANDS
from kxsh.completion.arguments import options, parameter_at, takes_options, value_position
from kxsh.completion.candidates import KEYWORDS, Candidate, begins
from kxsh.completion.kernel_words import kernel_words, takes_kernel_words
from kxsh.completion.position import Call, Position, find_position
from kxsh.lsp.analysis import Analysis
from kxsh.lsp.document import Document
from kxsh.lsp.hover import describe
from kxsh.lsp.words import statement_start
from kxsh.signature import Parameter, Signature
from kxsh.syntax.tokens import line_tokens
from kxsh.values import ANY, FIELDS, NAMED, TAGS, Type, accepts

_FIELD = re.compile(r"(\$\{?)(\w+(?:\.\w+)*)\.(\w*)$")
_VARIABLE = re.compile(r"(\$\{?)(\w*)$")
_IMPORT = re.compile(r"^[ \t]*import[ \t]+\"?([^\"\n]*)$")
_TYPE = re.compile(r"(?:\blet[ \t]+\w+[ \t]*:|\bfn\b.*(?::|->))[ \t\[]*(\w*)$")
_LIMIT = 500
_KINDS = {
    "command": types.CompletionItemKind.Function,
    "function": types.CompletionItemKind.Method,
    "keyword": types.CompletionItemKind.Keyword,
    "variable": types.CompletionItemKind.Variable,
    "field": types.CompletionItemKind.Field,
    "option": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.Value,
    "module": types.CompletionItemKind.Module,
    "type": types.CompletionItemKind.Class,
}
Found = tuple[str, Candidate]  # a kind of _KINDS and the candidate


def complete(analysis: Analysis, document: Document, offset: int) -> list[types.CompletionItem]:
    """Return what may stand at an offset, at most a few hundred."""
    start = _start(document.source.text, offset)
    text = document.source.text[start:offset]
    items: dict[str, types.CompletionItem] = {}
    for kind, found in _Completion(analysis, document, offset).candidates(text):
        if found.text not in items:
            place = types.Range(document.position(start + found.start), document.position(offset))
            items[found.text] = types.CompletionItem(
                label=found.shown,
                kind=_KINDS[kind],
                detail=found.note or None,
                filter_text=found.text,
                text_edit=types.TextEdit(place, found.text),
                documentation=_documentation(kind, found.shown),
            )
        if len(items) >= _LIMIT:
            break
    return list(items.values())


def _start(text: str, offset: int) -> int:
    """Return where what is typed begins: the statement, or its line, where what stands above
    in it is no kxs - a shell's `then`, say - and hides the rest."""
    start = statement_start(text, offset)
    line = text.rfind("\n", 0, offset) + 1
    if line > start and line_tokens(text[start:offset])[1] < line - start:
        return line
    return start


def _documentation(kind: str, name: str) -> types.MarkupContent | None:
    if kind != "command" or name not in COMMANDS:
        return None
    return types.MarkupContent(types.MarkupKind.Markdown, describe(COMMANDS[name]))


def signature_help(
    analysis: Analysis, document: Document, offset: int
) -> types.SignatureHelp | None:
    """Return the signature of the call that an offset stands in."""
    start = _start(document.source.text, offset)
    position = find_position(document.source.text[start:offset])
    call = position.call
    signature = analysis.signature(call.name, offset) if call else None
    if call is None or signature is None:
        return None
    label, places, at = signature.usage(), [], len(signature.name)
    for parameter in signature.parameters:
        at = label.index(parameter.usage(), at)
        places.append((at, at + len(parameter.usage())))
        at = places[-1][1]
    current = parameter_at(position, call, signature)
    active = signature.parameters.index(current) if current in signature.parameters else None
    info = types.SignatureInformation(
        label=label,
        documentation=COMMANDS[call.name].summary if call.name in COMMANDS else None,
        parameters=[
            types.ParameterInformation(place, parameter.help or None)
            for place, parameter in zip(places, signature.parameters, strict=True)
        ],
        active_parameter=active,
    )
    return types.SignatureHelp([info], active_signature=0, active_parameter=active)


class _Completion:
    def __init__(self, analysis: Analysis, document: Document, offset: int) -> None:
        self._analysis = analysis
        self._document = document
        self._offset = offset

    def candidates(self, text: str) -> Iterator[Found]:
        """Yield what may stand at the end of a text that begins with a statement."""
        line = text[text.rfind("\n") + 1 :]
        if match := _IMPORT.match(line):
            yield from self._modules(len(text) - len(match[1]), match[1])
            return
        if match := _TYPE.search(line):
            for name in NAMED:
                if begins(name, match[1]):
                    yield "type", Candidate(name, len(text) - len(match[1]), name)
            return
        position = find_position(text)
        if match := _FIELD.search(position.word):
            yield from self._fields(position, match)
        elif match := _VARIABLE.search(position.word):
            yield from self._variables(position.start + match.start(), match[1], match[2], None)
        elif position.call is not None:
            yield from self._arguments(position, position.call)
        elif position.before == "SET":
            for name in self._analysis.variables(self._offset):
                if name != "esp" and begins(name, position.word):  # that one is fixed
                    yield "variable", Candidate(name, position.start, name)
        elif position.head:
            yield from self._heads(position)

    def _modules(self, start: int, typed: str) -> Iterator[Found]:
        for name in resources.stdlib_names():
            if begins(name, typed):
                yield "module", Candidate(name, start, name, "of the library")
        folder = os.path.dirname(self._document.name)
        try:
            files = sorted(os.listdir(folder or "."))[:_LIMIT]
        except OSError:
            files = []
        for file in files:
            own = file == os.path.basename(self._document.name)
            if file.endswith(".kxs") and file.isprintable() and begins(file, typed) and not own:
                yield "module", Candidate(file, start, file, "beside this script")

    def _fields(self, position: Position, match: re.Match[str]) -> Iterator[Found]:
        kind = self._analysis.field_type(match[2], self._offset)
        start = position.start + match.start(3)
        for name, inner in FIELDS.get(kind.name, {}).items():
            if begins(name, match[3]):
                yield "field", Candidate(name, start, name, str(inner))

    def _variables(self, start: int, sign: str, prefix: str, kind: Type | None) -> Iterator[Found]:
        for name, actual in self._analysis.variables(self._offset).items():
            if begins(name, prefix) and (kind is None or accepts(kind, actual)):
                yield "variable", Candidate(f"{sign}{name}", start, f"${name}", str(actual))

    def _heads(self, position: Position) -> Iterator[Found]:
        word, start = position.word, position.start
        for name, node in self._analysis.functions(self._offset).items():
            if begins(name, word):
                note = node.help.partition("\n")[0] or "function"
                yield "function", Candidate(name, start, name, note)
        for command in COMMANDS.values():
            if begins(command.name, word):
                yield "command", Candidate(command.name, start, command.name, command.summary)
        for keyword in KEYWORDS:
            if begins(keyword, word):
                yield "keyword", Candidate(keyword, start, keyword)

    def _arguments(self, position: Position, call: Call) -> Iterator[Found]:
        signature = self._analysis.signature(call.name, self._offset)
        if signature is None:
            return
        parameter = parameter_at(position, call, signature)
        if parameter is not None:
            yield from self._values(value_position(position), call, parameter)
        if takes_options(position, call, signature):
            yield from _options(position, call, signature)

    def _values(self, position: Position, call: Call, parameter: Parameter) -> Iterator[Found]:
        word, start = position.word, position.start
        if takes_kernel_words(call, parameter):
            yield from (("value", found) for found in kernel_words(position))
        elif parameter.choices or parameter.type.name == "bool":
            yield from _plain(position, parameter.choices or ("true", "false"))
        elif (call.name, parameter.name) == ("help", "topic"):
            yield from _plain(position, COMMANDS)
        elif parameter.type.name in ("device", "spec", "path", "kernel"):
            yield from _plain(position, (f"{tag}=" for tag in TAGS))
        if not word:
            fits = None if parameter.type.name in ("text", "str") else parameter.type
            yield from self._variables(start, "$", "", None if fits == ANY else fits)


def _options(position: Position, call: Call, signature: Signature) -> Iterator[Found]:
    for found in options(position, call, signature):
        text = found.text.rstrip()
        yield "option", Candidate(text, found.start, found.shown, found.note)


def _plain(position: Position, words: Iterable[str]) -> Iterator[Found]:
    for word in words:
        if begins(word, position.word):
            yield "value", Candidate(word, position.start, word)
