"""`# kxs: allow CODE reason`: what it silences, and what is wrong about such comments."""

from __future__ import annotations

import time

import pytest

from kxsh.checker import check_source
from kxsh.checker.fixes import apply_fixes
from kxsh.source import Source

END = "exec else { recovery x }\n"


def told(text: str) -> list[tuple[str, int]]:
    """Return the code and line of each finding but KX3xx."""
    found = check_source(Source("t.kxs", "kxs 1\n" + text))
    return [
        (item.code, item.span.line - 1)
        for item in found
        if item.span and not item.code.startswith("KX3")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "let a = 1 # kxs: allow KX102 for later\n",
        "let a = 1   # KXS: Allow KX102 for later\n",
        "let a = 1   ## kxs:allow KX102 for later\n",
        "# kxs: allow KX102 for later\nlet a = 1\n",
        "# kxs: allow KX102 for later\n# another comment\nlet a = 1\n",
        "if true {\n  # kxs: allow KX102 for later\n  let a = 1\n}\n",
        "let a = 1; let b = 2 # kxs: allow KX102 both\n",
        "let a = $no # kxs: allow KX102,KX101 made by nobody\n",
        "let a = $no # kxs: allow kx102 , kx101 made by nobody\n",
        "let a = 'it # is' # kxs: allow KX102 for later\n",
        'let a = "\\" # " # kxs: allow KX102 for later\n',
    ],
)
def test_what_is_allowed_is_not_told(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("let a = 1 # kxs: allow KX102\n", [("KX901", 1)]),
        ("let a = 1 # kxs: allow\n", [("KX102", 1), ("KX901", 1)]),
        ("# kxs: allow KX102,KX101\nlet a = $b\n", [("KX901", 1)]),
        # another code, another line
        ("let a = 1 # kxs: allow KX101 why\n", [("KX102", 1), ("KX902", 1)]),
        ("# kxs: allow KX102 why\n\nlet a = 1\n", [("KX902", 1), ("KX102", 3)]),
        ("let a = 1\n# kxs: allow KX102 why\n", [("KX102", 1), ("KX902", 2)]),
        ("say a # kxs: allow KX102,KX101 why\n", [("KX902", 1), ("KX902", 1)]),
        ("say a # kxs: allow KX998 why\n", [("KX902", 1)]),
        # what can never be allowed: such a script does not run
        ("echo a # kxs: allow KX010 why\n", [("KX010", 1), ("KX902", 1)]),
        ("say ) # kxs: allow KX000 why\n", [("KX000", 1), ("KX902", 1)]),
        # meant to allow something, and does not
        ("let a = 1 # kxs: alow KX102 why\n", [("KX102", 1), ("KX901", 1)]),
        ("let a = 1 # kxs: ignore KX102 why\n", [("KX102", 1), ("KX901", 1)]),
        ("say a # kxs: also a note\n", []),
        # near misses: no comments, or no such comments
        ('say "# kxs: allow KX102"\n', []),
        ("say 'a' a#kxs: allow KX102\n", []),
        ("# kxs allow KX102\n# allow KX102\n", []),
        # with a fault elsewhere what is allowed may not have been looked for
        ("say a # kxs: allow KX303 why\nsay )\n", [("KX000", 2)]),
        # what needs facts is not looked for without
        ("say a # kxs: allow KX507 why\n", []),
    ],
)
def test_what_is_wrong_with_a_comment(text: str, expected: list[tuple[str, int]]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("say a # kxs: allow KX102 why\n", "say a\n"),
        ("say a\n  # kxs: allow KX102 why\nsay b\n", "say a\nsay b\n"),
        ("# kxs: allow KX9999 foo\nsay a\n", "say a\n"),
        ("let a = 1 # kxs: allow KX101,KX102,KX103 why\n", "let a = 1 # kxs: allow KX102 why\n"),
    ],
)
def test_a_comment_that_does_nothing_is_removed(text: str, fixed: str) -> None:
    made = apply_fixes(Source("t.kxs", "kxs 1\n" + text), check_source)
    assert made.source.text == "kxs 1\n" + fixed


def test_a_comment_in_an_import_counts_there() -> None:
    library = "kxs 1\nlet a = $no # kxs: allow KX101 why\nfn f() { say $a }\n"
    found = check_source(
        Source("t.kxs", 'kxs 1\nimport "x.kxs"\nx.f\n'), find_import=lambda _: Source("x", library)
    )
    assert [item.code for item in found if not item.code.startswith("KX3")] == []


def test_many_comments_are_looked_through_once() -> None:
    text = "# kxs: allow KX601 x\n" * 49_000
    begun = time.process_time()
    assert len(told(text)) == 500
    assert time.process_time() - begun < 4
