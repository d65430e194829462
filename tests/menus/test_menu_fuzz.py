"""A minute of files that no person writes (`make fuzz` takes longer), for every reader."""

from __future__ import annotations

import os
from pathlib import Path

import menu_fuzz
import pytest
from menu_samples import SAMPLES

from kxsh.menus import kboot


@pytest.mark.slow
def test_a_minute_of_random_files(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shared = Path(os.environ.get("KXSH_SHARED", root.parent / "shared"))
    tally = menu_fuzz.run(60, shared, first=int.from_bytes(os.urandom(3)) * 1000)
    with capsys.disabled():
        print(f"\nmenu readers: {tally.files} random files, the slowest {tally.slowest:.2f} s")
    assert not tally.broken, "\n\n".join(f"{one}" for one in tally.broken[:3])
    assert tally.files > 500


def test_it_sees_what_a_reader_does_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("a line")

    tally = menu_fuzz.Tally()
    tally.read("kboot", SAMPLES["kboot"].entry.encode())
    assert tally.files == 1 and not tally.broken
    monkeypatch.setattr(kboot, "read", broken)
    tally.read("kboot", b"x")
    ((form, data, fault),) = tally.broken
    assert (form, data, fault) == ("kboot", b"x", "KeyError: 'a line'")
