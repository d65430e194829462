"""Texts with faults: each is found once, at its place, and the rest is read."""

from __future__ import annotations

import time

import pytest

from kxsh.checker import check_source
from kxsh.errors import Edit
from kxsh.source import Source, Span
from kxsh.syntax import ast
from kxsh.syntax.patches import Patched
from kxsh.syntax.salvage import FAULT_LIMIT, read


def faults(text: str) -> list[tuple[str, str]]:
    """Return the code and the place of each fault."""
    found = read(Source("t.kxs", text)).faults
    return [(item.code, str(item.span).removeprefix("t.kxs:")) for item in found]


def found(text: str) -> list[tuple[str, str]]:
    items = check_source(Source("t.kxs", "kxs 1\n" + text))
    return [(item.code, item.span.text if item.span else "") for item in items]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("if true {\n  say a\n", "1:9"),
        ("if true {\n  say a\n  if true {\n    say b\n}\n", "3:11"),
        ("if true {\n  say a\nfor x in [1] {\n  say b\n}\n", "1:9"),
        ("fn f() {\n  say a\n}\nfn g() {\n", "4:8"),
        ("menu m {\n  entry a { say a }\n  entry b {\n  entry c { say c }\n}\nsay d\n", "3:11"),
        ("let x = [\n  1,\n  2\nsay $x\n", "1:9"),
        ("say (findfs LABEL=X\nload /a\n", "1:5"),
        ("say (", "1:5"),
        ("if true {\n  let x = [1,\n}\n", "2:11"),
    ],
)  # fmt: skip
def test_what_is_never_closed_is_told_at_its_opening(text: str, place: str) -> None:
    assert faults(text) == [("KX000", place)]


def test_a_missing_comma_is_not_an_unclosed_list() -> None:
    assert faults('let x = [\n  "a"\n  "b"\n]\nsay $x\n') == [("KX000", "3:3")]


def test_statements_around_a_fault_are_read() -> None:
    reading = read(Source("t.kxs", "say a\nlet x = = 1\nif true {\n  say )\n  say b\n}\nsay c\n"))
    names = [node.name for node in ast.walk(reading.script) if isinstance(node, ast.Call)]
    words = [node.value for node in ast.walk(reading.script) if isinstance(node, ast.Literal)]
    assert names == ["say", "say", "say"]
    assert [word for word in words if isinstance(word, str)] == ["a", "b", "c"]
    assert "x" in reading.unread


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        # a name that may have been made in what could not be read
        ("let x = = 1\nsay $x\n", ["KX000"]),
        ("fn f(a b) { }\nf 1\n", ["KX000"]),
        ("for x in = { say $x }\n", ["KX000"]),
        ('import "x" as = y\ny.go\n', ["KX000"]),
        # a name that is used there only
        ("let x = 1\nsay $x = )\n", ["KX000"]),
        # what a condition or an order would tell
        ("if exists /x ) { load /x }\nexec\n", ["KX000"]),
        ("kxs 2 )\n", ["KX000"]),
        # and what stands by itself is told
        ("let x = = 1\nsay $y\n", ["KX000", "KX101"]),
        ("let x = = 1\nlet z = 1\n", ["KX000", "KX102"]),
        ("say )\nsleep 5\n", ["KX000", "KX204"]),
    ],
)
def test_no_consequences(text: str, codes: list[str]) -> None:
    told = [code for code, _ in found(text)]
    assert [code for code in told if code != "KX303"] == codes


def test_places_are_those_of_the_text() -> None:
    text = "x=5; y=6; say $nowhere\nlet a = foo; say $neither\n"
    places = [place for code, place in found(text) if code == "KX101"]
    assert places == ["$nowhere", "$neither"]


def test_faults_are_bounded_in_number() -> None:
    assert len(faults("say )\n" * 5000)) == FAULT_LIMIT


@pytest.mark.parametrize(
    "text",
    [
        "}\n" * 300, "{\n" * 300, "(\n" * 300, ")\n" * 300, "if true {\n" * 48 + "say )\n" * 48,
        "match 1 {\n" + "foo { }\n" * 48 + "}", "else\n" * 300, "else { }\n" * 300,
        'say "\n' * 300, "x=5 " * 300, "a &&" * 300, "if [ -f x ]; then\n" * 100, "`" * 300,
        "\\\n" * 300, "let = = {" * 100, "} else {\n" * 100, "[\n" * 90 + "]\n" * 10, "#{\n{#}\n",
    ],
    ids=lambda text: repr(text[:12]),
)  # fmt: skip
def test_it_ends(text: str) -> None:
    begin = time.monotonic()
    seen = faults(text)
    assert len(seen) == len(set(seen)) <= FAULT_LIMIT
    assert time.monotonic() - begin < 20


def test_patches_translate_places() -> None:
    original = Source("t.kxs", "0123456789")
    patched = Patched(original)

    def edit(start: int, end: int, text: str) -> None:
        patched.apply([Edit(Span(patched.source, start, end), text)])

    def back(start: int, end: int) -> str:
        return patched.span(Span(patched.source, start, end)).text

    edit(2, 4, "abc")
    assert patched.source.text == "01abc456789"
    assert (back(0, 2), back(2, 5), back(3, 4), back(5, 7)) == ("01", "23", "23", "45")
    edit(8, 9, "")
    assert patched.source.text == "01abc45689"
    assert (back(7, 10), back(8, 10)) == ("6789", "89")
    edit(4, 6, "X")
    assert patched.source.text == "01abX5689"
    assert (back(2, 5), back(5, 6), back(0, 9)) == ("234", "5", "0123456789")
    assert patched.invented(Span(patched.source, 3, 4))
    assert not patched.invented(Span(patched.source, 5, 6))


@pytest.mark.parametrize("fault", ["say )", "let x = $$", ":label", "'open", "say (", "}", "$1"])
@pytest.mark.parametrize(
    "before", ["", "\n\n", "# comment\n", "say a\n", "\nsay a; say a\n", "say a;"]
)
def test_what_stands_before_a_fault_is_kept(before: str, fault: str) -> None:
    reading = read(Source("t.kxs", f"{before}{fault}\nsay b\n"))
    calls = [node for node in reading.statements if isinstance(node, ast.CallStatement)]
    words = [call.call.arguments[0].span.text for call in calls if call.call.arguments]
    assert words == ["a"] * before.count("say") + ["b"]
    assert len(reading.faults) == 1
