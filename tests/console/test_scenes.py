"""The scenes of docs/recovery.md's pictures can be played: here without QEMU, on a pty."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import screens

LAST = {"cured": "-- jump", "menu": " Edit: gentoo-nofb"}


@pytest.mark.slow
@pytest.mark.parametrize("name", screens.SCENES)
def test_a_scene_comes_to_its_end(name: str, tmp_path: Path) -> None:
    assert LAST[name] in screens.act(screens.SCENES[name], tmp_path, quick=True).split("\n")
