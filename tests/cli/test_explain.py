"""`kxsh --explain`: every code, however it is spelled, in 80 columns."""

from __future__ import annotations

import pytest

from kxsh.checker.codes import CODES
from kxsh.checker.codes.at_run import AT_RUN
from kxsh.checker.codes.code import Code
from kxsh.checker.codes.explanation import explained, explanation
from kxsh.cli import main
from kxsh.errors import KxshError


def test_a_code_in_any_spelling(capsys: pytest.CaptureFixture[str]) -> None:
    shown = set()
    for word in ("KX301", "kx301", "301", "[KX301]", "error[KX301]:"):
        assert main(["--explain", word]) == 0
        shown.add(capsys.readouterr().out)
    assert len(shown) == 1
    assert shown.pop().startswith("KX301 (error): ")


@pytest.mark.parametrize("code", AT_RUN)
def test_codes_that_only_a_run_ends_with(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--explain", code]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{code}: ")
    assert all(len(line) <= 80 for line in lines)


def test_every_code_that_an_error_has_is_explained() -> None:
    waiting, known = [KxshError], set()
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        known.add(kind.code)
    assert [code for code in known if not explained(code)] == []


def test_several_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--explain", "KX101", "KX301"]) == 0
    out = capsys.readouterr().out
    assert out.index("KX101 (error)") < out.index("KX301 (error)")


def test_an_unknown_code_is_told_and_the_others_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--explain", "KX30l", "KX101", "x\x1b[31m"]) == 2
    shown = capsys.readouterr()
    assert "KX101 (error)" in shown.out
    assert "kxsh: there is no code KX30l: did you mean KX30" in shown.err
    assert "\x1b" not in shown.err


def test_alone_it_lists_every_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:5] for line in lines if line.startswith("KX")] == sorted(CODES)


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_each_fits_the_screen(code: Code) -> None:
    lines = list(explanation(code))
    # A script's line is shown as it is.
    prose = [line for line in lines if not line.startswith("    ")]
    assert [line for line in prose if len(line) > 80 or not line.isascii()] == []


def test_all_parts_are_shown() -> None:
    code = Code("KX999", "warning", "t", "One\ntwo.\n\nThree.", "bad\n", "good\n", "safe", ("esp",))
    assert "\n".join(explanation(code)) == (
        "KX999 (warning): t\n\nOne two.\n\nThree.\n\nFound in:\n    bad\n\nBetter:\n    good\n\n"
        "Checked only where --esp supplies the facts.\n"
        "Cured by --fix, where the cure is certain enough.\n"
        "Silenced on one line by the comment: # kxs: allow KX999 REASON"
    )
