"""Every message of the console can be looked up: in data/messages.txt, from which `help` and
docs/messages.md come. What is said and what is written down there are compared."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from spoken import ROOT, shape, sources, spoken, told_by_init
from test_session import Prompt

from kxsh.console.help import messages
from kxsh.console.script import why

# What looks like a sentence in the source and is no message to be looked up, and why.
NOT_MESSAGES = Path(__file__).with_name("not_messages.txt")
# What a file of the console says of failures and error numbers: docs/messages.md and `help`
# take these tables as they are.
EXPLAINED = {*why.CLASSES.values(), *why.ERRNOS.values()}


def silent() -> set[str]:
    lines = NOT_MESSAGES.read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith(("#", "== "))}


def said() -> dict[str, str]:
    """Return all that looks like a message, with a place where it is said."""
    found = dict.fromkeys(told_by_init(), "kxsh/image/init.sh")
    for path in sources():
        for line, text in spoken(path.read_text(encoding="utf-8")):
            found.setdefault(text, f"{path.relative_to(ROOT)}:{line}")
    return found


def written() -> list[str]:
    return [text for message in messages.messages() for text in message.texts]


def test_every_message_is_written_down() -> None:
    left = set(said()) - set(written()) - silent() - EXPLAINED
    assert not {said()[text]: text for text in left}, "add them to data/messages.txt"


def test_no_message_is_written_down_that_nobody_says() -> None:
    there = set(said())
    assert not [text for text in written() if text not in there]
    assert not [text for text in silent() if text not in there]


def test_each_message_is_written_down_once() -> None:
    assert len(set(written())) == len(written()) > 100
    assert not silent() & set(written())


def test_each_message_has_its_meaning() -> None:
    for message in messages.messages():
        assert message.part
        assert message.meaning or message.texts[0].startswith("("), message.texts
        for text in (message.meaning, message.do):
            assert text == "" or text.endswith((".", "/name.", "?")), text
            assert text.isascii()
            assert "  " not in text


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("say('one two')", ["one two"]),
        ("say(f'{a} is {b}.')", ["... is ...."]),
        ("x.note = f'no {a} {b} here'", ["no ... here"]),
        ("x = 'Starting {} in {left:>3}'", ["Starting ... in ..."]),
        ('x = f\'{"no a" if c else "no d"} of\'', ["... of", "no a", "no d"]),
        ("raise Failure('no a', hint='to d')", ["no a"]),
        ("self._say('skipped')", ["skipped"]),
        ("os.write(2, b'\\r\\nno a\\r\\n')", ["no a"]),
        ("x = 'word'\ndef f():\n    'a docstring'\n", []),
        ("option('a', INT, 'some help')", []),
    ],
)
def test_messages_are_found_in_a_source(source: str, texts: list[str]) -> None:
    assert sorted(text for _, text in spoken(source)) == sorted(texts)


def test_a_shape_has_dots_for_what_varies() -> None:
    assert shape(ast.parse("f'a {b}{c} d'", mode="eval").body) == "a ... d"


def test_what_a_key_came_to_fits_the_smallest_menu() -> None:
    """40 columns have room for 38: a blank stands before it, and the last one is free. What
    happened, up to the first stop, has to be among them."""
    folder = ROOT / "kxsh/console/menu"
    notes = {
        shape(value)
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign)
        and ast.unparse(node.targets[0]).endswith((".note", "NOTHING"))
        for value in ast.walk(node.value)
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    }
    assert len(notes & set(written())) >= 10
    assert not [text for text in notes if len(re.split("[:;]", text)[0]) > 38]


# -- looking one up


@pytest.mark.parametrize("text", written())
def test_each_message_is_found_as_it_is_seen(text: str) -> None:
    seen = text.replace("...", "LABEL=X-1")
    found = [one for message in messages.find(seen) for one in message.texts]
    assert text in found
    assert len(messages.find(seen)) <= 2


def test_help_explains_a_message() -> None:
    at = Prompt()
    text = at('help "there is no number 77, only 1 to 3"')
    assert text.startswith("The menu: countdown and plain lines:\n")
    assert "The menu has fewer entries." in text
    assert "Mind Caps Lock" in at("help 'wrong PASSWORD'")
    # In the middle of what is on the screen.
    assert "is in use" in at("help 'undo: could not be undone: mount /mnt/1: busy'")
    assert "no message has the words of nobody" in at("help 'of nobody'")
    assert at("help 'error[KX405]: something new'").startswith("KX405 (error)")
    assert at("help messages").count("\n") > 300
    assert at("help EIO").startswith("EIO is what the kernel said: the device could not read")


def test_help_names_a_message_for_what_was_said_last() -> None:
    at = Prompt()
    told = at("why")
    assert "There is nothing to explain." in at(f"help '{told.strip()}'")
