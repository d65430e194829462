"""What the processes of a test run share: things are made once, and one may be alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import workers

# Argument: a folder. Each makes the same thing, and a line for each one that was made.
MAKES = """
import pathlib, sys, time, workers
folder = pathlib.Path(sys.argv[1])
def make():
    with (folder / "made").open("a") as file:
        file.write("made\\n")
    time.sleep(0.5)
    return folder / "thing"
print(workers.Store(folder, sys.argv[2]).once(("thing", 1), make))
"""
# Each writes down when it has come and when it goes, ten times; every other is alone.
TURNS = """
import pathlib, sys, time, workers
folder = pathlib.Path(sys.argv[1])
for number in range(10):
    alone = number % 2 == 0
    with workers.turn(folder, alone), (folder / "turns").open("ab", 0) as file:
        file.write(b"+!\\n" if alone else b"+\\n")
        time.sleep(0.02)
        file.write(b"-!\\n" if alone else b"-\\n")
"""


def run(program: str, folder: Path, count: int) -> list[str]:
    """Run it in `count` processes at once; return what they printed."""
    here = str(Path(__file__).parent)
    begun = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(folder), str(number)],
            env={"PYTHONPATH": here},
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(count)
    ]
    said = [process.communicate(timeout=60)[0] for process in begun]
    assert [process.returncode for process in begun] == [0] * count
    return said


def test_a_thing_is_made_by_one_and_had_by_all(tmp_path: Path) -> None:
    assert run(MAKES, tmp_path, 3) == [f"{tmp_path / 'thing'}\n"] * 3
    assert (tmp_path / "made").read_text() == "made\n"


def test_what_could_not_be_made_is_tried_again(tmp_path: Path) -> None:
    def fail() -> None:
        raise RuntimeError("not now")

    store = workers.Store(tmp_path, "a")
    with pytest.raises(RuntimeError):
        store.once("key", fail)
    assert store.once("key", lambda: 1) == 1
    assert store.once("other", lambda: 2) == 2


def test_two_processes_have_no_path_in_common(tmp_path: Path) -> None:
    stores = [workers.Store(tmp_path, name) for name in ("gw0-", "gw1-")]
    assert len({store.path(".img") for store in stores for _ in range(3)}) == 6


def test_nobody_has_a_turn_beside_one_that_is_alone(tmp_path: Path) -> None:
    run(TURNS, tmp_path, 3)
    inside = most = 0
    alone = False
    for line in (tmp_path / "turns").read_text().split():
        assert not alone or line == "-!", "a turn began beside one that is alone"
        assert line != "+!" or inside == 0, "one is alone beside others"
        alone = line == "+!"
        inside += 1 if line[0] == "+" else -1
        most = max(most, inside)
    assert inside == 0
    assert most > 1, "they had their turns one after another"


def test_a_file_is_for_one_process_but_boots_are_given_one_by_one() -> None:
    scope = workers.Scheduler._split_scope
    names = ["test_x.py::test_a[1]", "test_x.py::test_a[::]", "test_x.py::test_b"]
    assert {scope(None, f"tests/unit/{name}") for name in names} == {"tests/unit/test_x.py"}
    assert len({scope(None, f"tests/boot/{name}") for name in names}) == 3
    assert scope(None, "tests/boot/test_x_oracle.py::test_a") == "tests/boot/test_x_oracle.py"
