"""What is shown of untrusted text."""

from __future__ import annotations

from kxsh.text import cells, display

ACUTE = "\u0301"


def test_a_heap_of_marks_on_one_letter_is_shown_as_escapes() -> None:
    shown = display("e" + 200 * ACUTE + "x")
    assert shown.startswith("e" + 4 * ACUTE + "\\u0301")
    assert shown.count(ACUTE) == 4
    assert len(shown) <= 400
    assert cells(shown) == len(shown) - 4


def test_letters_with_marks_pass() -> None:
    for text in ("Vie\u0302\u0323t e\u0301t\u00e9", "\u0e17\u0e35\u0e48"):
        assert display(text) == text
