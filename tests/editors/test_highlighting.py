"""TextMate, Vim and Pygments colour every piece of every script as the parser reads it."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from babi.highlight import Grammars, highlight_line
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from truth import Piece, pieces

from kxsh import resources
from kxsh.source import Source
from kxsh.syntax.format import format_source

ROOT = Path(__file__).resolve().parents[2]
EDITORS = ROOT / "docs" / "editors"
SCRIPTS = sorted(
    path
    for folder in ("examples", "stdlib", "tests/syntax/valid")
    for path in (ROOT / folder).glob("*.kxs")
)
Kinds = Callable[[str], list[str]]  # a script -> the kind of each character

# A scope, group or token type by its longest known beginning -> the kind it shows.
TEXTMATE = {
    "comment": "comment", "keyword.control": "keyword", "constant.language": "constant",
    "constant.numeric": "number", "constant.character": "string", "support.function": "command",
    "entity.name.function": "function", "variable": "variable", "string.quoted": "string",
    "string.unquoted": "word", "entity.other.attribute-name": "option", "support.type": "name",
    "keyword.operator": "operator",
}  # fmt: skip
VIM = {
    "kxsComment": "comment", "kxsKeyword": "keyword", "kxsConstant": "constant",
    "kxsNumber": "number", "kxsCommand": "command", "kxsFunction": "function",
    "kxsVariable": "variable", "kxsBraced": "variable", "kxsMade": "name", "kxsWalked": "name",
    "kxsCaught": "name", "kxsParameter": "name", "kxsField": "name", "kxsKey": "name",
    "kxsTyped": "name", "kxsType": "name", "kxsString": "string", "kxsRaw": "string",
    "kxsEscape": "string", "kxsWord": "word", "kxsOption": "option", "kxsOperator": "operator",
    "kxsParameterOption": "option", "kxsOptional": "operator", "kxsSpread": "operator",
}  # fmt: skip
PYGMENTS = {
    "Token.Comment": "comment", "Token.Keyword": "keyword", "Token.Keyword.Constant": "constant",
    "Token.Keyword.Type": "name", "Token.Literal.Number": "number", "Token.Operator": "operator",
    "Token.Literal.String": "string", "Token.Literal.String.Other": "word",
    "Token.Name.Builtin": "command", "Token.Name.Function": "function",
    "Token.Name.Variable": "variable", "Token.Name.Attribute": "name", "Token.Name.Label": "name",
    "Token.Name.Tag": "option",
}  # fmt: skip
# Names are shown like variables by some, as types or keys by others.
ALSO = {"name": {"variable"}}


def kind_of(name: str, table: dict[str, str], separator: str = ".") -> str:
    parts = name.split(separator)
    for count in range(len(parts), 0, -1):
        known = table.get(separator.join(parts[:count]))
        if known:
            return known
    return ""


@cache
def grammar() -> tuple[Grammars, object]:
    folder = EDITORS / "vscode" / "syntaxes"
    grammars = Grammars(str(folder))
    raw = json.loads((folder / "kxs.tmLanguage.json").read_text())
    grammars._raw[raw["scopeName"]] = raw  # babi looks for files by scope, VS Code by path
    return grammars, grammars.compiler_for_scope(raw["scopeName"])


def textmate(text: str) -> list[str]:
    _, compiler = grammar()
    state, found = compiler.root_state, []  # type: ignore[attr-defined]
    for number, line in enumerate(text.splitlines(keepends=True)):
        state, regions = highlight_line(compiler, state, line, first_line=number == 0)
        kinds = [""] * len(line)
        for region in regions:
            shown = [kind_of(scope, TEXTMATE) for scope in region.scope]
            kind = next((item for item in reversed(shown) if item), "")
            kinds[region.start : region.end] = [kind] * (region.end - region.start)
        found += kinds
    return found


def vim(text: str, folder: Path) -> list[str]:
    script, out = folder / "a.kxs", folder / "out"
    script.write_text(text, encoding="utf-8")
    dump = (
        "let lines = []\n"
        "for l in range(1, line('$'))\n"
        "  for c in range(1, col([l, '$']))\n"
        "    call add(lines, synIDattr(synID(l, c, 1), 'name'))\n"
        "  endfor\n"
        "endfor\n"
        f"call writefile(lines, '{out}')\n"
        "qa!\n"
    )
    (folder / "dump.vim").write_text(dump)
    done = subprocess.run(
        ["vim", "-u", "NONE", "-i", "NONE", "-n", "-es", "-N",
         "--cmd", f"set rtp^={EDITORS / 'vim'} encoding=utf-8",
         "-c", "filetype plugin on", "-c", "syntax on", "-c", f"edit {script}",
         "-c", f"source {folder / 'dump.vim'}"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert out.exists(), done.stdout + done.stderr
    groups = out.read_text().split("\n")[:-1]
    kinds = [kind_of(group, VIM) for group in groups]
    data, characters, at = text.encode(), [], 0
    for character in text:  # Vim counts bytes
        characters.append(kinds[at] if at < len(kinds) else "")
        at += len(character.encode())
    assert len(data) - 1 <= len(kinds) <= len(data) + 1
    return characters


def pygments(text: str) -> list[str]:
    kinds: list[str] = []
    lexer = get_lexer_by_name("kxs", stripnl=False)
    for token, value in lexer.get_tokens(text):
        kinds += [kind_of(str(token), PYGMENTS)] * len(value)
    return kinds


@pytest.fixture(params=["textmate", "vim", "pygments"])
def kinds(request: pytest.FixtureRequest, tmp_path: Path) -> Kinds:
    if request.param == "vim":
        return lambda text: vim(text, tmp_path)
    return {"textmate": textmate, "pygments": pygments}[request.param]


def wrong(text: str, found: list[str], expected: list[Piece]) -> list[str]:
    """Return the pieces that have another kind at their first or last character."""
    faults = []
    for kind, start, end in expected:
        allowed = {kind} | ALSO.get(kind, set())
        places = (start, end - 1) if kind != "variable" else (start,)
        if any(found[place] not in allowed for place in places):
            line = text.count("\n", 0, start) + 1
            shown = [found[place] for place in places]
            faults.append(f"line {line}: `{text[start:end]}` is a {kind}, shown as {shown}")
    return faults


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_piece_of_a_script(path: Path, kinds: Kinds) -> None:
    text = path.read_text(encoding="utf-8")
    assert wrong(text, kinds(text), pieces(text)) == []


def test_a_wrong_colour_is_seen() -> None:
    text = "say if\n"
    assert wrong(text, ["keyword"] * len(text), pieces(text)) == [
        "line 1: `say` is a command, shown as ['keyword', 'keyword']",
        "line 1: `if` is a word, shown as ['keyword', 'keyword']",
    ]


def test_every_keyword_of_the_grammar_is_one(kinds: Kinds) -> None:
    words = set(re.findall(r'"([a-z]+)"', resources.grammar_text()))
    assert {"let", "match", "null", "and"} <= words
    for word in sorted(words):
        text = f"{word} a"
        assert kinds(f"{text}\n")[0] in ("keyword", "constant"), word
        assert kinds(f"{word}-a\n")[0] not in ("keyword", "constant"), word
        assert kinds(f"say {word}-a\n")[4] == "word", word


def test_every_unit_of_the_grammar_is_a_number(kinds: Kinds) -> None:
    units = re.search(r"UNIT.*?\[0-9\]\+\(\?:([\w|]+)\)", resources.grammar_text())
    assert units
    for unit in units[1].split("|"):
        text = f"let a = 10{unit}\n"
        assert wrong(text, kinds(text), pieces(text)) == []


def test_formatting_does_not_change_colours(kinds: Kinds) -> None:
    text = (ROOT / "tests" / "syntax" / "valid" / "statements.kxs").read_text()
    neat = format_source(Source("a.kxs", text))
    assert wrong(neat, kinds(neat), pieces(neat)) == []


def test_pygments_knows_the_lexer_by_file_name() -> None:
    assert get_lexer_for_filename("boot.kxs").name == "kxs"


def test_the_extension_names_files_that_are_there() -> None:
    folder = EDITORS / "vscode"
    package = json.loads((folder / "package.json").read_text())["contributes"]
    assert (folder / package["languages"][0]["configuration"]).is_file()
    json.loads((folder / "language-configuration.json").read_text())
    raw = json.loads((folder / package["grammars"][0]["path"]).read_text())
    assert raw["scopeName"] == package["grammars"][0]["scopeName"]


def test_vim_finds_the_place_of_a_finding(tmp_path: Path) -> None:
    """`:make` fills the quickfix list from `kxsh --check`."""
    script = tmp_path / "a.kxs"
    script.write_text("kxs 1\nrecovery $no\n")
    dump = (
        "call writefile([json_encode(map(getqflist(), {_, v -> [v.lnum, v.col, v.text]}))], 'out')"
    )
    subprocess.run(
        ["vim", "-u", "NONE", "-i", "NONE", "-n", "-es", "-N",
         "--cmd", f"set rtp^={EDITORS / 'vim'} shellpipe=>%s\\ 2>&1",
         "-c", "filetype plugin on", "-c", f"edit {script}", "-c", "silent make!", "-c", dump,
         "-c", "qa!"],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False, cwd=tmp_path,
        env={"PATH": f"{ROOT / '.venv' / 'bin'}:/usr/bin:/bin", "TERM": "dumb"},
    )  # fmt: skip
    found = json.loads((tmp_path / "out").read_text())
    assert [item[:2] for item in found] == [[2, 10]]
    assert "there is no variable" in found[0][2]
