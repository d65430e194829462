"""Every example in a command's declaration: without a finding, and it runs."""

from __future__ import annotations

import re

import pytest
from standard_machine import run_text

from kxsh.checker import check_source
from kxsh.commands import COMMANDS
from kxsh.machine.protocol import Ended
from kxsh.source import Source

EXAMPLES = [
    pytest.param(command.name, text, id=f"{command.name}-{number}")
    for command in COMMANDS.values()
    for number, text in enumerate(command.examples)
]


@pytest.mark.parametrize(("name", "text"), EXAMPLES)
def test_example(name: str, text: str) -> None:
    assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text), "it shows another command"
    found = check_source(Source(f"{name}.kxs", text))
    assert [item for item in found if item.severity == "error"] == []
    try:
        run_text(text)
    except Ended:
        assert "never-returns" in COMMANDS[name].effects


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: command.name)
def test_declaration(command: object) -> None:
    declared = COMMANDS[command.name]  # type: ignore[attr-defined]
    assert declared.examples, "no example"
    assert declared.summary.endswith("."), "the first line is a sentence"
    assert len(declared.summary) < 90
    assert all(parameter.help for parameter in declared.signature.parameters)
    names = [parameter.name for parameter in declared.signature.parameters]
    assert len(set(names)) == len(names)
