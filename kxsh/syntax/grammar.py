"""grammar/kxsh.lark to tables, by lark: the only module that imports it.

Lark is asked for its analysis of the grammar, not for parses. Nothing here depends on the
order in which lark keeps its states, so that the same grammar always gives the same tables.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from re import _constants as sre
from re import _parser
from typing import Any

from lark import Lark

from kxsh import resources
from kxsh.syntax.brackets import Brackets
from kxsh.syntax.tables import STARTS, Rule, Scanner, Tables


def make_tables() -> Tables:
    """Return the tables of the grammar; lark's errors mean that it is no good."""
    lark = Lark(
        resources.grammar_text(),
        parser="lalr",
        start=list(STARTS),
        maybe_placeholders=True,
        postlex=Brackets(),
    )
    parser: Any = lark.parser
    table = parser.parser._parse_table
    order = _order(table.states, [table.start_states[name] for name in STARTS])
    number = {state: at for at, state in enumerate(order)}
    rules = sorted({rule for state in order for rule in _reduced(table.states[state])}, key=str)
    rule_number = {rule: at for at, rule in enumerate(rules)}
    lexer = parser.lexer.lexer
    scanners = [_scanner(lexer.lexers[state]) for state in order]
    distinct = sorted(scanners, key=repr)
    distinct = [item for at, item in enumerate(distinct) if item not in distinct[:at]]
    patterns = {str(item.name): item.pattern.to_regexp() for item in lark.terminals}
    return Tables(
        begins={name: "".join(sorted(first_signs(text))) for name, text in patterns.items()},
        actions=[_actions(table.states[state], number, rule_number) for state in order],
        ends={name: number[table.end_states[name]] for name in STARTS},
        ignored=tuple(sorted(lark.lexer_conf.ignore)),
        patterns=patterns,
        rules=[_rule(rule) for rule in rules],
        scanner_of=[distinct.index(item) for item in scanners],
        scanners=[*distinct, _scanner(lexer.root_lexer)],
        starts={name: number[table.start_states[name]] for name in STARTS},
    )


def _order(states: Any, starts: list[Any]) -> list[Any]:
    """Return the states as they are reached from these, by the names of what leads there."""
    order, seen = list(starts), set(starts)
    for state in order:
        for name in sorted(states[state]):
            _, target = states[state][name]
            if isinstance(target, int) and target not in seen:
                seen.add(target)
                order.append(target)
    return order


def _reduced(actions: Any) -> list[Any]:
    return [target for _, target in actions.values() if not isinstance(target, int)]


def _actions(actions: Any, number: dict[Any, int], rules: dict[Any, int]) -> dict[str, int]:
    return {
        str(name): number[target] if isinstance(target, int) else ~rules[target]
        for name, (_, target) in sorted(actions.items())
    }


def _rule(rule: Any) -> Rule:
    """Return how a rule's tree is made, as lark's own builder of trees does it."""
    options, size = rule.options, len(rule.expansion)
    # Whether something that is not there stands at each place, by blanks between the parts.
    gaps = "".join("1" if empty else "0" for empty in options.empty_indices or [False] * size)
    nones = [len(ones) for ones in gaps.split("0")]
    kept, pending = [], 0
    for at, symbol in enumerate(rule.expansion):
        pending += nones[at]
        if options.keep_all_tokens or not (symbol.is_term and symbol.filter_out):
            opened = not symbol.is_term and symbol.name.startswith("_")
            kept.append((at, opened, pending))
            pending = 0
    pending += nones[size]
    plain = len(kept) == size and not pending and not any(opened or n for _, opened, n in kept)
    single = bool(options.expand1 and not rule.alias)
    origin = str(rule.origin.name)
    name = str(rule.alias or origin)
    return (origin, size, name, single, None if plain else tuple(kept), pending)


def _scanner(lexer: Any) -> Scanner:
    """Return the terminals of one of lark's lexers, and which words are keywords in it."""
    scanner = lexer.scanner  # the keywords that another terminal matches are not among these
    keywords = {
        kind: {item.pattern.value: str(item.name) for item in callback.scanner.terminals}
        for kind, callback in sorted(lexer.callback.items())
    }
    return tuple(str(item.name) for item in scanner.terminals), keywords


# -- what a terminal can begin with

_ASCII = frozenset(map(chr, range(128)))
_SIDEWAYS = (sre.AT, sre.ASSERT, sre.ASSERT_NOT)  # these match no sign of their own
_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def first_signs(pattern: str) -> set[str]:
    """Return the signs of ASCII that a text can begin with which a regular expression
    matches: perhaps more than do, never fewer."""
    return _first(_parser.parse(pattern))[0]


def _first(steps: Iterable[tuple[Any, Any]]) -> tuple[set[str], bool]:
    """Return the signs that some steps can begin with, and whether they can match nothing."""
    found: set[str] = set()
    for kind, what in steps:
        signs, empty = _first_of_step(kind, what)
        found |= signs
        if not empty:
            return found, False
    return found, True


def _first_of_step(kind: Any, what: Any) -> tuple[set[str], bool]:
    if kind in _SIDEWAYS:
        return set(), True
    if kind in _REPEATS:
        least, _, steps = what
        signs, empty = _first(steps)
        return signs, empty or least == 0
    if kind is sre.SUBPATTERN:
        return _first(what[-1])
    if kind is sre.BRANCH:
        ways = [_first(steps) for steps in what[1]]
        return set().union(*(signs for signs, _ in ways)), any(empty for _, empty in ways)
    if kind is sre.LITERAL:
        return {chr(what)} & _ASCII, False
    if kind is sre.IN:
        return _first_of_set(what), False
    return set(_ASCII), False  # a negation, `.`: all but a few


def _first_of_set(parts: Any) -> set[str]:
    found: set[str] = set()
    for kind, what in parts:
        if kind is sre.LITERAL:
            found |= {chr(what)} & _ASCII
        elif kind is sre.RANGE:
            found |= {sign for sign in _ASCII if what[0] <= ord(sign) <= what[1]}
        elif kind is sre.CATEGORY:
            found |= {sign for sign in _ASCII if re.match(_CATEGORIES[what], sign)}
    return set(_ASCII) - found if parts[0][0] is sre.NEGATE else found


_CATEGORIES = {
    sre.CATEGORY_SPACE: r"\s",
    sre.CATEGORY_NOT_SPACE: r"\S",
    sre.CATEGORY_WORD: r"\w",
    sre.CATEGORY_NOT_WORD: r"\W",
    sre.CATEGORY_DIGIT: r"\d",
    sre.CATEGORY_NOT_DIGIT: r"\D",
}
