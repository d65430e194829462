"""The house rules that no linter knows: sizes, names, one list of packages."""

from __future__ import annotations

import ast
import statistics
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kxsh import cli
from kxsh.image import tools

FILE_LIMIT, FILE_MEDIAN = 450, 160
FUNCTION_LIMIT, FUNCTION_MEDIAN = 60, 12
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
# Part of every Debian system: nothing to install.
ESSENTIAL = {"dpkg"}
# Named to people who may want them; no target of make runs them.
OPTIONAL = {"binutils", "grub-emu"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _modules(root: Path) -> list[Path]:
    found = sorted(path for path in (root / "kxsh").rglob("*.py") if "_data" not in path.parts)
    assert len(found) > 10, "the source was not found"
    return found


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    """Yield (place, lines of code without the docstring) of each function in a file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            first = node.body[0]
            lines = (node.end_lineno or 0) - node.lineno + 1
            if ast.get_docstring(node) is not None:
                lines -= (first.end_lineno or 0) - first.lineno + 1
            yield f"{path}:{node.lineno} {node.name}", lines


def _packages(root: Path) -> dict[str, tuple[str, str]]:
    """Return {package: (group, reason)} of scripts/packages.txt."""
    text = (root / "scripts" / "packages.txt").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line and not line.startswith("#")]
    table = {}
    for row in rows:
        package, group, reason = row.split(maxsplit=2)
        assert package not in table, f"{package} is listed twice"
        table[package] = (group, reason)
    return table


def test_files_are_small(root: Path) -> None:
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _modules(root)}
    long = {str(path): count for path, count in lines.items() if count > FILE_LIMIT}
    assert not long
    assert statistics.median(lines.values()) < FILE_MEDIAN


def test_functions_are_small(root: Path) -> None:
    found = [function for path in _modules(root) for function in _functions(path)]
    assert not [(place, lines) for place, lines in found if lines > FUNCTION_LIMIT]
    assert statistics.median(lines for _, lines in found) <= FUNCTION_MEDIAN


def test_no_module_has_a_vague_name(root: Path) -> None:
    assert not [path for path in _modules(root) if path.stem in VAGUE]


def test_no_two_test_files_share_a_name(root: Path) -> None:
    """pytest refuses to collect them (they stand in folders that are no packages)."""
    names = [path.name for path in (root / "tests").rglob("test_*.py")]
    assert len(names) > 20
    assert not {name for name in names if names.count(name) > 1}


def test_modules_say_what_they_are(root: Path) -> None:
    def described(path: Path) -> bool:
        text = path.read_text(encoding="utf-8")
        return not text.strip() or ast.get_docstring(ast.parse(text)) is not None

    assert not [path for path in _modules(root) if not described(path)]


def test_every_floor_is_in_the_map(root: Path) -> None:
    """The linter's contract and docs/architecture.md name the same modules."""
    with open(root / "pyproject.toml", "rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    floors = contracts[0]["layers"]
    names = {name.strip(" ()") for floor in floors for name in floor.replace("|", ":").split(":")}
    text = (root / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "`" in line]
    assert not [name for name in names if not any(f"`{name}" in row for row in rows)]


def test_every_script_is_formatted(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`kxsh --fmt examples/*.kxs stdlib/*.kxs` lays them out."""
    scripts = [str(path) for name in ("examples", "stdlib") for path in (root / name).glob("*.kxs")]
    assert len(scripts) > 5
    assert cli.main(["--fmt", "--check", *scripts]) == 0, capsys.readouterr()


def test_setup_installs_every_package_that_an_error_may_name(root: Path) -> None:
    named = set(tools.PACKAGES.values()) | set(tools.FILES.values())
    assert named - ESSENTIAL - OPTIONAL - set(_packages(root)) == set()


def test_setup_groups_and_reasons(root: Path) -> None:
    table = _packages(root)
    assert {group for group, _ in table.values()} == {"python", "tools", "unpacked"}
    assert {name for name, (group, _) in table.items() if group == "python"} == {
        "python3",
        "python3-venv",
    }
    assert all(len(reason) > 10 for _, reason in table.values())


@pytest.mark.parametrize("script", ["scripts/setup", ".ci/run"])
def test_shell_scripts_are_clean(root: Path, script: str) -> None:
    done = subprocess.run(
        ["shellcheck", str(root / script)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_setup_refuses_a_word_it_does_not_know(root: Path) -> None:
    done = subprocess.run(
        [str(root / "scripts" / "setup"), "everithing"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (1, "setup: usage: scripts/setup [python]\n")
