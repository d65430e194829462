"""The library in kxs: checked, its documentation's examples run, its tests in kxs run.

tests/stdlib/*.kxs are tests of the module of their name: each function `test-...` runs by
itself on the standard machine. Its `##` lines say what is expected: ``ends: HOW`` (``jump``,
``poweroff``..., ``recovery TEXT``, ``error CLASS TEXT``; left out: it returns), ``does: ACTION``
and ``says: LINE`` in this order; and what the machine is like, as in a transcript:
``fail: CLASS VERB...``, ``choose: ID...``, ``late: SECONDS``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from standard_machine import ESP, LATE, LineConsole, run_text, standard_machine

from kxsh import resources
from kxsh.checker import check_source
from kxsh.errors import FAILURES, Failure, KxshError, RecoveryRequest
from kxsh.interpreter.imports import importer, library_source
from kxsh.interpreter.interpreter import Interpreter
from kxsh.machine.protocol import Ended
from kxsh.machine.root import DirectoryRoot
from kxsh.source import Source
from kxsh.syntax import ast
from kxsh.syntax.parser import parse_script

FOLDER = Path(__file__).parent / "stdlib"
NAMES = resources.stdlib_names()
# What the loader runs by itself; the tests of what it boots run them.
SCRIPTS = {"default", "kexec_loader"}
FIND = importer(DirectoryRoot(str(FOLDER)), "/")


def functions(source: Source) -> Iterator[ast.Function]:
    for statement in parse_script(source).statements:
        if isinstance(statement, ast.Function):
            yield statement


def cases() -> list[Any]:
    return [
        pytest.param(path, node, id=f"{path.stem}: {node.name}")
        for path in sorted(FOLDER.glob("*.kxs"))
        for node in functions(Source(path.name, path.read_text(encoding="utf-8")))
        if node.name.startswith("test-")
    ]


def expected(node: ast.Function, word: str) -> list[str]:
    prefix = f"{word}: "
    return [line[len(prefix) :] for line in node.help.splitlines() if line.startswith(prefix)]


def run_test(path: Path, node: ast.Function) -> tuple[str, list[str], list[str]]:
    """Run a test on a machine of its own; return how it ended, what was done and said."""
    changes: dict[str, Any] = {}
    for line in expected(node, "fail"):
        kind, _, what = line.partition(" ")
        fault = FAILURES[kind](f"the machine refuses to {what}")
        changes.setdefault("fail", {})[what] = fault
    for line in expected(node, "late"):
        changes["later"] = [(float(line), LATE)]
    choices = [word for line in expected(node, "choose") for word in line.split()]
    machine, console = standard_machine(**changes), LineConsole(choices)
    interpreter = Interpreter(machine, console, esp=ESP, find_import=FIND)
    text = path.read_text(encoding="utf-8")
    how = ""
    try:
        interpreter.run_script(Source(path.name, f"{text}\n{node.name}\n"))
    except Ended as end:
        how = end.how
    except RecoveryRequest as error:
        how = f"recovery {error.message}"
    except Failure as error:
        how = f"error {error.kind} {error.message}"
    assert machine.mounts() == []
    return how, [str(action) for action in machine.actions], console.lines


@pytest.mark.parametrize(("path", "node"), cases())
def test_in_kxs(path: Path, node: ast.Function) -> None:
    how, done, said = run_test(path, node)
    wanted = expected(node, "ends")
    assert how.startswith(wanted[0]) if wanted else how == "", (how, said)
    for words, lines in (("does", done), ("says", said)):
        rest = iter(lines)
        for line in expected(node, words):
            assert line in rest, f"{words} not {line!r} but: {lines}"


def test_every_module_has_tests() -> None:
    assert {"legacy", "rescue", "scan", "slots"} <= set(NAMES)
    assert {path.stem for path in FOLDER.glob("*.kxs")} - {"expect"} == set(NAMES) - SCRIPTS


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.kxs")), ids=lambda path: path.stem)
def test_the_tests_themselves_are_without_errors(path: Path) -> None:
    found = check_source(Source(path.name, path.read_text("utf-8")), find_import=FIND)
    assert [item for item in found if item.severity == "error"] == []


# -- the modules


@pytest.mark.parametrize("name", NAMES)
def test_module_is_without_findings(name: str) -> None:
    assert check_source(library_source(name), find_import=importer(None, "/")) == []


def examples() -> list[Any]:
    found = []
    for name in NAMES:
        for node in functions(library_source(name)):
            lines = node.help.splitlines()
            text = "\n".join(line[4:] for line in lines if line.startswith("    "))
            if node.help:
                found.append(pytest.param(name, node, text, id=f"{name}.{node.name}"))
    return found


@pytest.mark.parametrize(("name", "node", "text"), examples())
def test_example(name: str, node: ast.Function, text: str) -> None:
    """What a function's documentation shows is without findings, runs, and shows it."""
    assert f"{name}.{node.name}" in text, "no example of it"
    assert node.help.splitlines()[0].endswith((".", ":", ","))
    source = Source(f"{name}.kxs", f"kxs 1\n{text}\n")
    found = check_source(source, find_import=importer(None, "/"))
    # An example need not be a whole script.
    assert [item for item in found if item.code != "KX303"] == []
    with suppress(Ended, RecoveryRequest):
        run_text(source.text)


def test_there_are_examples() -> None:
    assert len(examples()) >= 8


def test_a_wrong_expectation_is_seen() -> None:
    node = next(node for node in functions(Source("x.kxs", "## ends: jump\nfn equal(a, b) {}\n")))
    with pytest.raises(KxshError):  # it needs arguments, so it neither jumps nor returns
        test_in_kxs(FOLDER / "expect.kxs", node)
    node = next(functions(Source("x.kxs", "## ends: jump\nfn say(a) {}\n")))
    with pytest.raises(AssertionError):
        test_in_kxs(FOLDER / "expect.kxs", node)
