"""What docs/editors.md says to write into settings is at least well formed."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
import yaml
from test_docs import blocks


@pytest.fixture(scope="module")
def settings(root: Path) -> list[str]:
    page = root / "docs" / "editors.md"
    return [block.text for block in blocks(page) if block.kind == ""]


def test_helix(settings: list[str]) -> None:
    (text,) = [text for text in settings if "[language-server.kxsh]" in text]
    written = tomllib.loads(text)
    assert written["language-server"]["kxsh"] == {"command": "kxsh", "args": ["--lsp"]}
    assert written["language"][0]["language-servers"] == ["kxsh"]


def test_kate(settings: list[str]) -> None:
    (text,) = [text for text in settings if '"servers"' in text]
    assert json.loads(text)["servers"]["kxs"]["command"] == ["kxsh", "--lsp"]


def test_pre_commit(settings: list[str], root: Path) -> None:
    (text,) = [text for text in settings if text.startswith("repos:")]
    hooks = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_text())
    written = yaml.safe_load(text)["repos"][0]["hooks"]
    assert [hook["id"] for hook in written] == [hook["id"] for hook in hooks]
