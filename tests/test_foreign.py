"""Habits of other languages: each is told the kxs way, at the right token.

tests/syntax/foreign/*.txt hold the snippets. `== name` begins one; `?` says the code, the
token that is marked and words of the message or the help; lines with `>` are the snippet;
lines with `=` are what `--fix --unsafe` makes of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kxsh.checker import check_source
from kxsh.checker.fixes import apply_fixes
from kxsh.diagnostics import Diagnostic
from kxsh.interpreter.imports import importer
from kxsh.source import Source
from kxsh.syntax.parser import parse_script

FOLDER = Path(__file__).parent / "syntax" / "foreign"


@dataclass
class Snippet:
    name: str
    code: str = ""
    token: str = ""
    way: str = ""
    text: list[str] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)


def snippets() -> Iterator[Snippet]:
    for path in sorted(FOLDER.glob("*.txt")):
        current = None
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("== "):
                if current:
                    yield current
                current = Snippet(f"{path.stem}: {line[3:]}")
            elif current and line[:2] == "? ":
                current.code, _, rest = line[2:].partition(' "')
                current.token, _, current.way = rest.partition('" ')
            elif current and line[:1] == ">":
                current.text.append(line[2:])
            elif current and line[:1] == "=":
                current.fixed.append(line[2:])
        if current:
            yield current


SNIPPETS = list(snippets())
FIXED = [snippet for snippet in SNIPPETS if snippet.fixed]


def check(text: Source) -> list[Diagnostic]:
    return check_source(text, find_import=importer(None, "/"))


def source(lines: list[str]) -> Source:
    return Source("t.kxs", "\n".join(lines) + "\n")


@pytest.mark.parametrize("snippet", SNIPPETS, ids=lambda snippet: snippet.name)
def test_the_kxs_way_is_told_at_the_token(snippet: Snippet) -> None:
    found = [item for item in check(source(snippet.text)) if item.severity == "error"]
    told = [(item.code, item.span.text if item.span else "") for item in found]
    assert (snippet.code, snippet.token) in told
    first = found[told.index((snippet.code, snippet.token))]
    assert snippet.way in f"{first.message}\n{first.help}"
    # Nothing is told by its bare place in the grammar.
    assert [item.message for item in found if "cannot stand here" in item.message] == []


@pytest.mark.parametrize("snippet", FIXED, ids=lambda snippet: snippet.name)
def test_the_fix_is_kxs(snippet: Snippet) -> None:
    done = apply_fixes(source(snippet.text), check, unsafe=True)
    lines = [line for line in done.source.text.splitlines() if line != "kxs 1"]
    assert lines == snippet.fixed
    parse_script(done.source)
    again = apply_fixes(done.source, check, unsafe=True)
    assert again.source.text == done.source.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("set -e\nreboot\n", "kxs 1\nset -e\nreboot\n"),
        ("#!/usr/bin/kxsh\nreboot\n", "#!/usr/bin/kxsh\nkxs 1\nreboot\n"),
        ("#!/usr/bin/kxsh\nset -e\nreboot\n", "#!/usr/bin/kxsh\nkxs 1\nset -e\nreboot\n"),
        ("#!/usr/bin/kxsh", "#!/usr/bin/kxsh\nkxs 1\n"),
        ("# mine\nreboot\n", "kxs 1\n# mine\nreboot\n"),
    ],
)
def test_the_edition_goes_to_the_first_line(text: str, expected: str) -> None:
    assert apply_fixes(Source("t.kxs", text), check).source.text == expected


def test_there_are_enough() -> None:
    assert len(SNIPPETS) >= 60
    assert len({snippet.name for snippet in SNIPPETS}) == len(SNIPPETS)
    assert all(snippet.code and snippet.token and snippet.way for snippet in SNIPPETS)
