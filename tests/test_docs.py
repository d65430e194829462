"""The documentation is true: its examples run, its tables are complete, its links lead somewhere.

A block marked ``kxs`` is checked and run on the standard machine, ``kxst`` is a transcript
as in tests/transcripts (of an error, the first line may stand for all), ``sh`` are
commands of this project, or of others, ``side`` two scripts side by side
(tests/test_side_by_side.py).
"""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from standard_machine import run_text
from test_transcripts import parse, run

from kxsh.checker import check_source
from kxsh.checker.codes import CODES
from kxsh.checker.codes.dropped import DROPPED, OTHERWISE
from kxsh.cli import arguments, state
from kxsh.commands import COMMANDS
from kxsh.errors import FAILURES, RecoveryRequest
from kxsh.image import cli as image_cli
from kxsh.interpreter.imports import importer
from kxsh.machine.protocol import Ended
from kxsh.options import LoaderOptions
from kxsh.source import Source
from kxsh.values import FIELDS, NAMED

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
# Its examples are those of the declarations: tests/test_examples.py runs them.
GENERATED = "builtins.md"
_HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@dataclass
class Block:
    """A fenced block: `line` is that of its first line of text."""

    page: Path
    kind: str
    line: int
    text: str


def blocks(page: Path) -> Iterator[Block]:
    kind, start, text = None, 0, []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        if kind is None and line.startswith("```"):
            kind, start, text = line[3:], number + 1, []
        elif kind is not None and line == "```":
            yield Block(page, kind, start, "\n".join(text) + "\n")
            kind = None
        else:
            text.append(line)
    assert kind is None, f"{page.name}:{start}: a block without an end"


def of_kind(kind: str) -> list[Any]:
    found = [block for page in PAGES for block in blocks(page) if block.kind == kind]
    return [
        pytest.param(block, id=f"{block.page.name}:{block.line}")
        for block in found
        if block.page.name != GENERATED
    ]


def prose(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


# -- examples


@pytest.mark.parametrize("block", of_kind("kxs"))
def test_script(block: Block) -> None:
    text = block.text if block.text.startswith("kxs ") else f"kxs 1\n{block.text}"
    found = check_source(Source("doc.kxs", text), find_import=importer(None, "/"))
    assert found == []
    with suppress(Ended, RecoveryRequest):
        run_text(text)


@pytest.mark.parametrize("block", of_kind("kxst"))
def test_transcript(block: Block) -> None:
    text = block.text if block.text.startswith("== ") else f"== example\n{block.text}"
    for section in parse(text)[1]:
        assert section.steps
        for step, output in zip(section.steps, run(section), strict=True):
            assert step.output == _as_written(output, step.output), f"after: {step.text}"


def _as_written(output: list[str], expected: list[str]) -> list[str]:
    """Cut what follows an error's first line, where the page does not show it."""
    if any(line.lstrip().startswith("-->") for line in expected):
        return output
    ends = [place for place, line in enumerate(output) if line.startswith("error[")]
    return output[: ends[0] + 1] if ends else output


def test_there_are_examples() -> None:
    for kind in ("kxs", "kxst", "sh"):
        assert len(of_kind(kind)) >= 3, kind


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_other_blocks(page: Path) -> None:
    assert {block.kind for block in blocks(page)} <= {"", "kxs", "kxst", "sh", "side"}


@pytest.mark.parametrize("block", of_kind("sh"))
def test_commands_take_their_options(block: Block) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in block.text.replace("\\\n", " ").splitlines():
        for words in _commands(line):
            name, rest = words[0].rpartition("/")[2], words[1:]
            if name == "make":
                assert {word for word in rest if "=" not in word} <= targets
            elif name == "kxsh" and state.is_call(rest):
                state.build_parser().parse_args(rest[1:])
            elif name == "kxsh":
                arguments.build_parser().parse_args(rest)
            elif name == "kximage":
                image_cli.build_parser(rest).parse_args(rest)


def _commands(line: str) -> Iterator[list[str]]:
    for part in re.split(r"&&|;(?=\s)", line):
        words = shlex.split(part, comments=True)
        if words:
            yield words


# -- completeness


def test_every_type_and_field_is_named() -> None:
    text = prose("language.md")
    for name in NAMED:
        assert f"`{name}`" in text, name
    for kind, fields in FIELDS.items():
        row = next(line for line in text.splitlines() if line.startswith(f"| {kind} | `"))
        missing = [name for name in fields if f"`{name}`" not in row]
        assert not missing, f"{kind} has {missing} too"


def test_every_failure_class_and_keyword_is_named() -> None:
    text = prose("language.md")
    for name in FAILURES:
        assert f"\n| {name} | " in text, name
    grammar = (ROOT / "grammar/kxsh.lark").read_text(encoding="utf-8")
    for keyword in set(re.findall(r'"([a-z]+)"', grammar)):
        assert re.search(rf"`[^`]*\b{keyword}\b[^`]*`", text), keyword


def test_every_loader_option_is_named() -> None:
    source = Path(LoaderOptions.__module__.replace(".", "/") + ".py")
    texts = [(ROOT / path).read_text("utf-8") for path in (source, "kxsh/image/init.sh")]
    options = set(re.findall(r'(?:"|option )(kxsh\.[a-z-]+)', "\n".join(texts)))
    assert len(options) >= 5
    missing = [name for name in options if f"`{name}" not in prose("loader.md")]
    assert not missing


# -- the generated page


def generator(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / f"scripts/{name}_page.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["builtins", "checks", "messages"])
def test_generated_pages_are_up_to_date(name: str) -> None:
    assert prose(f"{name}.md") == generator(name).page(), "run `make docs`"


def test_builtins_page_is_complete() -> None:
    text = prose(GENERATED)
    for command in COMMANDS.values():
        assert command.signature.usage() in text
        part = text.partition(f"\n### {command.name}\n")[2].partition("\n### ")[0]
        assert command.help in part
        for parameter in command.signature.parameters:
            assert f"| `--{parameter.name}` |" in part or f"| `{parameter.name.upper()}` |" in part
        for name in command.raises:
            assert re.search(rf"Can fail with [^.]*\b{name}\b", part)
        for example in command.examples:
            assert example in part
    for name in FAILURES:
        assert f"\n| {name} | " in text


def test_checks_page_is_complete() -> None:
    text = prose("checks.md")
    for code in CODES.values():
        assert f"\n| [{code.code}](#{code.code.lower()}) | {code.severity} | " in text
        part = text.partition(f"\n### {code.code}\n")[2].partition("\n### ")[0]
        assert code.text in part and code.bad in part and code.good in part


def test_every_code_is_listed() -> None:
    raised: set[str] = set()
    for path in (ROOT / "kxsh").rglob("*.py"):
        raised |= set(re.findall(r'"(KX\d{3})"', path.read_text(encoding="utf-8")))
    # The base class's own, which nothing raises.
    listed = prose(GENERATED) + prose("checks.md")
    missing = {
        code for code in raised if f"\n| {code} | " not in listed and f"\n| [{code}](" not in listed
    } - {"KX900"}
    assert missing == {dropped.code for dropped in DROPPED}
    assert all(item.reason in prose("checks.md") for item in (*DROPPED, *OTHERWISE))


# -- links


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    for target in _LINK.findall(_without_blocks(page)):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), target
        assert not anchor or anchor in _anchors(path), target


def _without_blocks(page: Path) -> str:
    return re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def _anchors(page: Path) -> set[str]:
    """Return the names that GitHub gives a page's headings."""
    kept = (re.sub(r"[^\w\- ]", "", title.lower()) for title in _HEADING.findall(page.read_text()))
    return {title.strip().replace(" ", "-") for title in kept}


def test_a_wrong_page_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# A\n```kxst\n> say 1\n2\n```\n```kxs\nsay $nothing\n```\n[x](#b)\n")
    shown, script = blocks(page)
    with pytest.raises(AssertionError):
        test_transcript(shown)
    with pytest.raises(AssertionError):
        test_script(script)
    with pytest.raises(AssertionError):
        test_links(page)
