"""One server for all questions of a test file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from client import Client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lsp")


@pytest.fixture(scope="module")
def client(folder: Path) -> Iterator[Client]:
    with Client(folder) as one:
        yield one
