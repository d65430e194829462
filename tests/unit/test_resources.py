"""Finding the grammar and the library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kxsh import resources


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with package data, as a wheel makes it."""
    for name in ("grammar", "stdlib"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(resources, "_DATA", str(tmp_path))
    return tmp_path


def test_a_checkout_is_its_own_data(root: Path) -> None:
    assert resources.root() == str(root)
    assert resources.grammar_path() == str(root / "grammar" / "kxsh.lark")
    assert resources.grammar_text().strip()
    assert resources.parameters_path() == str(root / "data" / "kernel-parameters.txt")
    assert resources.messages_path() == str(root / "data" / "messages.txt")


def test_package_data_comes_first(installed: Path) -> None:
    (installed / "grammar" / "kxsh.lark").write_text("start: é\n", encoding="utf-8")
    assert resources.grammar_text() == "start: é\n"
    assert resources.tables_path() == str(installed / "grammar" / "kxsh.tables")


def test_the_library_is_listed_in_order(installed: Path) -> None:
    for name in ("b.kxs", "a-menu.kxs", ".gitkeep", "notes.txt"):
        (installed / "stdlib" / name).touch()
    assert resources.stdlib_names() == ["a-menu", "b"]
    assert resources.stdlib_path("b") == str(installed / "stdlib" / "b.kxs")


@pytest.mark.parametrize("name", ["", "c", "../secret", "b.kxs", "/etc/passwd", "b\0"])
def test_a_name_never_leads_out_of_the_library(installed: Path, name: str) -> None:
    (installed / "stdlib" / "b.kxs").touch()
    (installed / "secret.kxs").touch()
    assert resources.stdlib_path(name) is None


def test_an_installation_without_a_library(installed: Path) -> None:
    (installed / "stdlib").rmdir()
    assert resources.stdlib_names() == []
    with pytest.raises(FileNotFoundError):
        resources.grammar_text()


def test_the_target_loads_nothing_heavy_for_it() -> None:
    program = (
        "import sys; before = set(sys.modules); import kxsh.resources;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(sorted(new - {'kxsh', '__future__'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
