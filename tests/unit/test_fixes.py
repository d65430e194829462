"""Fixes: safe ones, all of them, in rounds; the result is kxs, and nothing is left to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from kxsh.checker import check_source
from kxsh.checker.fixes import apply_fixes, parses, summary
from kxsh.diagnostics import Diagnostic
from kxsh.errors import Edit, Fix
from kxsh.source import Source, Span

CHECKED = sorted((Path(__file__).parent.parent / "check").rglob("*.kxs"))


def fixed(text: str, *, unsafe: bool = False) -> str:
    return apply_fixes(Source("t.kxs", text), check_source, unsafe=unsafe).source.text


def test_unsafe_fixes_are_asked_for() -> None:
    text = "kxs 1\nx=5\nsay $x && say b\n"
    assert fixed(text) == "kxs 1\nlet x = 5\nsay $x && say b\n"
    assert fixed(text, unsafe=True) == "kxs 1\nlet x = 5\nsay $x\nsay b\n"


def test_a_fix_brings_the_next_to_light() -> None:
    text = (
        "kxs 1\nif [ -f /a ]; then\n  if [ -f /b ]; then\n    x=`read /c`\n    say $x\n  fi\nfi\n"
    )
    made = apply_fixes(Source("t.kxs", text), check_source, unsafe=True)
    assert made.source.text == (
        "kxs 1\nif exists /a {\n  if exists /b {\n    let x = (read /c)\n    say $x\n  }\n}\n"
    )
    assert summary(made, unsafe=True).startswith("4 fixed (KX001, KX003, KX004 x2), ")


@pytest.mark.parametrize("unsafe", [False, True])
@pytest.mark.parametrize("path", CHECKED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_fixing_twice_changes_nothing_more(path: Path, unsafe: bool) -> None:
    text = path.read_text(encoding="utf-8")
    once = fixed(text, unsafe=unsafe)
    assert fixed(once, unsafe=unsafe) == once
    if parses(Source("t.kxs", text)):
        assert parses(Source("t.kxs", once))


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("if $ok and exists /k {", "if $ok and (exists /k) {"),
        ("if $ok or exists LABEL=X:/k and $ok {", "if $ok or (exists LABEL=X:/k) and $ok {"),
        ("if [findfs A=1, read /a] == [] {", "if [(findfs A=1), (read /a)] == [] {"),
        ("if true and exists $m/k {", "if true and (exists $m/k) {"),
        ("if $ok and mount (findfs LABEL=A) {", ""),
        ("if $ok and exists $m/k (read /a) {", ""),
        ("if [my disk] == [] {", ""),  # a call, or a string
    ],
)
def test_a_call_in_an_expression_gets_parentheses(line: str, made: str) -> None:
    text = f"kxs 1\nlet ok = true\nlet m = mount LABEL=A\n{line}\n  say $ok $m\n}}\n"
    assert fixed(text) == text
    assert fixed(text, unsafe=True) == text.replace(line, made or line)


@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("exists /a && boot LABEL=X:/k", "if exists /a { boot LABEL=X:/k }"),
        ("exists /a || say no", "if not exists /a { say no }"),
        ("exists /a && say yes || say no", "if exists /a { say yes } else { say no }"),
        ("exists /a && exists /b && say x", "if exists /a { if exists /b { say x } }"),
        ("exists /a || exists /b && say x", ""),
        ("mount LABEL=A && exists /b || say no", ""),
        ("f && say yes", ""),  # whether it answers or fails is told by its own text only
        ("mount LABEL=A && say yes || say no", "try { mount LABEL=A; say yes } else { say no }"),
    ],
)
def test_what_answers_does_not_fail(line: str, made: str) -> None:
    text = f"kxs 1\nfn f {{ return exists /x }}\n{line}\n"
    assert fixed(text, unsafe=True) == text.replace(line, made or line)


@pytest.mark.parametrize(
    ("device", "made"),
    [("/dev/sda2", "(part ${esp.disk} 2)"), ("/dev/sdb2", ""), ("/dev/nvme1n1p2", "")],
)
def test_another_disk_is_not_the_one_that_was_booted(device: str, made: str) -> None:
    text = f"kxs 1\nlet m = mount {device}\nsay $m\n"
    assert fixed(text, unsafe=True) == text.replace(device, made or device)


def finding(source: Source, start: int, end: int, new: str, *, safe: bool = True) -> Diagnostic:
    span = Span(source, start, end)
    return Diagnostic("KX001", "error", "m", span, fix=Fix("t", (Edit(span, new),), safe))


def test_what_overlaps_waits_for_the_next_round() -> None:
    def check(source: Source) -> list[Diagnostic]:
        at = source.text.find("aab")
        if at < 0:
            return []
        return [finding(source, at, at + 2, "c"), finding(source, at + 1, at + 3, "d")]

    assert apply_fixes(Source("t", "# aab aab"), check).source.text == "# cb cb"


def test_fixes_that_undo_each_other_end() -> None:
    def check(source: Source) -> list[Diagnostic]:
        return [finding(source, 2, 3, "b" if source.text == "# a" else "a")]

    made = apply_fixes(Source("t", "# a"), check)
    assert made.source.text in ("# a", "# b")


def test_a_fix_that_breaks_the_script_is_not_taken() -> None:
    def check(source: Source) -> list[Diagnostic]:
        at = source.text.find("good")
        found = [finding(source, 4, 5, ")")]
        return [*found, finding(source, at, at + 4, "fine")] if at >= 0 else found

    assert apply_fixes(Source("t", "say a; say good"), check).source.text == "say a; say fine"


def test_an_else_below_the_edition_handles_nothing() -> None:
    text = "kxs 1\nelse { say x }\nrecovery\n"
    (found,) = check_source(Source("t.kxs", text))
    assert found.code == "KX207" and "nothing stands before" in found.message
    assert "stands after what it handles" in found.help
