"""Whatever is formatted means the same, keeps every comment, and is then left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_docs import of_kind
from test_fuzz import PIECES, PROGRAMS, SAMPLES

from kxsh.checker import check_source
from kxsh.commands import COMMANDS
from kxsh.errors import ParseError
from kxsh.source import Source
from kxsh.syntax.format import format_source
from kxsh.syntax.parser import parse_script
from scripts import scripts

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path
    for folder in ("examples", "stdlib", "tests/check", "tests/syntax/valid", "docs")
    for path in (ROOT / folder).rglob("*.kxs")
)
QUIET = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    derandomize=True,
)
# All that the formatter may add and take away.
_LAYOUT = str.maketrans("", "", " \t\n;\\")


def examine(text: str) -> str:
    source = Source("a.kxs", text)
    meant = parse_script(source)
    formatted = format_source(source)
    again = Source("a.kxs", formatted)
    assert parse_script(again) == meant
    assert formatted.translate(_LAYOUT) == text.translate(_LAYOUT), "a token or comment changed"
    assert format_source(again) == formatted, "formatting twice"
    lines = formatted.split("\n")
    assert not formatted or (lines[-1] == "" and lines[-2] != ""), "one line end at the end"
    assert lines[0] or not formatted
    assert all(line == line.rstrip() and "\t" not in _indent(line) for line in lines)
    assert "\n\n\n" not in formatted
    return formatted


def codes(text: str) -> list[str]:
    """The codes of what the checker finds; comments that allow something count."""
    return sorted(item.code for item in check_source(Source("a.kxs", text)))


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if _parses(text) or "tests/check" not in str(path):
        assert codes(examine(text)) == codes(text)


@pytest.mark.parametrize("block", of_kind("kxs"))
def test_pages(block: object) -> None:
    examine(block.text)  # type: ignore[attr-defined]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
def test_examples_of_commands(command: object) -> None:
    for text in command.examples:  # type: ignore[attr-defined]
        examine(text)


@pytest.mark.slow
def test_random_scripts() -> None:
    counts = {True: 0, False: 0}

    @QUIET
    @given(scripts())
    def run(text: str) -> None:
        counts[_parses(text)] += 1
        if _parses(text):
            examine(text)

    run()
    assert counts[True] > 5 * counts[False], "the author writes too few scripts that are kxs"


@pytest.mark.slow
@settings(QUIET, max_examples=100)
@given(PROGRAMS)
def test_random_programs(text: str) -> None:
    examine(text)


@pytest.mark.slow
@settings(QUIET, max_examples=300)
@given(st.data())
def test_mutated_samples(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(SAMPLES))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 6)))
        text = (
            text[:start]
            + data.draw(st.one_of(PIECES, st.text(" \n#;{}[]()", max_size=3)))
            + (text[end:])
        )
    if _parses(text):
        examine(text)


def _parses(text: str) -> bool:
    try:
        parse_script(Source("a.kxs", text))
    except ParseError:
        return False
    return True
