"""Runs the parser's tables: text to tokens to a tree of rules, one token at a time.

Lark makes the tables (`kxsh.syntax.tables`), and could run them; but importing it takes a
third of the time that a short script is checked in, and on a slow target most of a second.
Which terminals are tried depends on where the parser stands (a contextual lexer), and
`Brackets` looks at each token before the parser does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from kxsh.syntax.brackets import Brackets
from kxsh.syntax.tables import Rule, Tables

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

END = "$END"
# The number of the scanner for all terminals, and what stands for signs beyond ASCII.
ANYWHERE = -1
_FOREIGN = "\x80"
# The terminal, what matches it at an offset, and which words are keywords instead.
_Attempt = tuple[str, "Callable[[str, int], re.Match[str] | None]", "dict[str, str]"]


class Token(str):
    """A terminal's text, and the offsets `start` and `end` that it stands at."""

    __slots__ = ("end", "start", "type")
    type: str
    start: int
    end: int


class Tree:
    """What a rule, or an alternative with a name, was made of: tokens, trees and None for
    what is not there. Without anything in it its offsets are None."""

    __slots__ = ("children", "end", "rule", "start")

    def __init__(self, rule: str, children: list[Any], start: int | None, end: int | None) -> None:
        self.rule = rule
        self.children = children
        self.start = start
        self.end = end


class Stopped(Exception):
    """No rule goes on with what stands at `place`: `token`, or (None) text that is no
    terminal. `expected` are the terminals that could; `values` is what was read so far."""

    def __init__(
        self, place: int, token: Token | None, expected: set[str], values: list[Any]
    ) -> None:
        super().__init__(place)
        self.place = place
        self.token = token
        self.expected = expected
        self.values = values


class Grammar:
    """Tables, ready to be run over any number of texts."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.ignored = frozenset(tables.ignored)
        self._matches: dict[str, Callable[[str, int], re.Match[str] | None]] = {}
        self._attempts: dict[tuple[int, str], list[_Attempt]] = {}
        # Rules that stand for their one part: most of an expression's levels.
        self.passing = [
            rule[1] == 1 and rule[3] and rule[4] is None and not rule[5] for rule in tables.rules
        ]
        self._passed: dict[tuple[int, int, str], int] = {}

    def attempts(self, scanner: int, sign: str) -> list[_Attempt]:
        """Return what a scanner may match where this sign stands; the first that does wins.

        Patterns are compiled when they are needed first.
        """
        if sign > "\x7f":
            sign = _FOREIGN
        found = self._attempts.get((scanner, sign))
        if found is None:
            kinds, keywords = self.tables.scanners[scanner]
            begins = self.tables.begins
            found = [
                (kind, self._match(kind), keywords.get(kind, {}))
                for kind in kinds
                if sign == _FOREIGN or sign in begins[kind]
            ]
            self._attempts[scanner, sign] = found
        return found

    def expected(self, state: int) -> set[str]:
        """Return the terminals that may stand where the parser is in a state."""
        kinds, _ = self.tables.scanners[self.tables.scanner_of[state]]
        return set(kinds) - self.ignored

    def passed(self, below: int, top: int, kind: str) -> int:
        """Return the state above `below` when all passing rules are reduced that a terminal
        tells to reduce, one after the other, from the state `top` on."""
        key = (below, top, kind)
        found = self._passed.get(key)
        if found is None:
            actions, found = self.tables.actions, top
            action = actions[found].get(kind, 0)
            while action < 0 and self.passing[~action]:
                found = actions[below][self.tables.rules[~action][0]]
                action = actions[found].get(kind, 0)
            self._passed[key] = found
        return found

    def _match(self, kind: str) -> Callable[[str, int], re.Match[str] | None]:
        if kind not in self._matches:
            self._matches[kind] = re.compile(self.tables.patterns[kind]).match
        return self._matches[kind]


class Run:
    """One parse of a text, from a start rule of the grammar."""

    def __init__(self, grammar: Grammar, text: str, start: str, brackets: Brackets) -> None:
        self._grammar = grammar
        self._actions = grammar.tables.actions
        self._text = text
        self._brackets = brackets
        self._end = grammar.tables.ends[start]
        self._states = [grammar.tables.starts[start]]
        self._values: list[Any] = []

    def tree(self) -> Tree:
        """Return the tree of the whole text; raise `Stopped`, or `Refused` of `Brackets`."""
        for _ in self.tokens():
            pass
        end = Token()
        end.type, end.start, end.end = END, len(self._text), len(self._text)
        self._feed(end)
        result: Tree = self._values[-1]
        return result

    def tokens(self) -> Iterator[Token]:
        """Yield each token before the parser takes it; raise as `tree` does."""
        for token in self._brackets.process(self._scan()):
            yield token
            self._feed(token)

    def _scan(self) -> Iterator[Token]:
        text, states, ignored = self._text, self._states, self._grammar.ignored
        attempts, scanner_of = self._grammar.attempts, self._grammar.tables.scanner_of
        at, length = 0, len(text)
        while at < length:
            for attempt in attempts(scanner_of[states[-1]], text[at]):
                found = attempt[1](text, at)
                if found:
                    break
            else:
                raise self._no_terminal(at)
            start, at = at, found.end()
            if attempt[0] not in ignored:
                yield _token(attempt, text, start, at)

    def _feed(self, token: Token) -> None:
        """Reduce as far as the token tells to, and shift it; at the end, reduce all."""
        states, values, actions = self._states, self._values, self._actions
        rules, passing, kind = self._grammar.tables.rules, self._grammar.passing, token.type
        while True:
            action = actions[states[-1]].get(kind)
            if action is None:
                raise self._stopped(token, _terminals(actions[states[-1]]))
            if action >= 0:
                states.append(action)
                values.append(token)
                return
            if passing[~action]:
                states[-1] = self._grammar.passed(states[-2], states[-1], kind)
            else:
                rule = rules[~action]
                first = len(values) - rule[1]
                children = values[first:]
                del values[first:], states[first + 1 :]
                values.append(_made(rule, children))
                states.append(actions[states[-1]][rule[0]])
            if kind == END and states[-1] == self._end:
                return

    def _no_terminal(self, at: int) -> Stopped:
        """Return the fault of a place where nothing that may stand there does."""
        ignored = self._grammar.ignored
        expected, place = self._grammar.expected(self._states[-1]), at
        while place < len(self._text):
            for attempt in self._grammar.attempts(ANYWHERE, self._text[place]):
                found = attempt[1](self._text, place)
                if found:
                    break
            else:
                break
            if attempt[0] not in ignored:
                return self._stopped(_token(attempt, self._text, place, found.end()), expected)
            place = found.end()
        return Stopped(at, None, expected, self._values)

    def _stopped(self, token: Token, expected: set[str]) -> Stopped:
        possible = _terminals(self._actions[self._states[-1]])
        accepted = {kind for kind in possible if self._takes(kind)}
        return Stopped(token.start, token, accepted or expected, self._values)

    def _takes(self, kind: str) -> bool:
        """Tell whether a terminal would be taken, which a reduction alone does not tell."""
        states = list(self._states)
        while True:
            action = self._actions[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                return True
            origin, size = self._grammar.tables.rules[~action][:2]
            del states[len(states) - size :]
            states.append(self._actions[states[-1]][origin])
            if kind == END and states[-1] == self._end:
                return True


def _token(attempt: _Attempt, text: str, start: int, end: int) -> Token:
    kind, _, keywords = attempt
    token = Token(text[start:end])
    token.type = keywords.get(token, kind) if keywords else kind
    token.start, token.end = start, end
    return token


def _terminals(actions: dict[str, int]) -> set[str]:
    return {kind for kind in actions if kind.isupper()}


def _made(rule: Rule, children: list[Any]) -> Any:
    """Return the tree of a rule, or what it stands for."""
    _, _, name, single, kept, nones = rule
    parts = children if kept is None else _kept(kept, nones, children)
    if single and len(parts) == 1:
        return parts[0]
    start = end = None
    for child in children:
        if child is not None and child.start is not None:
            start = child.start
            break
    for child in reversed(children):
        if child is not None and child.end is not None:
            end = child.end
            break
    return Tree(name, parts, start, end)


def _kept(kept: tuple[tuple[int, bool, int], ...], nones: int, children: list[Any]) -> list[Any]:
    """Return those of a rule's children that its tree has: a rule whose name begins with
    `_` gives its own, and None stands for an alternative that is not there."""
    parts: list[Any] = []
    for index, opened, before in kept:
        if before:
            parts += [None] * before
        if not opened:
            parts.append(children[index])
        elif parts:
            parts += children[index].children
        else:  # a repetition grows by one each time: its list is taken over, not copied
            parts = children[index].children
    if nones:
        parts += [None] * nones
    return parts
