"""The time before a locked machine restarts: keys neither fill the screen nor hold it up."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from test_access import HASH, OFF, QUESTION, ends_outside, locked

_LEFT = r"restarting in (\d+)s"


@pytest.mark.parametrize("term", ["linux", "dumb"])
@pytest.mark.parametrize("key", ["\x03", "\r", "\x1b"])
def test_leaving_the_question_keeps_the_line_and_the_time(
    tmp_path: Path, term: str, key: str
) -> None:
    cmdline = f"kxsh.recovery=password,6s kxsh.password={HASH}"
    with locked(tmp_path, "--script", "fails", cmdline=cmdline, term=term) as screen:
        screen.wait_cursor(QUESTION)
        began = 0.0
        for _ in range(4):
            screen.type(key)
            screen.wait(_LEFT)
            began = began or time.monotonic()
            screen.type("x")
            screen.wait_cursor(QUESTION)
            assert "restarting" not in screen.text
            assert len(re.findall(QUESTION, screen.text)) == 1
            time.sleep(0.5)
        screen.type(key)
        ends_outside(screen)
        assert time.monotonic() - began < 12  # one time of six seconds, not five


@pytest.mark.parametrize("term", ["linux", "dumb"])
def test_keys_that_mean_nothing_repeat_no_line(tmp_path: Path, term: str) -> None:
    cmdline = OFF.replace("1s", "5s")
    with locked(tmp_path, "--script", "recovery", cmdline=cmdline, term=term) as screen:
        screen.wait("restarting in 5s")
        for _ in range(5):
            screen.type("x\r\x03")
            screen.pump(0.1)
        screen.wait("restarting in [123]s")
        assert screen.text.count("restarting in") == 1
        assert screen.everything.count("restarting in 5s") == 1
        ends_outside(screen)
