"""Each code's own example triggers it and nothing else; its cure triggers nothing."""

from __future__ import annotations

import pytest

from kxsh.checker import check_source
from kxsh.checker.codes import CODES
from kxsh.checker.codes.code import Code
from kxsh.source import Source

SHOWN = [code for code in CODES.values() if code.bad and not code.facts]


def found(text: str) -> set[str]:
    return {item.code for item in check_source(Source("t.kxs", text))}


@pytest.mark.parametrize("code", SHOWN, ids=lambda code: code.code)
def test_example(code: Code) -> None:
    assert found(code.bad) == {code.code}
    assert found(code.good) == set()


# What no text alone shows: a second file, bytes that are not UTF-8, 500 findings.
UNSHOWN = {"KX112", "KX903", "KX904"}


@pytest.mark.parametrize("code", CODES.values(), ids=lambda code: code.code)
def test_everything_is_explained(code: Code) -> None:
    assert len(code.text) > 60 and code.title
    if code.code not in UNSHOWN:
        assert code.bad.startswith("kxs 1\n") or code.code == "KX012"
        assert code.good.startswith("kxs 1\n")
    assert code.fix in ("", "safe", "unsafe")
