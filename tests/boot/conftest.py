"""The boot tests' machines, and images that are made once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import workers

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from lab import Lab


@pytest.fixture(scope="session")
def lab(store: workers.Store) -> Lab:
    """The images and machines of this run."""
    return Lab(store)
