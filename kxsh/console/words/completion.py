"""What could stand at the cursor: commands, options, values, devices, labels, paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from kxsh.commands import COMMANDS, Command
from kxsh.completion.arguments import options, parameter_at, takes_options, value_position
from kxsh.completion.candidates import KEYWORDS, Candidate, begins
from kxsh.completion.kernel_words import kernel_word, kernel_words, takes_kernel_words
from kxsh.completion.position import Call, Position, find_position
from kxsh.console.prompt import grub_names
from kxsh.console.prompt.session import Session
from kxsh.console.script.why import CLASSES
from kxsh.console.words import device_words, path_words
from kxsh.console.words.named_words import named_words, programs
from kxsh.console.words.places import Places
from kxsh.console.words.quoting import lookup, quoted, unquoted
from kxsh.console.words.signatures import signature_named
from kxsh.errors import FAILURES
from kxsh.interpreter.scope import Scope
from kxsh.signature import Parameter
from kxsh.values import FIELDS, Type, accepts, type_of

_FIELD = re.compile(r"(\$\{?)(\w+(?:\.\w+)*)\.(\w*)$")
_VARIABLE = re.compile(r"(\$\{?)(\w*)$")
_CLASS = re.compile(r"\.class\}?\s*[!=]=\s*$")
# Parameters that name an entry of the menu in the file before them, and that name a file.
_ENTRIES = frozenset(
    (
        ("isolinux-entry", "label"),
        ("grep-cmdline-from-isolinux", "label"),
        ("grub-entry", "id"),
        ("bls-entry", "id"),
        ("set-default", "entry"),
    )
)
_FILES = frozenset((("step", "script"), ("save-script", "file")))
# Keys of a kernel command line whose value can be a device.
_DEVICE_KEYS = frozenset(("root", "resume", "real_root", "cryptdevice", "archisodevice"))
_CONSOLES = (
    ("tty0", "the machine's own screen"),
    ("ttyS0,115200", "the first serial line"),
    ("ttyS1,115200", "the second serial line"),
    ("hvc0", "a virtual machine's console"),
)
# Further than this nobody reads a list.
_LIMIT = 500


class Completer:
    """Completes lines of one session; `places` looks at disks."""

    def __init__(self, session: Session, places: Places) -> None:
        self._session = session
        self._places = places

    def complete(self, text: str) -> list[Candidate]:
        """Return what may stand at the end of `text`, at most a few hundred."""
        position = find_position(text)
        esp = self._session.interpreter.esp
        found: list[Candidate] = []
        seen: set[str] = set()
        grub = grub_names.candidates(text, self._places.devices, esp)
        for candidate in chain(grub, self._candidates(position, text[: position.start])):
            if candidate.text not in seen:
                seen.add(candidate.text)
                found.append(candidate)
            if len(found) >= _LIMIT:
                break
        return found

    def rewritten(self, text: str) -> str:
        """Return a text with GRUB's names of disks as kxsh writes them."""
        return grub_names.rewritten(text, self._places.devices, self._session.interpreter.esp)

    @property
    def _scope(self) -> Scope:
        return self._session.interpreter.session

    def _candidates(self, position: Position, before: str) -> Iterator[Candidate]:
        word = position.word
        if match := _FIELD.search(word):
            yield from self._fields(position, match)
        elif match := _VARIABLE.search(word):
            end = position.start + match.start()
            yield from self._variables(end, match[1], match[2], None)
        elif position.call is not None:
            yield from self._arguments(position, position.call)
        elif position.before == "CMPOP":
            yield from _classes(position, before)
        elif position.before == "SET":
            names = (name for scope in self._scope.chain() for name in scope.variables)
            yield from _plain(position, names)
        elif position.head:
            yield from self._heads(position)

    # -- variables

    def _fields(self, position: Position, match: re.Match[str]) -> Iterator[Candidate]:
        known = lookup(match[2], self._scope)
        if known is None:
            return
        value = known.value
        names = list(value) if isinstance(value, dict) else FIELDS.get(type_of(value).name, {})
        start = position.start + match.start(3)
        for name in names:
            if begins(str(name), match[3]):
                inner = lookup(f"{match[2]}.{name}", self._scope)
                note = inner.text if inner else ""
                yield Candidate(f"{name}{'}' if '{' in match[1] else ''}", start, str(name), note)

    def _variables(
        self, start: int, sign: str, prefix: str, kind: Type | None
    ) -> Iterator[Candidate]:
        for scope in self._scope.chain():
            for name, value in scope.variables.items():
                actual = type_of(value)
                if not begins(name, prefix) or (kind is not None and not accepts(kind, actual)):
                    continue
                known = lookup(name, scope)
                note = f"{actual} {known.text if known else ''}".rstrip()
                yield Candidate(f"{sign}{name}", start, f"${name}", note)

    # -- commands

    def _heads(self, position: Position) -> Iterator[Candidate]:
        word, start = position.word, position.start
        found = False
        for command in self._commands(alone=not position.before):
            if begins(command.name, word):
                found = True
                yield Candidate(command.name + " ", start, command.name, command.summary)
        for scope in self._scope.chain():
            for name, function in scope.functions.items():
                if begins(name, word):
                    note = function.node.help.partition("\n")[0]
                    yield Candidate(name + " ", start, name, note or "function")
        for keyword in KEYWORDS:
            if begins(keyword, word):
                yield Candidate(keyword + " ", start, keyword, "")
        if not found and len(word) > 1:
            yield from self._programs(position)

    def _commands(self, *, alone: bool) -> Iterable[Command]:
        """Return the commands that may start here; the prompt's own stand alone."""
        own = self._session.commands
        return ({**own, **COMMANDS, **own} if alone else COMMANDS).values()

    def _programs(self, position: Position) -> Iterator[Candidate]:
        for name, note in programs(self._session, self._places):
            text = quoted(name)
            if text and begins(name, position.word):
                yield Candidate(text + " ", position.start, name, note)

    # -- arguments

    def _arguments(self, position: Position, call: Call) -> Iterator[Candidate]:
        signature = signature_named(self._session, call.name, call.arguments)
        if signature is None:
            if "/" in position.word and self._session.find_program(call.name):
                yield from path_words.paths(position, self._places, self._scope)
            return
        parameter = parameter_at(position, call, signature)
        if parameter is not None:
            yield from self._values(value_position(position), call, parameter)
        if takes_options(position, call, signature):
            yield from options(position, call, signature)

    def _values(self, position: Position, call: Call, parameter: Parameter) -> Iterator[Candidate]:
        """Yield values for a parameter: its own words first, then variables that fit."""
        if parameter.choices:
            yield from _plain(position, parameter.choices)
            return
        named = named_words(self._session, self._places, position, call, parameter)
        if named is not None:
            yield from named
        elif takes_kernel_words(call, parameter):
            yield from self._kernel_words(position)
        else:
            yield from self._typed_values(position, call, parameter)
        kind = parameter.type.name
        if not position.word and kind not in ("str", "any"):
            yield from self._variables(position.start, "$", "", parameter.type)
        if call.name == "part" and parameter.name == "disk" and not position.word:
            yield from self._own_disk(position)

    def _typed_values(
        self, position: Position, call: Call, parameter: Parameter
    ) -> Iterator[Candidate]:
        """Yield what a parameter's type can be."""
        kind = parameter.type.name
        if call.name == "part" and parameter.name == "number":
            yield from device_words.numbers(position, call, self._places, self._scope)
        elif (call.name, parameter.name) in _ENTRIES:
            yield from path_words.labels(position, call, self._places, self._scope)
        elif kind == "bool":
            yield from _plain(position, ("true", "false"))
        elif kind in ("device", "spec"):
            yield from device_words.specs(position, self._places)
        elif kind == "kernel" and "/" not in position.word:
            yield from path_words.entries(position, self._places)
            yield from path_words.paths(position, self._places, self._scope)
        elif kind in ("path", "kernel", "pattern") or self._is_file(position, call, parameter):
            yield from path_words.paths(position, self._places, self._scope)

    def _is_file(self, position: Position, call: Call, parameter: Parameter) -> bool:
        """Tell whether a parameter that takes any text takes, or begins as, a file's path."""
        begun = parameter.type.name == "text" and "/" in position.word
        return begun or (call.name, parameter.name) in _FILES

    def _kernel_words(self, position: Position) -> Iterator[Candidate]:
        """Yield words of a kernel command line; devices where its key takes one."""
        word, start = kernel_word(position)
        key, equals, typed = word.partition("=")
        value = start + len(key) + 1
        if equals and key in _DEVICE_KEYS:
            yield from device_words.kernel_devices(typed, value, self._places)
        for console, note in _CONSOLES if equals and key == "console" else ():
            if begins(console, typed):
                yield Candidate(console, value, console, note)
        yield from kernel_words(position)

    def _own_disk(self, position: Position) -> Iterator[Candidate]:
        if self._session.interpreter.esp is not None:
            note = "the disk that this was started from"
            yield Candidate("${esp.disk} ", position.start, "${esp.disk}", note)


def _classes(position: Position, before: str) -> Iterator[Candidate]:
    """Yield failure classes for what an error's class is compared with."""
    if _CLASS.search(before):
        for name in FAILURES:
            if begins(name, unquoted(position.word)):
                yield Candidate(f'"{name}"', position.start, name, CLASSES.get(name, ""))


def _plain(position: Position, words: Iterable[str]) -> Iterator[Candidate]:
    for word in words:
        text = quoted(word)
        if begins(word, position.word) and text:
            yield Candidate(text + " ", position.start, word, "")
