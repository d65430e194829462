"""How findings are shown: 80 columns, marks under the right columns, all places."""

from __future__ import annotations

import json

import pytest

from kxsh.diagnostics import Diagnostic, render
from kxsh.errors import Edit, Fix, Related
from kxsh.source import Source, Span
from kxsh.text import cells, wrap

TEXT = """\
kxs 1
if exists $m/vmlinuz {
  load $m/vmlinuz
}
exec
"""
SOURCE = Source("boot.kxs", TEXT)


def place(text: str, source: Source = SOURCE) -> Span:
    start = source.text.index(text)
    return Span(source, start, start + len(text))


EXEC = Diagnostic(
    "KX301",
    "error",
    "`exec` without a loaded kernel on one path",
    place("exec"),
    "nothing is loaded when `exists $m/vmlinuz` is false",
    'else { recovery "no kernel" }',
    related=(Related(place("load"), "loaded here, only if line 2 holds"),),
)


def test_both_places_are_shown_in_the_order_of_the_text() -> None:
    assert render(EXEC, more=True) == (
        "error[KX301]: `exec` without a loaded kernel on one path\n"
        " --> boot.kxs:5:1\n"
        "3 |   load $m/vmlinuz\n"
        "  |   ---- loaded here, only if line 2 holds\n"
        "5 | exec\n"
        "  | ^^^^ nothing is loaded when `exists $m/vmlinuz` is false\n"
        'help: else { recovery "no kernel" }                   more: kxsh --explain KX301\n'
    )


def test_two_places_on_one_line_and_one_in_another_file() -> None:
    other = Source("disks.kxs", "kxs 1\nfn f() { }\n")
    found = Diagnostic(
        "KX103", "warning", "m", place("$m/vmlinuz {"), "this",
        related=(Related(place("if"), "under this"), Related(place("fn f", other), "made here")),
    )  # fmt: skip
    assert render(found) == (
        "warning[KX103]: m\n"
        " --> boot.kxs:2:11\n"
        "2 | if exists $m/vmlinuz {\n"
        "  |           ^^^^^^^^^^^^ this\n"
        "  | -- under this\n"
        " --> disks.kxs:2:1\n"
        "2 | fn f() { }\n"
        "  | ---- made here\n"
    )


@pytest.mark.parametrize(
    ("line", "word", "column"),
    [
        ("say \u65e5\u672c\u8a9e x=1", "x=1", 11),  # two columns each
        ("say e\u0301e\u0301 x=1", "x=1", 7),  # accents that take none
        ("say \x1b[31m x=1", "x=1", 13),  # shown as \x1b
        ("\tsay x=1", "x=1", 5),
        ("say \u202e x=1", "x=1", 11),  # shown as \u202e
    ],
)
def test_the_caret_stands_under_what_a_terminal_shows(line: str, word: str, column: int) -> None:
    source = Source("t.kxs", line)
    shown, carets = render(Diagnostic("KX001", "error", "m", place(word, source))).splitlines()[2:]
    assert cells(shown[: shown.index(word)]) == carets.index("^") == column + 4
    assert carets.endswith(" " + "^" * len(word))


@pytest.mark.parametrize("at", [0, 1, 50, 77, 500, 99_990])
def test_everything_fits_80_columns(at: int) -> None:
    source = Source("t.kxs", "w" * at + "HERE" + "\u65e5 " * 100_000)
    span = Span(source, at, at + 4)
    far = Related(Span(source, at + 300, at + 900), "words " * 40)
    found = Diagnostic(
        "KX001", "error", "long " * 40, span, "label " * 40, "help " * 40, related=(far,)
    )
    lines = render(found, wrapped=True, more=True).splitlines()
    assert max(cells(line) for line in lines) <= 80
    assert "HERE" in "".join(lines)


def test_wrap() -> None:
    assert wrap("one two three", 7) == ["one two", "three"]
    assert wrap("one two three", 8, "  ") == ["one two", "  three"]
    assert wrap("muchtoolong a", 4) == ["muchtoolong", "a"]
    assert wrap("", 4) == []


def test_json_has_all_places_and_the_fix() -> None:
    fix = Fix("put `boot` there", (Edit(place("exec"), "boot $m"),), safe=False)
    found = Diagnostic("KX301", "error", "m", place("exec"), "l", "h", EXEC.related, fix)
    where = {"file": "boot.kxs", "line": 5, "column": 1, "end_line": 5, "end_column": 5}
    assert json.loads(json.dumps(found.as_json())) == {
        **where,
        "code": "KX301",
        "severity": "error",
        "message": "m",
        "help": "h",
        "label": "l",
        "related": [
            {
                "file": "boot.kxs",
                "line": 3,
                "column": 3,
                "end_line": 3,
                "end_column": 7,
                "label": "loaded here, only if line 2 holds",
            }
        ],
        "fix": {
            "title": "put `boot` there",
            "safe": False,
            "edits": [{**where, "text": "boot $m"}],
        },
    }


def test_places_of_a_long_text_are_found_quickly() -> None:
    source = Source("t.kxs", "x\n" * 500_000)
    places = [str(Span(source, start, start)) for start in range(0, 1_000_000, 100)]
    assert places[7] == "t.kxs:351:1"
