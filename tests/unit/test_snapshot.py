"""What a script's variables were before each statement: noted without much copying."""

from __future__ import annotations

import pytest
from standard_machine import LineConsole, standard_machine

from kxsh.boot.state import State
from kxsh.interpreter import snapshot
from kxsh.interpreter.interpreter import Interpreter
from kxsh.interpreter.scope import Scope
from kxsh.interpreter.snapshot import Snapshot
from kxsh.source import Source
from kxsh.syntax.parser import parse_script


def test_variables_are_copied_once_for_what_changes_them_and_else_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Snapshot] = []

    class Counted(Snapshot):
        __slots__ = ()

        def __init__(self, scope: Scope) -> None:
            super().__init__(scope)
            made.append(self)

    copies = 0
    copied = snapshot.copied

    def counted(value: object) -> object:
        nonlocal copies
        copies += 1
        return copied(value)

    monkeypatch.setattr(snapshot, "copied", counted)
    monkeypatch.setattr("kxsh.interpreter.progress.Snapshot", Counted)
    names = [f"m{number}" for number in range(50)]
    lets = "\n".join(f"let {name} = [a: {name[1:]}]" for name in names)
    script = f"kxs 1\n{lets}\nset m7.a = 99\n" + "say hello\n" * 40
    interpreter = Interpreter(standard_machine(), LineConsole())
    assert interpreter.attempt(parse_script(Source("t.kxs", script))) is None
    # One before each of 50 `let` and after the last, one after the `set`; `kxs` and `say`
    # change nothing.
    assert len(made) == 52
    assert copies == sum(range(50)) + 50 + 50
    progress = interpreter.progress
    assert progress is not None
    assert [names for _, _, names in progress.changes] == [*([name] for name in names), ["m7"]]
    assert progress.changes[-1][1].has("m49")


def test_a_state_that_was_changed_is_seen_and_given_back() -> None:
    scope = Scope()
    state, numbers = State("s", {"n": 1}, "", "/s.json"), [1, [2]]
    scope.variables |= {"s": state, "l": numbers}
    before = Snapshot(scope)
    assert before.changed() == []
    state.data["n"] = 2
    numbers.append(3)
    scope.variables["new"] = None
    assert before.changed() == ["s", "l", "new"]
    before.restore(before.changed())
    assert before.changed() == []
    assert (state.data, scope.variables) == ({"n": 1}, {"s": state, "l": [1, [2]]})
