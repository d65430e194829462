"""Every key that does something is in the documentation's tables and in the program's own
pages of keys, and neither names a key that does nothing.

What is bound is read from prompt_toolkit's bindings, and from the source of what reads keys
by itself: what `key` is compared with there.
"""

from __future__ import annotations

import ast
import os
import re
import select
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import TextIO, cast
from unittest.mock import MagicMock

import pytest
from prompt_toolkit.key_binding import KeyBindingsBase
from prompt_toolkit.key_binding.bindings import auto_suggest, basic, emacs
from prompt_toolkit.keys import Keys
from pytest import param
from screen import Screen

from kxsh.console import pager, secret
from kxsh.console.edit import plain_editor
from kxsh.console.edit.editor_screen import EditorScreen
from kxsh.console.help.topics import topic_named
from kxsh.console.keys import _CONTROLS, _SEQUENCES, Unechoed
from kxsh.console.menu import app, controller, dialogs, page, teletype
from kxsh.console.menu import countdown as menu
from kxsh.console.menu.help import LINES_HELP
from kxsh.console.prompt import line_editor
from kxsh.console.script import stepping

DOCS = Path(__file__).resolve().parents[2] / "docs"
# A key's name in the program -> in texts.
NAMES = {
    "up": "Up", "down": "Down", "left": "Left", "right": "Right", "home": "Home", "end": "End",
    "page-up": "PgUp", "page-down": "PgDn", "pageup": "PgUp", "pagedown": "PgDn",
    "enter": "Enter", "c-m": "Enter", "tab": "Tab", "c-i": "Tab", "backspace": "Backspace",
    "c-j": "Enter", "c-h": "Backspace", "delete": "Del", "escape": "Esc", "interrupt": "Ctrl-C",
    "redraw": "Ctrl-L", " ": "Space", "\x15": "Ctrl-U", "\t": "Tab", "f1": "F1",
    "c-left": "Ctrl-Left", "c-right": "Ctrl-Right",
}  # fmt: skip
# No keys: an end of input, and prompt_toolkit's own.
NO_KEYS = {"eof", "unknown", "news", "<any>", "<bracketed-paste>", "<ignore>", "<sigint>"}
_NAMED = re.compile(
    r"(?<![\w-])(?:Ctrl-(?:Left|Right|Alt-Del|[A-Z_\\])|Alt-(?:Enter|[A-Z.])|F\d+|Up|Down|Left"
    r"|Right|PgUp|PgDn|Home|End|Enter|Tab|Esc|Backspace|Del|Space)(?!\w)"
)


def shown(*pressed: str) -> str:
    """Return how texts name a key, which may be several for the program."""
    if len(pressed) == 2 and pressed[0] == "escape":
        name = shown(pressed[1])
        return f"Alt-{name.upper() if len(name) == 1 else name}"
    (key,) = pressed
    if key in NAMES:
        return NAMES[key]
    if key.startswith("c-") and len(key) == 3:
        return f"Ctrl-{key[2].upper()}"
    return key.upper() if re.fullmatch(r"f\d+", key) else key


# -- what is bound


def of_bindings(bindings: KeyBindingsBase, *, idle: Iterable[str] = ()) -> set[str]:
    """Return the keys of prompt_toolkit's bindings; the `idle` ones only do nothing."""
    found = set()
    for binding in bindings.bindings:
        keys = [str(getattr(key, "value", key)) for key in binding.keys]
        if not NO_KEYS.intersection(keys) and len(keys) < 3:
            found.add(shown(*keys) if len(keys) == 1 or keys[0] == "escape" else " ".join(keys))
    return found - set(idle)


def of_source(module: ModuleType, *functions: str) -> set[str]:
    """Return the keys that functions of a module compare `key` with, or look up for it."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    seen: set[str] = set()
    named: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in functions:
            named.add(node.name)
            seen.update(_keys_in(node, module))
    assert named == set(functions), "a function has another name now"
    return {shown(key) for key in seen - NO_KEYS}


def _keys_in(function: ast.FunctionDef, module: ModuleType) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.Dict):
            yield from _texts([key for key in node.keys if key is not None], module)
        elif isinstance(node, ast.Compare) and "key" in _used(node.left):
            yield from _texts(node.comparators, module)


def _used(node: ast.AST) -> set[str]:
    names = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return names & {"key", "word", "line"}


def _texts(nodes: Iterable[ast.expr], module: ModuleType) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name) and node.id.isupper():
            yield from getattr(module, node.id)
        for inner in ast.walk(node):
            if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and inner.value:
                yield inner.value


def of_prompt() -> set[str]:
    bindings = line_editor._bindings(
        lambda text: None, lambda buffer, text: False, lambda text: False, nested=True
    )
    digits = [f"Alt-{sign}" for sign in "-0123456789"]  # after Esc, a digit is but a digit
    return of_bindings(bindings, idle=("Ctrl-Z", "Ctrl-\\", *digits))


def of_prompt_toolkit() -> set[str]:
    """Return what a line of prompt_toolkit has by itself."""
    loaded = (
        basic.load_basic_bindings(),
        emacs.load_emacs_bindings(),
        emacs.load_emacs_search_bindings(),
        auto_suggest.load_auto_suggest_bindings(),
    )
    # The prompt takes these two from it as an end of input and an exception; PID 1 the last.
    return set().union(*map(of_bindings, loaded), ("Ctrl-C", "Ctrl-D", "Ctrl-\\", "Ctrl-Alt-Del"))


def of_editor() -> set[str]:
    screen = EditorScreen.__new__(EditorScreen)
    screen._draft = MagicMock()
    idle = ("Ctrl-\\", "Ctrl-S", "Ctrl-Q", "Ctrl-V", "Ctrl-O", "Ctrl-Y")
    return of_bindings(screen._bindings(), idle=idle)


def of_list() -> set[str]:
    """Return the keys of the full screen's list; what prompt_toolkit gives other names first."""
    own = of_source(controller, "press", "command", "_asked", "_move")
    given = {shown(_value(key)) for key, name in app._NAMES.items() if shown(name) in own}
    return own | given | {"1", "2", "3"}  # any figure is a number's


def _value(key: Keys) -> str:
    return str(key.value)


# -- what is told


def told_in_docs(name: str, *headings: str) -> tuple[set[str], set[str]]:
    """Return the keys that the tables of a page under headings (or texts above them) have: in
    their first column, and named in their second."""
    text = (DOCS / name).read_text(encoding="utf-8")
    first: set[str] = set()
    second: set[str] = set()
    for heading in headings:
        assert text.count(heading) == 1, heading
        after = text.partition(heading)[2]
        rows = after[after.index("\n| key |") :].partition("\n\n")[0].strip().splitlines()[2:]
        for row in rows:
            cell, _, meaning = row.strip("| ").partition(" | ")
            first |= keys_of(cell)
            second |= set(_NAMED.findall(meaning))
    return first, second


def told_in_help(topic: str) -> tuple[set[str], set[str]]:
    """Return the keys of a topic's first column, and those named beside them."""
    first: set[str] = set()
    second: set[str] = set()
    for line in topic_named(topic).splitlines():
        if line.endswith((".", ":")):
            continue  # a sentence
        if line.startswith("  ") and not line.startswith("   "):
            cell, _, meaning = re.split(r"(\s{2,}(?!or )|$)", line[2:], maxsplit=1)
            first |= keys_of(cell)
            second |= set(_NAMED.findall(meaning))
        elif line.startswith("   "):
            second |= set(_NAMED.findall(line))
    return first, second


def keys_of(cell: str) -> set[str]:
    """Return the keys of a first column: named, or signs by themselves."""
    cell = re.sub(r"`key .*?`|\b(?:a|in a) \w\w.*", "", cell).replace("\\\\", "\\")
    signs = {part for part in re.split(r"[ ,`]+", cell) if len(part) == 1}
    return set(_NAMED.findall(cell)) | signs


CONTROLS = {f"Ctrl-{chr(64 + code[0])}" for code in _CONTROLS if code[0] < 27}
SCREENS = [
    param(
        ("prompt.md", "## Typing", "## Ctrl-C and its like"), "keys", of_prompt(),
        of_prompt_toolkit() | {"Ctrl-Z"}, id="prompt",
    ),
    param(
        ("prompt.md", "is a pager where it is longer"), "pager",
        of_source(pager, "run", "_press"), CONTROLS, id="pager",
    ),
    param(
        ("prompt.md", "one key says what happens:"), "stepping",
        of_source(stepping, "_converse"), CONTROLS, id="step",
    ),
    param(("prompt.md", "## Editing an entry"), "editing", of_editor(), set(), id="editor"),
    param(
        (
            "menu.md", "shows more of the entry.", "While something is typed,",
            "In a page (`?`, Tab, `w`), or",
        ),
        "menu-keys",
        of_list() | of_source(page, "press") | of_source(controller, "_on_filter"),
        {*"rofny", "Ctrl-D"}, id="menu",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("docs", "topic", "bound", "also"), SCREENS)
def test_keys_are_told_and_there(
    docs: tuple[str, ...], topic: str, bound: set[str], also: set[str]
) -> None:
    assert len(bound) > 5
    for first, second in (told_in_docs(*docs), told_in_help(topic)):
        told = first | second
        untold, absent = sorted(bound - told), sorted(told - bound - also)
        assert not untold, "keys that are not told"
        assert not absent, "keys that are told and not there"


def test_keys_and_words_of_the_menu_in_lines_are_told() -> None:
    text = (DOCS / "menu.md").read_text(encoding="utf-8")
    text = text.partition("## Terminals")[2].partition("\n## ")[0]
    bound = of_source(teletype, "_read") | of_source(menu, "_press", "_converse") - {"Space"}
    assert bound >= {"Enter", "Backspace", "Ctrl-C", "Ctrl-U", "Tab"}
    assert not sorted(bound - set(_NAMED.findall(text)) - {"Enter", "Esc"})
    page = "\n".join(LINES_HELP)
    for key in (*teletype._KEYS, *teletype._ABOUT):
        assert re.search(rf"`{re.escape(key)}[` ]", text), key
        assert re.search(rf"^{re.escape(key)} ", page, re.MULTILINE), key
    for word in teletype._WORDS:
        assert re.search(rf"`{word}( 4)?`", text), word
        assert re.search(rf"`{word}( 2)?`", page), word


def test_keys_of_the_countdown_are_told() -> None:
    first, _ = told_in_docs("menu.md", "- any key stops\n")
    assert first == of_source(menu, "_attended") == {"Enter", "Ctrl-C"}
    assert "any key" in topic_named("countdown")


def test_keys_of_the_lists_to_choose_from_are_told() -> None:
    text = (DOCS / "menu.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"^\| a letter before a line \|(.*)\|$", text, re.MULTILINE)
    assert re.findall(r"`(\w)`", row) == [item.key for item in dialogs._WAYS_OUT]


def test_keys_of_a_password_are_told() -> None:
    text = (DOCS / "access.md").read_text(encoding="utf-8")
    bound = of_source(secret, "read_password")
    assert bound == {"Enter", "Backspace", "Ctrl-U", "Esc", "Ctrl-C"}
    assert bound <= set(_NAMED.findall(text))
    assert _CONTROLS[b"\x04"] == "escape"  # so Ctrl-D, too
    assert "Esc, Ctrl-C or Ctrl-D gives up" in text


def test_commands_of_the_plain_editor_are_told() -> None:
    tree = ast.parse(Path(str(plain_editor.__file__)).read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name in ("run", "_obey"):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Compare) and _used(inner.left):
                    found.update(_texts(inner.comparators, plain_editor))
    assert found == {"q", "quit", "u", "i", "l", "list", "h", "help", "?"}
    page = (DOCS / "prompt.md").read_text(encoding="utf-8").partition("rows have numbers")[2]
    for command in ("3 TEXT", "-3", "+ TEXT", "i FILE", "u", "l", "?", "q", "load"):
        assert f"`{command}`" in page, command
        assert f"`{command}`" in topic_named("editing"), command


def test_every_sequence_is_a_key_with_a_name() -> None:
    assert set(_SEQUENCES.values()) <= set(NAMES)
    assert set(_CONTROLS.values()) <= set(NAMES)


def test_a_key_that_is_missing_or_wrong_is_seen() -> None:
    assert keys_of("Up, Down (Ctrl-P, Ctrl-N)") == {"Up", "Down", "Ctrl-P", "Ctrl-N"}
    assert keys_of("`?` or F1") == {"?", "F1"}
    assert keys_of("a key shown as `key x`") == set()
    assert keys_of("Ctrl-Z, else Ctrl-\\\\") == {"Ctrl-Z", "Ctrl-\\"}
    with pytest.raises(AssertionError, match="not told"):
        test_keys_are_told_and_there(
            ("prompt.md", "## Editing an entry"), "editing", of_editor() | {"F9"}, set()
        )
    with pytest.raises(AssertionError, match="told and not there"):
        test_keys_are_told_and_there(
            ("prompt.md", "## Editing an entry"), "editing", of_editor() - {"F2"}, set()
        )


def test_between_two_screens_nothing_typed_holds_the_output() -> None:
    """Ctrl-S there would be for ever: the screen that comes takes Ctrl-Q for itself."""
    ours, theirs = os.openpty()
    with open(theirs, "r+b", buffering=0) as stream, Unechoed(cast("TextIO", stream)):
        os.write(ours, b"\x13k")
        assert os.read(theirs, 2) == b"\x13k"
        os.write(theirs, b"shown")
        assert select.select([ours], [], [], 5)[0]
        assert os.read(ours, 5) == b"shown"
    os.close(ours)


# What is typed, and what the line is then.
EDITS = [
    param("say one two\x1bbX", "say one Xtwo", id="Alt-B"),
    param("say one two\x01X", "Xsay one two", id="Ctrl-A"),
    param("say one two\x01\x05X", "say one twoX", id="Ctrl-E"),
    param("say one two\x1b[HX", "Xsay one two", id="Home"),
    param("say one two\x01\x1b[FX", "say one twoX", id="End"),
    param("say one two\x01\x1bfX", "sayX one two", id="Alt-F"),
    param("say one two\x1b[1;5DX", "say one Xtwo", id="Ctrl-Left"),
    param("say one two\x01\x1b[1;5CX", "sayX one two", id="Ctrl-Right"),
    param("say one two\x17X", "say one X", id="Ctrl-W"),
    param("say one two\x17\x19", "say one two", id="Ctrl-Y"),
    param("say one two\x01\x1bdX", "X one two", id="Alt-D"),
    param("say one two\x1bb\x15X", "Xtwo", id="Ctrl-U"),
    param("say one two\x01\x1bf\x0bX", "sayX", id="Ctrl-K"),
    param("say one two\x17\x1f", "say one two", id="Ctrl-_"),
    param("say \x12fir\r", "say first", id="Ctrl-R"),
    param("\x12fir\x07X", "X", id="Ctrl-G"),
    param("say one two\x0cX", "say one twoX", id="Ctrl-L"),
    param("say one two\x03X", "X", id="Ctrl-C"),
    param("say one two\x1a\x1cX", "say one twoX", id="Ctrl-Z"),
    param("say f\x1b[A", "say first", id="Up"),
    param("say f\x1b[A\x1b[B", "say f", id="Down"),
]


@pytest.fixture(scope="module")
def prompt() -> Iterator[Screen]:
    with Screen("prompt_program.py", term="vt100") as screen:
        screen.command("say first", "^first$")
        screen.command("say last", "^last$")
        yield screen


@pytest.mark.parametrize(("typed", "line"), EDITS)
def test_keys_of_the_prompt_do_what_is_told(prompt: Screen, typed: str, line: str) -> None:
    prompt.wait_cursor("kxsh>")
    prompt.type(typed)
    prompt.wait_cursor(f"kxsh> {re.escape(line)}")
    prompt.type("\x03")
    prompt.wait_cursor("kxsh>")
