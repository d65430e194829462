"""The parser's engine beside lark's own, which its tables are from: same tokens, same trees, and
the same faults at the same places."""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

import lark
import pytest
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from kxsh import resources
from kxsh.syntax import lalr, tables
from kxsh.syntax.brackets import Brackets, Refused

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    path for folder in ("tests", "examples", "stdlib") for path in (ROOT / folder).rglob("*.kxs")
)
PIECES = (
    "\" ' ( ) [ ] { } ${ $ # ; , . = == | & -- --a --a=b -x ... ?? ? * é :: else if x=5 null \n "
    "in not 1 1s".split(" ")
)
# Lark's tokens have these by other names, and `Brackets` looks at them.
lark.Token.start = property(lambda token: token.start_pos)  # type: ignore[attr-defined]
lark.Token.end = property(lambda token: token.end_pos)  # type: ignore[attr-defined]


@cache
def engine() -> lark.Lark:
    return lark.Lark(
        resources.grammar_text(),
        parser="lalr",
        start=list(tables.STARTS),
        propagate_positions=True,
        maybe_placeholders=True,
        postlex=Brackets(),
    )


@cache
def grammar() -> lalr.Grammar:
    return lalr.Grammar(tables.load())


def shape(part: object) -> object:
    """Return a tree, a token or None of either in plain values."""
    if isinstance(part, lalr.Tree):
        return part.rule, part.start, part.end, [shape(child) for child in part.children]
    if isinstance(part, lark.Tree):
        start, end = (getattr(part.meta, name, None) for name in ("start_pos", "end_pos"))
        return str(part.data), start, end, [shape(child) for child in part.children]
    if isinstance(part, lalr.Token | lark.Token):
        return part.type, str(part), part.start, part.end
    return part


def by_lark(text: str, start: str) -> object:
    try:
        return shape(engine().parse(text, start=start))
    except Refused as error:
        return error.message, error.token.start
    except (UnexpectedToken, UnexpectedCharacters) as error:
        halted = error.interactive_parser.parser_state.value_stack
        values = [shape(value) for value in halted]
        if isinstance(error, UnexpectedCharacters):
            return error.pos_in_stream, None, error.allowed, values
        token = error.token
        place = len(text) if token.type == "$END" else token.start_pos
        return place, token.type, error.accepts or error.expected, values


def by_kxsh(text: str, start: str) -> object:
    try:
        return shape(lalr.Run(grammar(), text, start, Brackets()).tree())
    except Refused as error:
        return error.message, error.token.start
    except lalr.Stopped as error:
        kind = None if error.token is None else error.token.type
        values = [shape(value) for value in error.values]
        return error.place, kind, error.expected, values


def changed(text: str, chance: random.Random) -> str:
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(text) + 1)
        piece = chance.choice(PIECES)
        text = text[:place] + piece + text[place + chance.randint(0, 9) :]
    return text


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_it_does_as_lark_does(path: Path) -> None:
    text = path.read_text(encoding="utf-8", errors="replace") + "\n"
    chance = random.Random(path.name)
    for tried in (text, *(changed(text, chance) for _ in range(4))):
        for start in ("start", "repl"):
            assert by_kxsh(tried, start) == by_lark(tried, start)


@pytest.mark.parametrize(
    "text", ["1 + 2", "$a[0].b", "(f x)", "[k: 1]", "1 +", "(", "", "a b", "\0"]
)
def test_expressions_alone(text: str) -> None:
    assert by_kxsh(text, "inner") == by_lark(text, "inner")


def test_terminals_are_tried_where_they_can_begin() -> None:
    found = tables.load().begins
    assert found["BLANK"] == "\t "
    assert found["STRING"] == "\"'"
    assert found["_NL"] == "\t\n #;"
    assert set(found["WORD"]) >= set("a/.=,-*?%@~^\\!:$\"'")
    assert not set(found["WORD"]) & set(" \t\n#;&|<>`")
    for kind, pattern in tables.load().patterns.items():
        for sign in map(chr, range(128)):
            for rest in ("", "a", "1", "s", " ", "\n", "-", '"', "{a}", "=a", "\nelse"):
                assert not re.match(pattern, sign + rest) or sign in found[kind]
