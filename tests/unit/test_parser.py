"""The grammar and its saved tables; errors with their places; limits."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import lark
import pytest

from kxsh import resources
from kxsh.errors import ParseError
from kxsh.source import Source
from kxsh.syntax import ast, grammar, parser, tables
from kxsh.syntax.brackets import Brackets
from kxsh.syntax.lalr import Grammar
from kxsh.syntax.parser import parse_line, parse_script

ROOT = Path(__file__).resolve().parent.parent
VALID = sorted((ROOT / "syntax" / "valid").glob("*.kxs"))
INVALID = sorted((ROOT / "syntax" / "invalid").glob("*.kxs"))


def script(text: str) -> ast.Script:
    return parse_script(Source("t.kxs", text))


def failure(text: str, *, prompt: bool = False) -> ParseError:
    with pytest.raises(ParseError) as raised:
        (parse_line if prompt else parse_script)(Source("t.kxs", text))
    return raised.value


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place for saved tables, and a parser that was not loaded yet."""
    path = tmp_path / "kxsh.tables"
    monkeypatch.setattr(resources, "tables_path", lambda: str(path))
    monkeypatch.setattr(parser, "_grammar", None)
    return path


def save(path: Path) -> None:
    tables.save(str(path), grammar.make_tables())


def test_the_grammar_is_lalr_without_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    """Lark settles shift/reduce conflicts silently, and says so only at debug level."""
    lark.logger.addHandler(caplog.handler)
    level = lark.logger.level
    lark.logger.setLevel(logging.DEBUG)
    try:
        lark.Lark(
            resources.grammar_text(),
            parser="lalr",
            start=list(tables.STARTS),
            debug=True,
            postlex=Brackets(),
            maybe_placeholders=True,
        )
    finally:
        lark.logger.setLevel(level)
        lark.logger.removeHandler(caplog.handler)
    assert [record.message for record in caplog.records if "onflict" in record.message] == []


def test_the_conflict_test_sees_a_conflict(caplog: pytest.LogCaptureFixture) -> None:
    lark.logger.addHandler(caplog.handler)
    level = lark.logger.level
    lark.logger.setLevel(logging.DEBUG)
    try:
        lark.Lark('start: a\na: "if" a ["else" a] | "x"', parser="lalr", debug=True)
    finally:
        lark.logger.setLevel(level)
        lark.logger.removeHandler(caplog.handler)
    assert any("onflict" in record.message for record in caplog.records)


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_valid_scripts_parse(path: Path) -> None:
    assert script(path.read_text(encoding="utf-8")).statements


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_invalid_scripts_fail_where_they_say(path: Path) -> None:
    """The first line says what is found where: `# KX009 3:9`."""
    text = path.read_text(encoding="utf-8")
    code, _, place = text.splitlines()[0].removeprefix("# ").partition(" ")
    error = failure(text)
    assert error.span is not None
    assert (error.code, f"{error.span.line}:{error.span.column}") == (code, place)


def test_there_are_valid_and_invalid_scripts() -> None:
    assert len(VALID) > 3
    assert len(INVALID) > 20


def test_saved_tables_parse_like_those_that_were_made(saved: Path) -> None:
    made = grammar.make_tables()
    tables.save(str(saved), made)
    loaded = tables.load_saved()
    assert loaded is not None
    for name in tables.Tables.__slots__:
        assert getattr(loaded, name) == getattr(made, name)
    parser._grammar = Grammar(loaded)
    for path in VALID:
        assert script(path.read_text(encoding="utf-8")).statements


@pytest.mark.parametrize("keep", [0, 10, 30, 60, 1000, 20000])
def test_damaged_tables_are_ignored(saved: Path, keep: int) -> None:
    save(saved)
    data = saved.read_bytes()
    assert len(data) > 20000
    for damaged in (data[:keep], data[:keep] + b"?" + data[keep + 1 :]):
        saved.write_bytes(damaged)
        assert tables.load_saved() is None
    assert script("say hello").statements


def test_garbage_after_a_valid_stamp_is_ignored(saved: Path) -> None:
    saved.write_bytes(tables._stamp() + b"\x80\x04garbage" * 10)
    assert tables.load_saved() is None


def test_tables_of_another_grammar_are_ignored(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(saved)
    text = resources.grammar_text() + "\n// changed\n"
    monkeypatch.setattr(resources, "grammar_text", lambda: text)
    assert tables.load_saved() is None


def test_tables_of_another_form_are_ignored(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(saved)
    monkeypatch.setattr(tables, "_FORM", 0)
    assert tables.load_saved() is None


def test_a_grammar_gives_the_same_tables_in_every_process(tmp_path: Path) -> None:
    """Lark keeps its states in sets, whose order is another in each run."""
    code = (
        "import sys; from kxsh.syntax import grammar, tables;"
        "tables.save(sys.argv[1], grammar.make_tables())"
    )
    paths = [tmp_path / name for name in ("1", "2")]
    for path in paths:
        environment = {**os.environ, "PYTHONHASHSEED": path.name}
        subprocess.run([sys.executable, "-c", code, path], check=True, env=environment)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_saving_leaves_nothing_else_behind(saved: Path) -> None:
    save(saved)
    save(saved)
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


@pytest.mark.parametrize(
    "text",
    ["if true {", "if true {\n", "say (", "let x = [1,", "fn f(a", "let x =", "let x = [a: 1\n",
     "menu \"x\" {\n  entry a {\n", "for x in", "match 1 {"],
)  # fmt: skip
def test_what_could_go_on_is_incomplete(text: str) -> None:
    assert failure(text, prompt=True).incomplete


@pytest.mark.parametrize(
    "text", ["say )", "let 1 = 2", "if true }", 'say "a', "x=1", "say a | b", "let x = foo/bar"]
)
def test_what_is_wrong_is_not_incomplete(text: str) -> None:
    assert not failure(text, prompt=True).incomplete


def test_expressions_stand_alone_only_at_the_prompt() -> None:
    assert parse_line(Source("<prompt>", "1 + 2")).statements
    assert failure("1 + 2").code in ("KX000", "KX009")


@pytest.mark.parametrize(
    "text",
    [
        "say " + "(" * 200 + "1" + ")" * 200,
        "let x = " + "[" * 5000,
        "if true {" * 300 + "}" * 300,
        "let x = " + "not " * 500 + "true",
        "let x = 1" + " + 1" * 500,
        "let x = " + "-" * 500 + "1",
        "let x = $a" + ".b" * 500,
        "let x = $a" + "[0]" * 500,
        'say "' + "${a ?? " * 300 + "1" + "}" * 300 + '"',
        "if true { } " + "else if true { } " * 500,
        "fail a " + "else fail b " * 500,
    ],
)
def test_depth_is_bounded(text: str) -> None:
    """Deep or long, a script is parsed or refused in time, and never breaks the stack."""
    begin = time.perf_counter()
    try:
        script(text)
    except ParseError as error:
        assert error.span is not None
    assert time.perf_counter() - begin < 5


def test_a_huge_script_is_refused() -> None:
    assert "boot script" in failure("#" * (1024 * 1024 + 1)).message


def test_help_above_a_function() -> None:
    (node,) = script("## One.\n##  Two.\n# no\n## Three.\nfn f() { }\n").statements
    assert isinstance(node, ast.Function)
    assert node.help == "Three."


def test_spans_are_what_was_written() -> None:
    text = 'let x = mount "${esp.disk}1" --rw ?\nif $x == null { say "a $x b" }\n'
    let, branch = script(text).statements
    assert isinstance(let, ast.Let) and isinstance(branch, ast.If)
    assert let.span.text == 'let x = mount "${esp.disk}1" --rw ?'
    assert isinstance(let.value, ast.Call)
    assert [argument.span.text for argument in let.value.arguments] == ['"${esp.disk}1"', "--rw"]
    fields = [node.span.text for node in ast.walk(let) if isinstance(node, ast.Field)]
    assert fields == ["esp.disk"]
    assert branch.branches[0][0].span.text == "$x == null"


def test_nodes_are_equal_wherever_they_stand() -> None:
    assert script("say a; say b") == script("say a # one\n\n\nsay   b\n")
    assert script("say a") != script("say b")
