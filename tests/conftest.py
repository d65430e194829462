"""What all tests share: the reference data's place, and slow tests last."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
BOOT = ROOT / "tests" / "boot"


def pytest_configure() -> None:
    """A run in the background begins with Ctrl-C ignored, and so would every program that
    the tests start and then interrupt."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in tests/boot, and run quick tests first, boots last."""
    for item in items:
        if BOOT in item.path.parents:
            item.add_marker(pytest.mark.boot)
    items.sort(key=_cost)


def _cost(item: pytest.Item) -> int:
    if item.get_closest_marker("boot"):
        return 2
    return 1 if item.get_closest_marker("slow") else 0


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with reference images and corpora, which is not part of the project.

    Tests that read it are skipped, and say so, on a machine that does not have it.
    """
    path = Path(os.environ.get("KXSH_SHARED", ROOT.parent / "shared"))
    if not (path / "corpus").is_dir():
        pytest.skip(f"no reference data in {path} (KXSH_SHARED names another place)")
    return path
