"""Letters of twice the size."""

from __future__ import annotations

import pytest

from kxsh.errors import Failure
from kxsh.machine.linux import font


def test_each_point_becomes_four() -> None:
    glyph = bytes([0b10000001, 0b01100000, *bytes(30)])
    made = font.doubled(glyph * 2, width=8, height=16, count=2)
    assert len(made) == 2 * 32 * 2
    for start in (0, 64):
        rows = [
            f"{int.from_bytes(made[at : at + 2], 'big'):016b}" for at in range(start, start + 10, 2)
        ]
        assert rows == ["1100000000000011"] * 2 + ["0011110000000000"] * 2 + ["0" * 16]


def test_what_is_no_console_says_so() -> None:
    with pytest.raises(Failure, match="enlarging the letters of /dev/null"):
        font.double("/dev/null")
    with pytest.raises(Failure):
        font.double("/dev/there-is-none")
