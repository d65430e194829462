"""Places in a document, as an editor counts them and as kxsh does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types

from kxsh.lsp.document import Document

TEXTS = st.lists(
    st.sampled_from("a b \xe9 \U0001f600 \n \r\n \r \u2028 \x0b \x85".split(" ")), max_size=30
).map("".join)


def document(text: str, unit: str = "utf-16") -> Document:
    return Document("file:///a.kxs", "/a.kxs", 1, text, unit)


def lines_of(text: str) -> list[str]:
    """The lines as LSP has them, with their ends."""
    lines, line = [], ""
    for place, character in enumerate(text):
        line += character
        if character == "\n" or (character == "\r" and text[place + 1 : place + 2] != "\n"):
            lines.append(line)
            line = ""
    return [*lines, line]


def position_of(text: str, offset: int) -> types.Position:
    """The slow and sure way."""
    before = lines_of(text[:offset])
    if text[offset - 1 : offset + 1] == "\r\n":  # between the two: the line's end
        before = lines_of(text[: offset - 1])
    return types.Position(len(before) - 1, len(before[-1].encode("utf-16-le")) // 2)


@pytest.mark.parametrize(
    ("unit", "width"), [("utf-16", 2), ("utf-8", 4), ("utf-32", 1)], ids=["16", "8", "32"]
)
def test_a_column_is_counted_in_the_units_agreed_on(unit: str, width: int) -> None:
    one = document('say "\U0001f600" $x\n', unit)
    assert one.position(6) == types.Position(0, 5 + width)
    assert one.offset(types.Position(0, 5 + width)) == 6


def test_windows_line_ends_count_as_one_character() -> None:
    one = document("a\r\nbc\r\nd")
    assert one.source.text == "a\nbc\nd"
    assert [one.position(place) for place in range(7)] == [
        types.Position(*place) for place in [(0, 0), (0, 1), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1)]
    ]
    for place in range(7):
        assert one.offset(one.position(place)) == place


def test_other_separators_end_no_line() -> None:
    one = document("# a\u2028b\x0b\x85c\nd")
    assert one.position(9) == types.Position(1, 0)


def test_positions_beyond_the_end() -> None:
    one = document("ab\ncd")
    assert one.offset(types.Position(0, 99)) == 2
    assert one.offset(types.Position(9, 0)) == 5


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXTS)
def test_every_place_and_back(text: str) -> None:
    one = document(text)
    for offset in range(len(text) + 1):
        if text[offset - 1 : offset + 1] == "\r\n":
            continue
        plain = len(text[:offset].replace("\r\n", "\n"))
        assert one.position(plain) == position_of(text, offset)
        assert one.offset(position_of(text, offset)) == plain


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXTS, st.data())
def test_changes_of_parts(text: str, data: st.DataObject) -> None:
    one = document(text)
    for version in range(2, data.draw(st.integers(2, 5))):
        ends = [p for p in range(len(text) + 1) if text[p - 1 : p + 1] != "\r\n"]
        start = data.draw(st.sampled_from(ends))
        end = data.draw(st.sampled_from([place for place in ends if place >= start]))
        new = data.draw(TEXTS)
        place = types.Range(position_of(text, start), position_of(text, end))
        one.change([types.TextDocumentContentChangePartial(place, new)], version)
        text = text[:start] + new + text[end:]
        assert (one.text, one.version) == (text, version)
