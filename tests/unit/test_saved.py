"""A saved tree is the tree, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kxsh.source import Source
from kxsh.syntax.parser import parse_script
from kxsh.syntax.saved import dump_tree, load_tree

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = sorted(
    [
        *ROOT.glob("examples/*.kxs"),
        *ROOT.glob("stdlib/*.kxs"),
        *ROOT.glob("tests/syntax/valid/*.kxs"),
    ]
)
ODD = r"""
let a = "x\\n y \n \\ $b ${c}" ; let d = [10s, 500ms, 64MiB, 7, true, false, null, -3]
set d[0] = 'back\slash'
match $a { "q\\" | 3 { say "w\n" } else { } }
"""


def source(path: Path) -> Source:
    return Source(path.name, path.read_text().replace("\r\n", "\n").removeprefix("\ufeff"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_the_tree_comes_back(path: Path) -> None:
    text = source(path)
    tree = parse_script(text)
    loaded = load_tree(text, dump_tree(tree))
    assert loaded == tree
    assert loaded is not None and [node.span for node in loaded.statements] == [
        node.span for node in tree.statements
    ]


def test_odd_texts_and_numbers_come_back() -> None:
    text = Source("odd", ODD)
    tree = parse_script(text)
    assert load_tree(text, dump_tree(tree)) == tree


def test_an_edited_script_has_no_saved_tree() -> None:
    saved = dump_tree(parse_script(Source("a", "say a\n")))
    assert load_tree(Source("a", "say b\n"), saved) is None


@given(st.data())
def test_damage_is_none_or_a_script(data: st.DataObject) -> None:
    text = Source("odd", ODD)
    saved = bytearray(dump_tree(parse_script(text)))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(saved) - 1))
        saved[place] = data.draw(st.integers(0, 255))
    load_tree(text, bytes(saved[: data.draw(st.integers(0, len(saved)))]))


def test_hostile_depth_and_counts_are_refused() -> None:
    text = Source("a", "say a\n")
    head = dump_tree(parse_script(text)).split(b"\n")[:2]
    for body in (b"t 1\n" * 100_000, b"t 99999999999\nn -\n", b"( Script 0 5\n" * 50_000):
        assert load_tree(text, b"\n".join([*head, body])) is None
