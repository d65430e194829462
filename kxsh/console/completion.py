"""What could stand at the cursor: commands, options, values, devices, labels, paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kxsh.commands import COMMANDS, Command
from kxsh.completion.arguments import options, parameter_at, takes_options, value_position
from kxsh.completion.candidates import KEYWORDS, Candidate, begins
from kxsh.completion.position import Call, Position, find_position
from kxsh.console import device_words, path_words
from kxsh.console.places import Places
from kxsh.console.quoting import lookup, quoted
from kxsh.console.session import Session
from kxsh.console.signatures import signature_named
from kxsh.interpreter.scope import Scope
from kxsh.signature import Parameter
from kxsh.values import FIELDS, Type, accepts, type_of

_FIELD = re.compile(r"(\$\{?)(\w+(?:\.\w+)*)\.(\w*)$")
_VARIABLE = re.compile(r"(\$\{?)(\w*)$")
# Further than this nobody reads a list.
_LIMIT = 300


class Completer:
    """Completes lines of one session; `places` looks at disks."""

    def __init__(self, session: Session, places: Places) -> None:
        self._session = session
        self._places = places

    def complete(self, text: str) -> list[Candidate]:
        """Return what may stand at the end of `text`, at most a few hundred."""
        position = find_position(text)
        found: list[Candidate] = []
        seen: set[str] = set()
        for candidate in self._candidates(position):
            if candidate.text not in seen:
                seen.add(candidate.text)
                found.append(candidate)
            if len(found) >= _LIMIT:
                break
        return found

    @property
    def _scope(self) -> Scope:
        return self._session.interpreter.session

    def _candidates(self, position: Position) -> Iterator[Candidate]:
        word = position.word
        if match := _FIELD.search(word):
            yield from self._fields(position, match)
        elif match := _VARIABLE.search(word):
            end = position.start + match.start()
            yield from self._variables(end, match[1], match[2], None)
        elif position.call is not None:
            yield from self._arguments(position, position.call)
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
        for directory in self._session.program_directories():
            for facts in self._places.listing(directory):
                if facts.kind == "file" and begins(facts.path, position.word):
                    name = quoted(facts.path)
                    if name:
                        yield Candidate(name + " ", position.start, facts.path, "program")

    # -- arguments

    def _arguments(self, position: Position, call: Call) -> Iterator[Candidate]:
        signature = signature_named(self._session, call.name)
        if signature is None:
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
        if (call.name, parameter.name) == ("help", "topic"):
            yield from self._topics(position)
            return
        named = self._named_values(call.name, parameter.name)
        if named is not None:
            yield from _plain(position, named)
            return
        kind = parameter.type.name
        if call.name == "part" and parameter.name == "number":
            yield from device_words.numbers(position, call, self._places, self._scope)
        elif parameter.name == "label":
            yield from path_words.labels(position, call, self._places, self._scope)
        elif kind == "bool":
            yield from _plain(position, ("true", "false"))
        elif kind in ("device", "spec"):
            yield from device_words.specs(position, self._places)
        elif kind in ("path", "kernel"):
            yield from path_words.paths(position, self._places, self._scope)
        if not position.word and kind not in ("str", "any"):
            yield from self._variables(position.start, "$", "", parameter.type)
        if call.name == "part" and parameter.name == "disk" and not position.word:
            yield from self._own_disk(position)

    def _topics(self, position: Position) -> Iterator[Candidate]:
        for command in self._commands(alone=True):
            if begins(command.name, position.word):
                yield Candidate(command.name + " ", position.start, command.name, command.summary)

    def _own_disk(self, position: Position) -> Iterator[Candidate]:
        if self._session.interpreter.esp is not None:
            note = "the disk that this was started from"
            yield Candidate("${esp.disk} ", position.start, "${esp.disk}", note)

    def _named_values(self, command: str, parameter: str) -> Iterable[str] | None:
        if (command, parameter) == ("modprobe", "module"):
            return path_words.modules(self._places)
        if (command, parameter) == ("umount", "mount"):
            return [mount.path for mount in self._session.interpreter.machine.mounts()]
        if (command, parameter) == ("run", "program"):
            directories = self._session.program_directories()
            return [
                facts.path
                for directory in directories
                for facts in self._places.listing(directory)
                if facts.kind == "file"
            ]
        return None


def _plain(position: Position, words: Iterable[str]) -> Iterator[Candidate]:
    for word in words:
        text = quoted(word)
        if begins(word, position.word) and text:
            yield Candidate(text + " ", position.start, word, "")
